"""The control room in a browser, in Chinese: a scan appears by itself, and a call for help stands above every page."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx2
import pytest
from playwright.sync_api import Page, expect

from server.patrol.evidence.chain import FIRST_HASH, event_hash
from tests.support.accessibility import assert_accessible, assert_fits
from tests.support.plantroom import RunningPlantroom

WITHIN_MS = 20_000
pytestmark = pytest.mark.browser


class Sender:
    """A phone without a screen: what it records goes out at once."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client
        self._device, self._boot = str(uuid4()), str(uuid4())
        self._seq, self._prev = 0, FIRST_HASH
        self.bundle = client.get("patrol/bundle", params={"device": self._device, "app": "0.1.0"}).json()

    def send(self, kind: str, payload: dict[str, object]) -> None:
        self._seq += 1
        event: dict[str, object] = {
            "id": str(uuid4()),
            "device_id": self._device,
            "seq": self._seq,
            "prev": self._prev,
            "kind": kind,
            "wall_ms": round(time.time() * 1000),
            "mono_ms": round(time.monotonic() * 1000),
            "boot": self._boot,
            "server_seen_ms": None,
            "server_seen_mono_ms": None,
            "place": None,
            "battery_percent": 80,
            "app": "0.1.0",
            "user_id": self.bundle["user"]["id"],
            "payload": payload,
        }
        event["hash"] = self._prev = event_hash(event)
        body = {
            "device_id": self._device,
            "app": "0.1.0",
            "events": [event],
            "sent": {"wall_ms": event["wall_ms"], "mono_ms": event["mono_ms"], "boot": self._boot},
        }
        answer = self._client.post("patrol/sync", json=body)
        assert answer.is_success, answer.text
        assert answer.json()["results"][0]["status"] == "accepted", answer.text


def a_round_for(plantroom: RunningPlantroom, guard_id: int) -> dict[str, Any]:
    """A round of one checkpoint with a label, open now, walked by the guard."""
    with plantroom.client("admin") as admin:
        checkpoint = next(
            one
            for one in admin.get("patrol/checkpoints").json()["items"]
            if any(tag["kind"] == "qr" for tag in one["tags"])
        )
        route = admin.post(
            "patrol/routes",
            json={
                "key": f"test-{uuid4().hex[:8]}",
                "name": {"en": "Test walk", "zh": "测试巡更"},
                "site_id": checkpoint["site_id"],
                "legs": [{"checkpoint_id": checkpoint["id"]}],
            },
        ).json()
        starts = datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(minutes=2)
        made = admin.post(
            "patrol/schedules",
            json={
                "route_id": route["id"],
                "rrule": "FREQ=DAILY",
                "starts": [f"{starts:%H:%M}"],
                "window_s": 7200,
                "valid_from": f"{starts - timedelta(days=1):%Y-%m-%d}",
                "user_id": guard_id,
            },
        )
        assert made.is_success, made.text
        since = datetime.now(UTC) - timedelta(hours=1)
        span = {"from": since.isoformat(), "to": (since + timedelta(hours=2)).isoformat()}
        rounds = admin.get("patrol/rounds", params=span).json()["items"]
        found: dict[str, Any] = next(one for one in rounds if one["route_id"] == route["id"])
        return {**found, "checkpoint": checkpoint}


def test_a_scan_appears_by_itself_and_a_call_for_help_stands_above_every_page(
    running_plantroom: RunningPlantroom, page: Page
) -> None:
    with running_plantroom.client("guard") as guard:
        phone = Sender(guard)
        walk = a_round_for(running_plantroom, phone.bundle["user"]["id"])
        label = next(tag["code"] for tag in walk["checkpoint"]["tags"] if tag["kind"] == "qr")

        running_plantroom.enter(page, "engineer")
        page.goto(f"{running_plantroom.url}/patrol")
        bar = page.get_by_role("button").filter(has_text="测试巡更").first
        expect(bar).to_contain_text("已完成 0/1")
        expect(page.get_by_text("实时", exact=True)).to_be_visible()
        assert_accessible(page)
        assert_fits(page)

        # a guard scans somewhere in the building: the room shows it without a reload
        phone.send("round_started", {"round_id": walk["id"]})
        phone.send(
            "scan",
            {
                "round_id": walk["id"],
                "checkpoint_id": walk["checkpoint"]["id"],
                "how": "photo",
                "text": label,
                "reason": "标签损坏",
                "photo_ids": [str(uuid4())],
            },
        )
        expect(bar).to_contain_text("已完成 1/1", timeout=WITHIN_MS)
        bar.click()
        page.get_by_role("dialog").get_by_role("link", name="查看任务全部内容").click()
        expect(page.get_by_text("以照片和原因代替标签。").first).to_be_visible()
        assert_accessible(page)

        # a call for help reaches an engineer who looks at something else
        page.goto(f"{running_plantroom.url}/tickets")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        phone.send("sos", {"message": "楼梯间有人受伤"})
    calls = page.get_by_role("region", name="求助")
    expect(calls).to_contain_text("楼梯间有人受伤", timeout=WITHIN_MS)
    assert_accessible(page)
    calls.get_by_role("button", name="我来处理").click()
    expect(calls).to_contain_text("响应")
    calls.get_by_role("button", name="已解除").click()
    expect(calls).to_be_hidden()


def test_what_is_refused_keeps_what_was_typed_and_what_is_saved_is_there_after_a_reload(
    running_plantroom: RunningPlantroom, page: Page
) -> None:
    key = f"tank-{uuid4().hex[:6]}"
    running_plantroom.enter(page, "engineer")

    # a form with an item that is asked only where another one fails
    page.goto(f"{running_plantroom.url}/forms/new")
    form_key = page.get_by_label("编号").first
    form_key.fill("pump-room")
    named(page, 0, "水箱检查", "Tank check")
    page.get_by_role("button", name="增加一项").click()
    named(page, 1, "有无渗漏", "Leaks")
    page.get_by_role("button", name="增加一项").click()
    named(page, 2, "渗漏位置", "Where it leaks")
    page.get_by_label("类型").nth(1).select_option(label="文字")
    page.get_by_label("仅在以下情况填写").select_option(label="有无渗漏")
    preview = page.get_by_role("region", name="手机上的样子")
    expect(preview.get_by_label("渗漏位置")).to_be_hidden()
    preview.get_by_role("button", name="不正常").click()
    expect(preview.get_by_label("渗漏位置")).to_be_visible()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("pump-room")
    expect(page.get_by_label("名称（中文）").nth(2)).to_have_value("渗漏位置")
    assert_accessible(page)
    assert_fits(page)
    form_key.fill(key)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("有无渗漏 · 渗漏位置")).to_be_visible()

    # a checkpoint that asks for it
    page.goto(f"{running_plantroom.url}/patrol/plan/checkpoints")
    page.get_by_role("button", name="新增").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("编号").fill("lobby")
    named(page, 0, "水箱间", "Tank room")
    dialog.get_by_label("填写的表单").select_option(label="水箱检查")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_role("alert")).to_contain_text("lobby")
    dialog.get_by_label("编号").fill(key)
    dialog.get_by_role("button", name="保存").click()
    expect(dialog).to_be_hidden()
    page.reload()
    page.get_by_role("button", name="编辑 水箱间").click()
    expect(dialog.get_by_label("填写的表单").locator("option:checked")).to_have_text("水箱检查")
    assert_accessible(page)


def named(page: Page, index: int, zh: str, en: str) -> None:
    """Fill in a name in both languages."""
    page.get_by_label("名称（中文）").nth(index).fill(zh)
    page.get_by_label("名称（英文）").nth(index).fill(en)
