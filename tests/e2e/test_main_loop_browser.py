"""The whole loop as an engineer goes through it in a browser, in Chinese: the sensor has the last word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec
import pytest
from playwright.sync_api import Locator, Page, expect

from telemetry.bus import delivered
from telemetry.messages import FaultCommand
from telemetry.topics import SIMULATOR_FAULTS
from tests.support.accessibility import assert_accessible, assert_fits
from tests.support.plantroom import RunningPlantroom
from tests.support.rules import change_rule
from tests.support.waiting import eventually

RULE = "vibration_1"
DELAYS = {"on_delay_s": 3, "off_delay_s": 2, "verify_s": 12}
ASSET, ALARM = "A座水泵机组", "1号泵振动偏高"
WITHIN_MS = 90_000
"""The sensor reports every ten seconds; nothing here pretends otherwise."""

pytestmark = pytest.mark.browser


@pytest.fixture
def quick_rule(running_plantroom: RunningPlantroom) -> Iterator[None]:
    """Shorter delays, by the same way an admin changes them."""
    with running_plantroom.client("admin") as admin:
        rules = admin.get("rules", params={"profile": "pump"}).json()["items"]
        rule = next(rule for rule in rules if rule["key"] == RULE)
        assets = admin.get("assets", params={"profile": "pump"}).json()["items"]
        asset = next(asset["id"] for asset in assets if asset["key"] == "pump-a")
        change_rule(admin, rule["id"], DELAYS, asset_id=asset)
        yield
        before = {name: rule[name] for name in DELAYS}
        change_rule(admin, rule["id"], before, asset_id=asset)


def debris(plantroom: RunningPlantroom, action: Literal["start", "end"]) -> None:
    """Let debris lodge in the impeller of pump A, so that it shakes, or take it out: both act at once."""
    command = FaultCommand(action, "pump-a", "impeller_imbalance", severity=0.5, develop_s=0)
    bus = plantroom.bus("test-faults")
    assert delivered([bus.publish(SIMULATOR_FAULTS, msgspec.json.encode(command))], timeout_s=30)
    bus.stop()


def log_in(page: Page, plantroom: RunningPlantroom, name: str) -> None:
    page.goto(f"{plantroom.url}/login")
    page.get_by_label("登录名").fill(name)
    page.get_by_label("密码").fill(plantroom.password(name))
    assert_accessible(page)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("navigation", name="主导航").first).to_be_visible()


def button(within: Page | Locator, name: str) -> Locator:
    return within.get_by_role("button", name=name, exact=True)


def test_from_the_fault_to_the_ticket_that_closes_on_evidence(
    running_plantroom: RunningPlantroom, page: Page, quick_rule: None
) -> None:
    log_in(page, running_plantroom, "engineer")
    eventually_live(running_plantroom)
    debris(running_plantroom, "start")

    # the overview shows it by itself, without a reload
    line = page.get_by_role("link").filter(has_text=f"{ASSET} · {ALARM}").first
    expect(line).to_be_visible(timeout=WITHIN_MS)
    assert_accessible(page)
    line.click()

    # acknowledged: somebody knows, nothing more
    drawer = page.get_by_role("dialog").filter(has_text=ALARM)
    button(drawer, "确认").click()
    asking = page.get_by_role("dialog", name="确认 1 条告警")
    asking.get_by_label("备注").fill("去现场查看")
    assert_accessible(page)
    button(asking, "确认").click()
    expect(drawer.get_by_text("已确认").first).to_be_visible()
    assert_accessible(page)
    drawer.get_by_role("link", name="查看工单").click()

    # taken, arrived
    expect(page.get_by_role("heading", name=ALARM)).to_be_visible()
    button(page, "接单").click()
    button(page, "我已到场").click()
    assert_accessible(page)

    # closing early is refused, and the reason names the sensor, its value and its limit
    button(page, "关闭工单").click()
    refusal = page.get_by_role("dialog", name="暂不能关闭")
    expect(refusal.get_by_role("alert")).to_contain_text("1号泵振动")
    expect(refusal.get_by_role("alert")).to_contain_text(re.compile(r"2\.80? ?mm/s"))
    assert_accessible(page)
    button(refusal, "传感器验证通过后自动关闭").click()
    expect(page.get_by_text("传感器验证通过后自动关闭。")).to_be_visible()

    # the repair: the sensor comes back into its band, and the ticket closes by itself
    debris(running_plantroom, "end")
    expect(page.get_by_text("经传感器验证后关闭").first).to_be_visible(timeout=WITHIN_MS)
    assert_accessible(page)
    history = page.locator("section").filter(has=page.get_by_role("heading", name="历史记录"))
    for event in ("上报", "接单", "到场", "等待传感器验证", "关闭"):
        expect(history.get_by_text(event, exact=True).first).to_be_visible()

    # and nobody wrote that by hand
    ticket_id = int(page.url.rpartition("/")[2])
    with running_plantroom.client("guard") as guard:
        ticket = guard.get(f"tickets/{ticket_id}").json()
    assert (ticket["status"], ticket["close_kind"], ticket["closed_by"]) == (
        "closed",
        "verified",
        "plantroom",
    )
    closing = ticket["events"][-1]
    assert closing["kind"] == "closed"
    assert closing["data"], "the readings it closed on"


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_every_screen_is_accessible(
    running_plantroom: RunningPlantroom, page: Page, width: int, locale: str
) -> None:
    browser = page.context.browser
    assert browser is not None
    with browser.new_context(viewport={"width": width, "height": 900}, locale=locale) as context:
        tab = context.new_page()
        with running_plantroom.client("admin") as admin:
            asset = admin.get("assets", params={"q": "pump-a"}).json()["items"][0]["id"]
        running_plantroom.enter(tab, "admin")
        for path in ("/", "/alarms", "/tickets", "/assets", f"/assets/{asset}", "/rules", "/more"):
            tab.goto(f"{running_plantroom.url}{path}")
            expect(tab.get_by_role("main")).to_be_visible()
            tab.wait_for_load_state("load")
            assert_accessible(tab)
            assert_fits(tab)


def eventually_live(plantroom: RunningPlantroom) -> None:
    """Wait until the history is written and the simulator plays the present."""
    eventually(
        lambda: "live" in plantroom.output.partition("simulator")[2], 120, what="the simulator is live"
    )
