"""The pages around alarms in a browser, in Chinese: a power cut, a shelf, a window, the health."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from server.clock import utc_now
from tests.server.conftest import PASSWORD, Clock
from tests.server.incidents.scenes import Site
from tests.support.accessibility import assert_accessible, assert_fits
from tests.support.ports import free_port
from tests.support.waiting import eventually

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


@pytest.fixture
def url(app: FastAPI) -> Iterator[str]:
    """The application on a real socket, without the threads that need a broker."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    eventually(lambda: server.started, what="the server is up")
    yield f"http://127.0.0.1:{port}"
    app.state.hub.close()
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def today(clock: Clock) -> None:
    """The browser has a clock of its own."""
    clock.now = utc_now()


def _look(page: Page) -> None:
    """On the desk and on a phone."""
    for size in (PHONE, DESK):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert_fits(page)
        assert_accessible(page)


def test_a_power_cut_a_shelf_and_a_window(
    today: None, site: Site, url: str, password: str, page: Page
) -> None:
    for one in (("meter-main", "phase_loss"), ("meter-a", "phase_loss"), ("elevator-a1", "mains_lost")):
        site.raise_(*one)
    site.raise_("elevator-b1", "motor_hot")
    page.goto(f"{url}/login")
    page.get_by_label("登录名").fill("erik")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()

    page.get_by_role("link", name="告警", exact=False).first.click()
    page.get_by_role("link", name="事件", exact=True).click()
    _look(page)
    page.get_by_role("link").filter(has_text="缺相").click()
    expect(page.get_by_text("供电中断")).to_be_visible()
    expect(page.get_by_text("2 条告警均可由断电解释")).to_be_visible()
    expect(page.get_by_role("img")).to_be_visible()
    _look(page)
    page.get_by_role("button", name="确认其 3 条告警").click()
    page.get_by_role("dialog").get_by_label("备注").fill("市电停电，已通知供电局")
    page.get_by_role("dialog").get_by_role("button", name="确认", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("确认其"))).to_have_count(0)

    page.goto(f"{url}/alarms")
    page.get_by_role("button", name="电机过热").click()
    page.get_by_role("dialog").get_by_role("button", name="搁置").click()
    asking = page.get_by_role("dialog", name="搁置 1 条告警")
    asking.get_by_label("原因").fill("更换传感器")
    assert_accessible(page)
    asking.get_by_role("button", name="搁置", exact=True).click()
    expect(page.get_by_text("已搁置：到期前不通知任何人")).to_be_visible()
    _look(page)

    page.goto(f"{url}/windows")
    page.get_by_role("button", name="新建窗口").click()
    asking = page.get_by_role("dialog")
    asking.get_by_label("位置").select_option(label="火灾报警控制器 (fire-panel)")
    asking.get_by_label("消防", exact=True).check()
    asking.get_by_label("原因").fill("年度联动测试")
    assert_accessible(page)
    asking.get_by_role("button", name="设置窗口").click()
    expect(page.get_by_text("年度联动测试")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^(1:59|2:00):\d\d$"))).to_be_visible()
    _look(page)
    page.get_by_role("button", name="调整结束时间").click()
    asking = page.get_by_role("dialog")
    asking.get_by_label("原因").fill("联动测试未完成")
    assert_accessible(page)
    asking.get_by_role("button", name="调整结束时间").click()
    expect(page.get_by_text(re.compile(r"^(2:59|3:00):\d\d$"))).to_be_visible()
    page.get_by_role("button", name="立即结束").click()
    page.get_by_role("dialog").get_by_role("button", name="立即结束").click()
    expect(page.get_by_text("没有维护窗口")).to_be_visible()

    page.goto(f"{url}/assets/{site.assets['elevator-b1'][0]}")
    page.get_by_role("button", name="停用", exact=True).click()
    asking = page.get_by_role("dialog")
    asking.get_by_label("原因").fill("改造")
    asking.get_by_role("button", name="停用", exact=True).click()
    expect(asking).to_have_count(0)
    expect(page.get_by_text("恢复时间未定")).to_be_visible()
    assert_accessible(page)

    page.goto(f"{url}/alarm-health")
    expect(page.get_by_text("每人每10分钟告警数").first).to_be_visible()
    _look(page)
