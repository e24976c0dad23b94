"""The API: one's own settings for everybody, the rest for admins; no secret ever comes back."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from server.audit.models import AuditEvent
from server.db import transaction
from server.identity.roles import Role
from server.notifications.models import Channel
from server.settings import ServerSettings
from tests.server.conftest import Cast
from tests.server.notifications.conftest import Desk
from tests.server.notifications.providers import DING_SECRET, Providers
from tests.server.notifications.test_push import Browser

AsRole = Callable[[Role], TestClient]
URL = "/api/v1/notifications"


@pytest.fixture
def settings(settings: ServerSettings) -> ServerSettings:
    return settings.model_copy(update={"private_webhooks": True})


@pytest.fixture
def admin(as_role: AsRole) -> TestClient:
    return as_role(Role.ADMIN)


def dingtalk(providers: Providers) -> dict[str, object]:
    url = f"{providers.url}/robot/send?access_token=token-d"
    return {
        "kind": "dingtalk",
        "name": "Night group",
        "settings": {"language": "zh"},
        "secrets": {"url": url, "secret": DING_SECRET},
    }


def test_the_test_button_says_what_really_happened(
    admin: TestClient, providers: Providers, caplog: pytest.LogCaptureFixture, desk: Desk
) -> None:
    caplog.set_level(logging.DEBUG)
    for chatty in ("httpx2", "httpcore2"):  # as logs.configure does: they would log whole addresses
        caplog.set_level(logging.WARNING, logger=chatty)
    made = admin.post(f"{URL}/channels", json=dingtalk(providers))
    assert made.status_code == 201, made.text
    tried = admin.post(f"{URL}/channels/{made.json()['id']}/test").json()
    assert tried["ok"], tried
    assert tried["answer"]["en"].startswith("taken (HTTP 200). It said: “")
    assert tried["answer"]["zh"].startswith("对方已接收（HTTP 200）。对方原文：“")
    assert '"errcode": 0' in tried["answer"]["zh"]
    change = {"version": 1, "name": "Night group", "enabled": True, "secrets": {"secret": "wrong"}}
    changed = admin.put(f"{URL}/channels/{made.json()['id']}", json=change)
    assert changed.json()["version"] == 2
    tried = admin.post(f"{URL}/channels/{made.json()['id']}/test").json()
    assert not tried["ok"]
    assert tried["answer"]["zh"].endswith("。对方原文：“310000 sign not match”")
    said = made.text + changed.text + admin.get(f"{URL}/channels").text + caplog.text
    with desk.db() as session:
        kept = session.scalars(select(Channel)).one()
        said += str(kept.settings) + kept.secrets
        said += str([event.detail for event in session.scalars(select(AuditEvent))])
    assert "token-d" not in said
    assert DING_SECRET not in said
    assert changed.json()["secrets_set"] == ["secret", "url"]
    assert changed.json()["shown"] == "127.0.0.1"


def test_a_channel_whose_secrets_cannot_be_read_says_so(
    admin: TestClient, providers: Providers, desk: Desk
) -> None:
    made = admin.post(f"{URL}/channels", json=dingtalk(providers)).json()
    with transaction(desk.db) as session:
        session.get_one(Channel, made["id"]).secrets = "sealed with another key"
    why = "无法读取该通道的密钥：是否更改过 PLANTROOM_SERVER_KEY？"
    [channel] = admin.get(f"{URL}/channels").json()["items"]
    assert (channel["shown"], channel["broken"]["zh"]) == (None, why)
    tried = admin.post(f"{URL}/channels/{made['id']}/test").json()
    assert (tried["ok"], tried["answer"]["zh"]) == (False, why)


def test_a_channel_that_somebody_changed_meanwhile_is_not_overwritten(
    admin: TestClient, providers: Providers
) -> None:
    made = admin.post(f"{URL}/channels", json=dingtalk(providers)).json()
    change = {"version": 7, "name": "Night group", "enabled": False}
    answer = admin.put(f"{URL}/channels/{made['id']}", json=change)
    assert (answer.status_code, answer.json()["code"]) == (409, "changed_meanwhile")
    assert admin.post(f"{URL}/channels", json=dingtalk(providers)).json()["code"] == "name_taken"
    assert admin.delete(f"{URL}/channels/{made['id']}").status_code == 204


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"secrets": {}}, "bad_channel"),
        ({"secrets": {"url": "ftp://example.com/x"}}, "bad_address"),
        ({"secrets": {"url": "https://user:pass@example.com/"}}, "bad_address"),
        ({"settings": {"colour": "red"}}, "bad_channel"),
    ],
)
def test_a_channel_that_cannot_work_is_refused(
    admin: TestClient, providers: Providers, change: dict[str, object], code: str
) -> None:
    answer = admin.post(f"{URL}/channels", json=dingtalk(providers) | change)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_only_admins_set_up_channels_policies_and_look_into_the_outbox(as_role: AsRole) -> None:
    plan = {"steps": [{"after_min": 0, "who": [{"type": "on_call"}]}]}
    for role in (Role.VIEWER, Role.GUARD, Role.ENGINEER):
        client = as_role(role)
        assert client.post(f"{URL}/channels", json={"kind": "email", "name": "x"}).status_code == 403
        assert client.put(f"{URL}/policies", json={"severity": "low", "plan": plan}).status_code == 403
        for path in ("channels", "policies", "outbox"):
            assert client.get(f"{URL}/{path}").status_code == 403


def test_a_policy_is_versioned_and_can_be_taken_back(demo_site: None, admin: TestClient) -> None:
    before = admin.get(f"{URL}/policies").json()["items"]
    assert [one["severity"] for one in before] == ["critical", "high", "medium", "low"]
    assert {one["source"] for one in before} == {"default"}
    plan = {"steps": [{"after_min": 0, "who": [{"type": "role", "role": "guard"}]}], "repeat_min": 5}
    body = {"site_id": 1, "severity": "high", "plan": plan}
    after = admin.put(f"{URL}/policies", json=body).json()["items"]
    assert (after[1]["source"], after[1]["version"], after[1]["plan"]["repeat_min"]) == ("site", 1, 5)
    assert admin.put(f"{URL}/policies", json=body).json()["code"] == "changed_meanwhile"
    assert admin.put(f"{URL}/policies", json=body | {"version": 1}).status_code == 200
    late = {**plan, "steps": [{**plan["steps"][0], "after_min": minutes} for minutes in (0, 40, 15)]}
    chinese = {"Accept-Language": "zh"}
    refused = admin.put(f"{URL}/policies", json=body | {"version": 2, "plan": late}, headers=chinese).json()
    assert refused["code"] == "steps_out_of_order"
    assert refused["detail"].startswith("第 3 步在 15 分钟后，早于第 2 步")
    back = admin.post(f"{URL}/policies/remove", json={"site_id": 1, "severity": "high"}).json()["items"]
    assert back[1]["source"] == "default"


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [{"after_min": 0, "who": []}],
        [{"after_min": 0, "who": [{"type": "person", "user_id": 999}]}],
        [{"after_min": 0, "who": [{"type": "on_call", "team_id": 999}]}],
        [{"after_min": 0, "who": [{"type": "on_call"}], "groups": [999]}],
        [{"after_min": 5, "who": [{"type": "on_call"}]}, {"after_min": 1, "who": [{"type": "on_call"}]}],
    ],
)
def test_an_escalation_that_ends_in_nothing_is_refused(admin: TestClient, steps: list[object]) -> None:
    body = {"severity": "high", "plan": {"steps": steps}}
    assert admin.put(f"{URL}/policies", json=body).status_code == 422


def test_everybody_sees_their_own_notices_and_no_others(as_role: AsRole, desk: Desk) -> None:
    desk.notify()
    erik, gu = as_role(Role.ENGINEER), as_role(Role.GUARD)
    assert erik.get("/api/v1/notices/unread").json() == {"unread": 1, "open": 1}
    [notice] = erik.get("/api/v1/notices").json()["items"]
    assert (notice["subject"], notice["state"], notice["is_read"]) == ("alarm:1", "open", False)
    assert gu.get("/api/v1/notices").json()["items"] == []
    gu.post("/api/v1/notices/read", json={"ids": [notice["id"]]})
    assert erik.post("/api/v1/notices/read", json={}).json() == {"unread": 0, "open": 0}
    desk.escalate(minutes=5)
    assert erik.get("/api/v1/notices/unread").json()["unread"] == 1


def test_my_settings(demo_site: None, as_role: AsRole, providers: Providers) -> None:
    gu = as_role(Role.GUARD)
    found = gu.get(f"{URL}/me").json()
    assert (found["time_zone"], found["browsers"], found["email"]) == ("Asia/Shanghai", [], None)
    body = {
        "email": "gu@example.com",
        "mobile": "13800001111",
        "quiet_from": "22:00",
        "quiet_to": "07:00",
        "time_zone": "Asia/Shanghai",
        "muted": ["email"],
    }
    assert gu.put(f"{URL}/me", json=body).json()["quiet_from"] == "22:00"
    for wrong in ({"quiet_to": None}, {"email": "a b@c"}, {"time_zone": "Moon/Base"}, {"mobile": "1"}):
        assert gu.put(f"{URL}/me", json=body | wrong).status_code == 422
    browser = Browser(f"{providers.url}/push/9").subscription
    keys = {"p256dh": browser.p256dh, "auth": browser.auth}
    added = gu.post(f"{URL}/me/browsers", json={"endpoint": browser.endpoint, "keys": keys})
    [mine] = added.json()["browsers"]
    broken = {"endpoint": browser.endpoint, "keys": keys | {"p256dh": "A" * 87}}
    assert gu.post(f"{URL}/me/browsers", json=broken).json()["code"] == "bad_subscription"
    assert gu.post(f"{URL}/me/test", json={"way": "push"}).json()["ok"] is True
    assert gu.post(f"{URL}/me/test", json={"way": "email"}).json()["code"] == "no_address"
    assert as_role(Role.VIEWER).delete(f"{URL}/me/browsers/{mine['id']}").status_code == 404
    assert gu.delete(f"{URL}/me/browsers/{mine['id']}").status_code == 204


def test_tests_are_limited(as_role: AsRole, desk: Desk) -> None:
    gu = as_role(Role.GUARD)
    codes = [gu.post(f"{URL}/me/test", json={"way": "push"}).status_code for _ in range(7)]
    assert codes == [409] * 6 + [429]


def test_the_outbox_shows_failures_and_sends_again(
    app: FastAPI, admin: TestClient, providers: Providers, desk: Desk, cast: Cast
) -> None:
    admin.post(
        f"{URL}/channels", json=dingtalk(providers) | {"secrets": {"url": f"{providers.url}/robot/send"}}
    )
    desk.notify()
    dispatcher = app.state.notifications.dispatcher
    dispatcher.run("dingtalk")
    page = admin.get(f"{URL}/outbox", params={"state": "failed"}).json()
    [failed] = page["items"]
    assert (failed["channel"], failed["recipient"], page["summary"]["failed"]) == ("Night group", None, 1)
    [channel] = admin.get(f"{URL}/channels").json()["items"]
    assert channel["last_error"]["zh"].endswith("请检查 Webhook 地址。对方原文：“300005 token is not exist”")
    assert channel["failing_since"] is not None
    detail = admin.get(f"{URL}/outbox/{failed['id']}").json()
    assert [one["outcome"] for one in detail["tries"]] == ["refused"]
    change = {
        "version": channel["version"],
        "name": "Night group",
        "enabled": True,
        "secrets": dingtalk(providers)["secrets"],
    }
    admin.put(f"{URL}/channels/{channel['id']}", json=change)
    assert admin.post(f"{URL}/outbox/{failed['id']}/retry").json()["state"] == "waiting"
    dispatcher.run("dingtalk")
    assert admin.get(f"{URL}/outbox/{failed['id']}").json()["state"] == "sent"
    assert admin.post(f"{URL}/outbox/{failed['id']}/retry").json()["code"] == "not_failed"
    assert admin.delete(f"{URL}/channels/{channel['id']}").json()["code"] == "channel_used"
