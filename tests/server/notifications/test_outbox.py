"""Exactly once for each try, also with two servers; nothing lost by one that is killed."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from sqlalchemy import select

from server.audit.service import SYSTEM
from server.db import transaction
from server.errors import Label
from server.identity import service as identity
from server.identity.roles import Role
from server.notifications import outbox
from server.notifications.channels.contract import Refused
from server.notifications.channels.outgoing import Outgoing
from server.notifications.escalation import escalate_due
from server.notifications.models import OutboxAttempt, OutboxMessage
from tests.server.conftest import Cast
from tests.server.notifications.conftest import Desk, Post
from tests.server.notifications.providers import Providers


def together(*jobs: object) -> None:
    threads = [threading.Thread(target=job) for job in jobs]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def test_two_servers_send_each_message_once(post: Post, desk: Desk, providers: Providers) -> None:
    post.webhook()
    for number in range(20):
        desk.notify(f"alarm:{number}")
    one, other = post.dispatcher, post.another().dispatcher
    together(lambda: one.run("webhook"), lambda: other.run("webhook"))
    keys = Counter(got.headers["idempotency-key"] for got in providers.of("/hook"))
    assert len(keys) == 20
    assert set(keys.values()) == {1}


def test_two_servers_take_each_step_once(desk: Desk) -> None:
    for number in range(10):
        desk.notify(f"alarm:{number}")
    desk.clock.advance(minutes=5)
    now = desk.clock.now
    together(lambda: escalate_due(desk.db, now=now), lambda: escalate_due(desk.db, now=now))
    assert Counter(message.step for message in desk.messages("in_app")) == {0: 10, 1: 10}
    assert desk.events("alarm:3").count("step") == 2


def test_what_a_killed_server_had_claimed_is_sent_again_with_the_same_key(
    post: Post, desk: Desk, providers: Providers
) -> None:
    post.webhook()
    desk.notify()
    [message] = desk.messages("webhook")
    with transaction(desk.db) as session:
        assert outbox.claim(session, message.id, by="the one that dies", now=desk.clock.now)
    assert post.send() == 0
    desk.clock.advance(seconds=91)
    assert post.send() == 1
    # the one that was thought dead comes back and must not spoil it
    with transaction(desk.db) as session:
        row = session.get_one(OutboxMessage, message.id)
        outbox.mark_sent(
            session, [row], by="the one that dies", now=desk.clock.now, answer=Label(en="late", zh="迟到")
        )
    with desk.db() as session:
        outcomes = session.scalars(select(OutboxAttempt.outcome).order_by(OutboxAttempt.id)).all()
    assert outcomes == ["lost", "sent"]
    assert [got.headers["idempotency-key"] for got in providers.of("/hook")] == [message.key]


def test_a_dead_webhook_is_tried_three_times_then_the_next_channel_and_all_is_kept(
    post: Post, desk: Desk, providers: Providers
) -> None:
    post.webhook()
    post.feishu()
    providers.status = 503
    desk.notify()
    for seconds in (0, 15, 60):
        desk.clock.advance(seconds=seconds)
        post.send()
    post.send()
    [failed], [instead] = desk.messages("webhook"), desk.messages("feishu")
    assert (failed.state, failed.attempts) == ("failed", 3)
    assert (instead.state, instead.fallback_of) == ("sent", failed.id)
    with desk.db() as session:
        tries = session.scalars(select(OutboxAttempt).where(OutboxAttempt.message_id == failed.id)).all()
    said = '对方服务器出错（HTTP 503）。对方原文：“{"thanks": true}”'
    assert [one.answer["zh"] for one in tries] == [said] * 3
    assert [one.outcome for one in tries] == ["retry", "retry", "given_up"]


def test_an_answer_cancels_what_waits_for_a_retry(post: Post, desk: Desk, providers: Providers) -> None:
    post.webhook()
    providers.status = 503
    desk.notify()
    post.send()
    desk.answered()
    desk.clock.advance(minutes=5)
    assert post.send() == 0
    assert desk.messages("webhook")[0].state == "cancelled"


def test_back_to_normal_goes_the_ways_that_worked(post: Post, desk: Desk, providers: Providers) -> None:
    post.webhook()
    desk.notify()
    post.send()
    desk.ended()
    post.send()
    assert [got.json["kind"] for got in providers.of("/hook")] == ["raised", "ended"]


def test_where_people_are_in_danger_all_ways_are_taken_at_once(
    post: Post, desk: Desk, providers: Providers
) -> None:
    post.webhook()
    post.feishu()
    post.wecom()
    desk.notify(life_safety=True, severity="low")
    post.send()
    assert {message.way for message in desk.messages() if message.state == "sent"} == {
        "in_app",
        "webhook",
        "feishu",
        "wecom",
    }


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.7",
        "192.168.1.1",
        "169.254.169.254",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "[fd00::1]",
        "100.64.0.1",
        "0.0.0.0",
    ],
)
def test_no_webhook_reaches_into_our_own_network(address: str) -> None:
    with pytest.raises(Refused, match="private network"):
        Outgoing(allow_private=False).post(f"https://{address}/hook", b"{}", {})
    with pytest.raises(Refused, match="must begin with https"):
        Outgoing(allow_private=False).post(f"http://{address}/hook", b"{}", {})


def test_a_disabled_person_is_written_to_no_more(post: Post, desk: Desk, cast: Cast) -> None:
    post.channel("email", secrets={}, host="localhost", port=9, security="none", sender="a@example.com")
    post.wish(cast.ids[Role.ENGINEER], email="erik@example.com")
    desk.notify()
    with transaction(desk.db) as session:
        user = identity.get_user(session, cast.ids[Role.ENGINEER])
        identity.update_user(session, now=desk.clock.now, actor=SYSTEM, user=user, disabled=True)
    post.send()
    assert desk.messages("email")[0].last_error == {"en": "the account is disabled", "zh": "该账号已停用"}
