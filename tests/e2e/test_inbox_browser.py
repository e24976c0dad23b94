"""An unknown device in a browser: it appears by itself, two clicks assign it, and its next value is on a page."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support.accessibility import assert_accessible, assert_fits
from tests.support.plantroom import RunningPlantroom

DEVICE = "plc-of-a-test"
SHOWN_MS = 30_000

pytestmark = pytest.mark.browser


@pytest.fixture
def inbox(running_plantroom: RunningPlantroom, page: Page) -> Iterator[Page]:
    running_plantroom.enter(page, "admin")
    page.get_by_role("link", name="接入", exact=True).click()
    expect(page.get_by_role("heading", name="接入收件箱")).to_be_visible()
    yield page


def send(plantroom: RunningPlantroom, pressure: float) -> None:
    values = {"dischargePressure": pressure, "Tank_Level": 61, "noise": 48}
    outcome = plantroom.publish(DEVICE, json.dumps({"values": values, "at": time.time()}))
    assert outcome.returncode == 0, outcome.stderr


def test_an_unknown_device_is_assigned_in_two_clicks(
    inbox: Page, running_plantroom: RunningPlantroom
) -> None:
    page = inbox
    for pressure in (410.0, 411.0):
        send(running_plantroom, pressure)
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=DEVICE)).first
    expect(card).to_be_visible(timeout=SHOWN_MS)  # nobody pressed reload
    expect(card).to_contain_text("可能是")
    expect(card).to_contain_text("出口压力")
    assert_accessible(page)
    assert_fits(page)

    # put aside, and back again
    card.get_by_role("button", name="搁置").click()
    expect(page.get_by_text(f"已搁置 {DEVICE}。")).to_be_visible()
    page.get_by_role("button", name="撤销").click()
    expect(card).to_be_visible()

    card.get_by_role("button", name="分配").click()
    dialog = page.get_by_role("dialog")
    assert_accessible(page)
    dialog.get_by_role("button", name="分配").click()
    expect(card).to_have_count(0)

    with running_plantroom.client("admin") as admin:
        (asset,) = admin.get("assets", params={"q": DEVICE}).json()["items"]
    assert asset["profile"] == "pump"
    page.goto(f"{running_plantroom.url}/assets/{asset['id']}")
    send(running_plantroom, 415.0)
    expect(page.get_by_text("415").first).to_be_visible(timeout=SHOWN_MS)

    # the device stands in the list, and the broker of this installation is said to keep no users
    page.goto(f"{running_plantroom.url}/devices?q={DEVICE}")
    page.get_by_role("button", name="签发登录").click()
    page.get_by_role("dialog").get_by_role("button", name="签发登录").click()
    expect(page.get_by_role("alert")).to_contain_text("dynamic security", timeout=SHOWN_MS)
    assert_accessible(page)
