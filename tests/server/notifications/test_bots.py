"""The bots, against a server that enforces their signatures and limits."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from server.identity.roles import Role
from tests.server.conftest import Cast
from tests.server.notifications.conftest import Desk, Post
from tests.server.notifications.providers import HOOK_SECRET, Providers


def test_dingtalk_takes_a_signed_card(post: Post, desk: Desk, providers: Providers) -> None:
    post.dingtalk()
    desk.notify()
    post.send()
    [message] = desk.messages("dingtalk")
    assert (message.state, message.attempts, message.last_error) == ("sent", 1, None)
    card = providers.of("/robot")[0].json["actionCard"]
    assert isinstance(card, dict)
    assert card["title"] == "【紧急】A座水泵机组：轴承过热"
    assert card["singleURL"] == "https://plantroom.example/alarms/1"


def test_dingtalk_calls_people_by_mobile(post: Post, desk: Desk, providers: Providers, cast: Cast) -> None:
    post.dingtalk()
    post.wish(cast.ids[Role.ENGINEER], mobile="13800001111")
    desk.notify()
    post.send()
    body = providers.of("/robot")[0].json
    assert body["at"] == {"atMobiles": ["13800001111"], "isAtAll": False}
    assert "@13800001111" in str(body["markdown"])


def test_a_wrong_signature_is_refused_and_the_next_channel_takes_it(
    post: Post, desk: Desk, providers: Providers
) -> None:
    url = f"{providers.url}/robot/send?access_token=token-d"
    post.channel("dingtalk", secrets={"url": url, "secret": "wrong"})
    post.wecom()
    desk.notify()
    post.send()
    [failed] = desk.messages("dingtalk")
    assert failed.state == "failed"
    assert failed.last_error == {
        "en": "the bot's security settings do not let it pass: secret, keyword or IP address. "
        "It said: “310000 sign not match”",
        "zh": "未通过机器人的安全设置（加签密钥、关键词或 IP 地址）。对方原文：“310000 sign not match”",
    }
    post.send()
    [instead] = desk.messages("wecom")
    assert (instead.state, instead.fallback_of) == ("sent", failed.id)


def test_wecom_takes_a_card_and_a_text_that_calls_people(
    post: Post, desk: Desk, providers: Providers, cast: Cast
) -> None:
    post.wecom()
    desk.notify()
    post.wish(cast.ids[Role.ENGINEER], mobile="13800001111")
    desk.notify("alarm:2")
    post.send()
    first, second = (one.json for one in providers.of("/cgi-bin"))
    for body in (first, second):
        assert body["msgtype"] in {"template_card", "text"}
    assert [message.state for message in desk.messages("wecom")] == ["sent", "sent"]


def test_feishu_takes_a_signed_card_in_the_colour_of_the_severity(
    post: Post, desk: Desk, providers: Providers, cast: Cast
) -> None:
    post.feishu()
    post.wish(cast.ids[Role.ENGINEER], feishu_id="ou_1")
    desk.notify(severity="high")
    post.send()
    card = providers.of("/open-apis")[0].json["card"]
    assert isinstance(card, dict)
    assert card["header"]["template"] == "orange"
    assert "<at id=ou_1></at>" in str(card["elements"])
    assert desk.messages("feishu")[0].state == "sent"


def test_a_webhook_can_tell_that_it_is_ours(post: Post, desk: Desk, providers: Providers) -> None:
    post.webhook()
    desk.notify()
    post.send()
    [got] = providers.of("/hook")
    stamp, signature = (part.partition("=")[2] for part in got.headers["plantroom-signature"].split(","))
    wanted = hmac.new(HOOK_SECRET.encode(), f"{stamp}.".encode() + got.body, hashlib.sha256)
    assert signature == wanted.hexdigest()
    assert int(stamp) == int(desk.clock.now.timestamp())
    assert got.headers["idempotency-key"] == got.json["id"] == desk.messages("webhook")[0].key
    assert (got.json["subject"], got.json["severity"], got.json["kind"]) == ("alarm:1", "critical", "raised")


def test_a_storm_goes_out_as_digests_and_the_bot_is_never_blocked(
    post: Post, desk: Desk, providers: Providers
) -> None:
    post.dingtalk()
    for number in range(60):
        desk.notify(f"alarm:{number}")
    for _ in range(60):
        post.send()
        desk.clock.advance(seconds=2)
    assert providers.blocked == 0
    messages = desk.messages("dingtalk", kind="raised")
    assert {message.state for message in messages} == {"sent"}
    assert len(providers.of("/robot")) < 20
    assert any(message.digest_id for message in messages)


def test_one_message_a_second_for_three_minutes_stays_below_the_limit(
    post: Post, desk: Desk, providers: Providers
) -> None:
    post.dingtalk()
    for number in range(0, 180, 2):
        desk.notify(f"alarm:{number}", severity="high")
        post.send()
        desk.clock.advance(seconds=2)
    assert providers.blocked == 0
    desk.clock.advance(seconds=30)
    post.send()
    assert {message.state for message in desk.messages("dingtalk")} == {"sent"}


def test_danger_to_people_is_told_alone_before_the_digest(
    post: Post, desk: Desk, providers: Providers
) -> None:
    post.dingtalk()
    for number in range(30):
        desk.notify(f"alarm:{number}")
    desk.notify("alarm:99", life_safety=True)
    post.send()
    first = desk.messages("dingtalk")[-1]
    assert (first.state, first.digest_id) == ("sent", None)
    assert "actionCard" in providers.of("/robot")[0].json


def test_a_blocked_bot_hands_over_to_the_next_channel(post: Post, desk: Desk, providers: Providers) -> None:
    post.dingtalk()
    post.feishu()
    for _ in range(20):  # somebody else uses the same bot
        providers._is_too_much("dingtalk", 20, providers.clock() - providers.clock())
    desk.notify()
    post.send()
    assert desk.messages("dingtalk")[0].state == "failed"
    post.send()
    assert desk.messages("feishu")[0].state == "sent"


@pytest.mark.parametrize("seconds", [0, 600])
def test_what_only_a_blocked_bot_can_tell_waits_until_it_is_free(
    post: Post, desk: Desk, providers: Providers, seconds: int
) -> None:
    post.dingtalk()
    for _ in range(20):
        providers._is_too_much("dingtalk", 20, providers.clock() - providers.clock())
    desk.notify()
    post.send()
    desk.clock.advance(seconds=seconds + 1)
    post.send()
    assert desk.messages("dingtalk")[0].state == ("sent" if seconds else "waiting")
