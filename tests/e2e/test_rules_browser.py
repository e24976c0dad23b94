"""A rule in a browser: no rule goes live before somebody has seen what it would have raised."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import httpx2
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.accessibility import assert_accessible, assert_fits
from tests.support.plantroom import RunningPlantroom

NAME, SECOND = "试验用温度规则", "试验用第二条规则"
FOUND = "rules?q=试验用"
"""The list comes in pages: both are looked for."""
WITHIN_MS = 30_000
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}

pytestmark = pytest.mark.browser


@pytest.fixture
def rules(running_plantroom: RunningPlantroom) -> Iterator[None]:
    """Two new rules, switched off, that nothing has met. They need an hour, so they raise in history only."""
    with running_plantroom.client("admin") as admin:
        (asset,) = admin.get("assets", params={"q": "pump-a"}).json()["items"]
        made = [new_rule(admin, asset["id"], name) for name in (NAME, SECOND)]
        yield
        for address in made:
            now = admin.get(address).json()["version"]
            removed = admin.delete(address, params={"version": now})
            assert removed.is_success, removed.text


def new_rule(admin: httpx2.Client, asset_id: int, name: str) -> str:
    """A new rule of its asset, with a limit that no pump reaches; its address."""
    body = {
        "key": f"test_{uuid4().hex[:8]}",
        "profile": "pump",
        "asset_id": asset_id,
        "name": {"en": f"Rule of a test ({name})", "zh": name},
        "severity": "low",
        "condition": {"type": "limit", "point": "discharge_pressure", "high": 5000},
        "on_delay_s": 3600,
        "opens_ticket": False,
    }
    made = admin.post("rules", json=body)
    assert made.is_success, made.text
    return f"rules/{made.json()['id']}"


def button(within: Page | Locator, name: str) -> Locator:
    return within.get_by_role("button", name=name, exact=True)


@pytest.mark.usefixtures("rules")
def test_a_changed_limit_goes_live_once_its_back_test_was_seen(
    running_plantroom: RunningPlantroom, page: Page
) -> None:
    running_plantroom.enter(page, "admin")
    page.goto(f"{running_plantroom.url}/{FOUND}")
    tried_together(page, NAME, SECOND)
    page.get_by_role("dialog").get_by_role("link", name=NAME).click()

    # as it was, it is seen now; changed, it is another rule
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    expect(page.get_by_text("已记录您查看过此结果")).to_be_visible()
    page.get_by_label("高于").fill("-50")
    expect(page.get_by_text("高于 -50")).to_be_visible()  # the sentence follows the form
    button(page, "保存").click()
    expect(page.get_by_text("版本 2")).to_be_visible()
    button(page, "启用").click()
    expect(page.get_by_role("alert")).to_contain_text("请先运行回测并查看")

    button(page, "运行").click()
    alarms = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="告警", exact=True))
    expect(alarms.get_by_role("cell")).to_have_text("1", timeout=WITHIN_MS)
    expect(page.get_by_text("已记录您查看过此结果")).to_be_visible()
    button(page, "启用").click()
    expect(button(page, "停用")).to_be_visible()
    looks_right_in_both_languages(page, running_plantroom)


def tried_together(page: Page, *names: str) -> None:
    """Chosen in the list and run over the same history; neither would have raised anything."""
    for name in names:
        page.get_by_role("checkbox", name=f"选择{name}").check()
    button(page, f"一起回测 {len(names)} 条").click()
    dialog = page.get_by_role("dialog")
    button(dialog, "全部运行").click()
    sums = dialog.get_by_role("row").filter(has=page.get_by_role("rowheader", name="合计"))
    expect(sums.get_by_role("cell").nth(1)).to_have_text("0", timeout=WITHIN_MS)


def looks_right_in_both_languages(page: Page, plantroom: RunningPlantroom) -> None:
    rule_page = page.url
    for language, size in (("zh", PHONE), ("en", DESK)):
        page.evaluate("language => localStorage.setItem('plantroom.language', language)", language)
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.goto(rule_page)
        expect(page.get_by_role("table").first).to_be_visible()
        assert_accessible(page)
        assert_fits(page)
        page.goto(f"{plantroom.url}/{FOUND}")
        expect(page.get_by_role("link").filter(has_text=NAME)).to_be_visible()
        assert_accessible(page)
        assert_fits(page)
