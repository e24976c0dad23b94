"""A whole round as a guard walks it with a phone: with signal, without any, and by a tag's own address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Playwright, expect
from sqlalchemy import select

from server.audit.service import Actor
from server.clock import utc_now
from server.db import transaction
from server.patrol.evidence.models import PatrolException, Scan
from server.patrol.on_site.models import Finding, FormAnswers, Handover, Photo
from server.patrol.rounds import service as rounds
from server.patrol.rounds.models import GuardCall, Round, RoundLeg
from server.patrol.safety import calls, lone_workers
from server.patrol.safety.models import LoneWorker, Sos
from server.web.requests import writing
from tests.support.accessibility import assert_accessible, assert_fits
from tests.support.phone import PASSWORD, PatrolSite, Phone, photo
from tests.support.waiting import eventually

pytestmark = pytest.mark.browser

NewPhone = Callable[[], Phone]
WITHIN_MS = 20_000


@pytest.fixture
def new_phone(playwright: Playwright, patrol_site: PatrolSite, tmp_path: Path) -> Iterator[NewPhone]:
    phones: list[Phone] = []

    def make() -> Phone:
        phones.append(Phone(playwright, tmp_path / f"phone-{len(phones)}", patrol_site))
        return phones[-1]

    yield make
    for phone in phones:
        phone.close()
        assert not phone.problems, f"the page threw: {phone.problems}"


def button(within: Page | Locator, name: str) -> Locator:
    return within.get_by_role("button", name=name, exact=True)


def log_in(page: Page, name: str) -> None:
    page.get_by_label("登录名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    button(page, "登录").click()


def look_over(page: Page) -> None:
    """What holds for every screen: readable by all, nothing cut off, nothing too small for a thumb."""
    assert_accessible(page)
    assert_fits(page)
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, a[href], select, textarea, summary, input, label:has(input)')]
            .filter((one) => one.checkVisibility() && !one.matches('label input'))
            .map((one) => [one.outerHTML.slice(0, 120), one.getBoundingClientRect()])
            .filter(([, box]) => box.width > 0 && (box.width < 48 || box.height < 48))
            .map(([text, box]) => `${Math.round(box.width)}x${Math.round(box.height)} ${text}`)"""
    )
    assert not small, f"{page.url}: too small for a thumb: {small}"


def scan(phone: Phone, page: Page, address: str) -> None:
    """Hold the phone to a label."""
    phone.show(address)
    button(page, "扫描此点").click()


def fill_in(page: Page) -> None:
    """The form of the pump room: a good pump, its pressure and a photo of the gauge."""
    page.get_by_role("radio", name="正常", exact=True).check()
    page.get_by_label("压力", exact=True).fill("0,62")
    take_photo(page)


def take_photo(page: Page) -> None:
    page.locator('input[type="file"]').set_input_files(
        {"name": "gauge.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    expect(page.get_by_alt_text("照片 1")).to_be_visible(timeout=WITHIN_MS)


def walk(phone: Phone, page: Page, site: PatrolSite, *, first: int = 0) -> None:
    """From the point ``first`` to the end of the round, by camera."""
    for index, stop in enumerate(site.stops[first:], start=first):
        expect(page.get_by_role("heading", name=stop.zh)).to_be_visible()
        scan(phone, page, stop.address)
        expect(button(page, "完成")).to_be_visible(timeout=WITHIN_MS)
        if index == 0:
            fill_in(page)
            look_over(page)
        button(page, "完成").click()


def finish(page: Page) -> None:
    button(page, "结束巡检").click()
    pad = page.get_by_role("img", name="请用手指签名")
    pad.hover()
    page.mouse.down()
    page.mouse.move(150, 500, steps=4)
    page.mouse.up()
    button(page, "结束巡检").click()
    expect(page.get_by_role("heading", name="我的巡检")).to_be_visible()


def assert_whole(site: PatrolSite, round_id: int) -> None:
    """The server has the round, each point proved, the form and every photo, once."""
    with site.read() as session:
        walked = session.get_one(Round, round_id)
        legs = session.scalars(select(RoundLeg).where(RoundLeg.round_id == round_id)).all()
        scans = session.scalars(select(Scan).where(Scan.round_id == round_id)).all()
        answers = session.scalars(select(FormAnswers).where(FormAnswers.round_id == round_id)).all()
        assert (walked.state, [leg.state for leg in legs]) == ("finished", ["done"] * 3)
        assert sorted(scan.checkpoint_id or 0 for scan in scans) == [stop.id for stop in site.stops]
        assert {scan.strength for scan in scans} <= {"strong", "fair"}, [scan.reasons for scan in scans]
        assert [(one.answers["pressure"], one.problems) for one in answers] == [(62, [])]
        gauge = answers[0].answers["gauge"]
        assert isinstance(gauge, list)
        wanted = [*gauge, walked.signature_id]
        photos = session.scalars(select(Photo).where(Photo.id.in_(wanted))).all()
        assert len(photos) == 2
        assert all(one.complete_at for one in photos)


def test_a_whole_round_online(patrol_site: PatrolSite, new_phone: NewPhone) -> None:
    round_id = patrol_site.round_for(patrol_site.guard("gu", "顾师傅"), "夜间巡检")
    phone = new_phone()
    page = phone.open()
    look_over(page)
    log_in(page, "gu")
    expect(page.get_by_role("heading", name="夜间巡检")).to_be_visible()
    button(page, "开始巡检").click()
    expect(page.get_by_role("img", name=re.compile("位置"))).to_be_visible()
    walk(phone, page, patrol_site)
    finish(page)
    expect(page.get_by_text("已全部上传")).to_be_visible(timeout=WITHIN_MS)
    assert_whole(patrol_site, round_id)


def test_a_whole_round_without_signal_and_with_the_app_closed(
    patrol_site: PatrolSite, new_phone: NewPhone
) -> None:
    round_id = patrol_site.round_for(patrol_site.guard("li", "李师傅"), "地下室巡检")
    phone = new_phone()
    page = phone.open()
    log_in(page, "li")
    expect(page.get_by_role("heading", name="地下室巡检")).to_be_visible(timeout=WITHIN_MS)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    expect(page.get_by_text("已全部上传")).to_be_visible(timeout=WITHIN_MS)
    phone.close()
    patrol_site.stop()
    try:
        page = phone.open()
        button(page, "开始巡检").click()
        expect(page.get_by_role("img", name=re.compile("位置"))).to_be_visible()
        scan(phone, page, patrol_site.stops[0].address)
        expect(page.get_by_text("已记录，上传后由服务器核验")).to_be_visible(timeout=WITHIN_MS)
        fill_in(page)
        phone.close()  # in the middle of the form

        page = phone.open(f"/phone/round/{round_id}")
        page.get_by_role("link", name=re.compile("水泵房")).click()
        expect(page.get_by_label("压力", exact=True)).to_have_value("0,62")
        button(page, "完成").click()
        expect(page.get_by_role("heading", name=patrol_site.stops[1].zh)).to_be_visible()
        report_leak(page, patrol_site)
        walk(phone, page, patrol_site, first=1)
        finish(page)
        page.get_by_role("link", name=re.compile("未上传")).click()
        expect(page.get_by_text("开始巡检")).to_be_visible()
    finally:
        patrol_site.start()
    button(page, "立即上传").click()
    expect(page.get_by_role("link", name="已全部上传")).to_be_visible(timeout=WITHIN_MS)
    assert_whole(patrol_site, round_id)
    with patrol_site.read() as session:
        found = session.scalars(select(Finding).where(Finding.round_id == round_id)).one()
        assert (found.text, found.severity, found.ticket_id is not None) == ("阀门漏水", "high", True)
        codes = session.scalars(
            select(PatrolException.code).where(PatrolException.round_id == round_id)
        ).all()
        assert not {"chain_gap", "chain_fork", "tampered", "clock_moved"} & set(codes), codes


def report_leak(page: Page, site: PatrolSite) -> None:
    """A finding that becomes a ticket, from the bar at the bottom and back."""
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="上报").click()
    page.get_by_label("发现了什么问题？").fill("阀门漏水")
    page.get_by_role("radio", name="高", exact=True).check()
    page.get_by_label("地点").select_option(label=site.stops[0].zh)
    button(page, "上报").click()
    expect(page.get_by_text("问题已记录")).to_be_visible()


def test_a_tag_opened_in_a_fresh_browser_waits_for_the_log_in(
    patrol_site: PatrolSite, new_phone: NewPhone
) -> None:
    round_id = patrol_site.round_for(patrol_site.guard("wu", "吴师傅"), "清晨巡检")
    stop = patrol_site.stops[1]
    phone = new_phone()
    page = phone.open(stop.address.removeprefix(patrol_site.url))
    expect(page.get_by_text("刚才碰触的标签已保存")).to_be_visible()
    assert page.url == f"{patrol_site.url}/phone/tap"  # nothing of the tag is left to be shared or seen
    phone.close()

    page = phone.open()  # the tap has outlived the browser
    log_in(page, "wu")
    expect(page.get_by_role("heading", name=stop.zh)).to_be_visible(timeout=WITHIN_MS)
    expect(page.get_by_text("一般证明").or_(page.get_by_text("强证明"))).to_be_visible(timeout=WITHIN_MS)
    with patrol_site.read() as session:
        scan = session.scalars(select(Scan).where(Scan.round_id == round_id)).one()
        assert (scan.how, scan.checkpoint_id) == ("address", stop.id)


def test_bad_tags_get_a_clear_sentence_and_a_way_on(patrol_site: PatrolSite, new_phone: NewPhone) -> None:
    user_id = patrol_site.guard("he", "何师傅")
    phone = new_phone()
    page = phone.open()
    log_in(page, "he")
    expect(page.get_by_role("heading", name="我的巡检")).to_be_visible()

    phone.show("WIFI:S:Lobby;T:WPA;P:secret;;")
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="扫码").click()
    expect(page.get_by_text("这不是巡检点的标签")).to_be_visible(timeout=WITHIN_MS)
    expect(page.get_by_text("不予认可")).to_be_visible(timeout=WITHIN_MS)

    for address in ("/t/zzzzzzzzzzzz", f"/t/{patrol_site.revoked_code}"):
        page.goto(f"{patrol_site.url}{address}")
        expect(page.get_by_text("不予认可")).to_be_visible(timeout=WITHIN_MS)
        expect(page.get_by_text("可以重新扫描")).to_be_visible()

    phone.show(None)
    page.goto(f"{patrol_site.url}/phone/scan")
    expect(page.get_by_text("将二维码对准框内")).to_be_visible(timeout=WITHIN_MS)
    button(page, "标签损坏").click()
    page.get_by_label("哪个点？").select_option(label=patrol_site.stops[2].zh)
    button(page, "标签丢失").click()
    take_photo(page)
    look_over(page)
    button(page, "记录").click()
    expect(page.get_by_text("弱证明", exact=True)).to_be_visible(timeout=WITHIN_MS)

    with patrol_site.read() as session:
        scans = session.scalars(select(Scan).where(Scan.user_id == user_id).order_by(Scan.seq)).all()
        assert [scan.strength for scan in scans] == ["refused"] * 3 + ["weak"]
        assert [scan.reasons[0] for scan in scans[:3]] == ["malformed", "unknown_tag", "revoked_tag"]


def go(page: Page, path: str) -> None:
    """To a screen, as its link does."""
    page.evaluate(
        "path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }",
        f"/phone/{path}",
    )
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=WITHIN_MS)


def test_every_screen_can_be_read_and_pressed_in_both_languages(
    patrol_site: PatrolSite, new_phone: NewPhone
) -> None:
    user_id = patrol_site.guard("tu", "涂师傅")
    round_id = patrol_site.round_for(user_id, "午间巡检", starts_in=timedelta(hours=-1))
    with transaction(patrol_site.db) as session:
        missed = session.scalars(select(RoundLeg).where(RoundLeg.round_id == round_id)).first()
        assert missed is not None
        missed.state = "missed"
    point = patrol_site.stops[1].id
    page = new_phone().open()
    log_in(page, "tu")
    expect(page.get_by_role("heading", name="午间巡检")).to_be_visible(timeout=WITHIN_MS)
    button(page, "开始巡检").click()
    expect(page.get_by_text("下一个点")).to_be_visible()
    screens = (
        "", f"round/{round_id}", f"scan/{round_id}/{point}", f"point/{round_id}/{point}", f"finding/{round_id}",
        "sos", "alone", "handover", f"contest/{round_id}", "mine", "unsent", "person", "more",
    )  # fmt: skip
    for language in ("中文", "English"):
        for screen in screens:
            go(page, screen)
            look_over(page)
        other = button(page, "English")  # on the last screen
        if language == "中文":
            other.click()
    go(page, "scan")
    button(page, "Tag is damaged").click()
    look_over(page)


def test_a_call_of_the_control_room_and_a_timer_that_ran_out(
    patrol_site: PatrolSite, new_phone: NewPhone
) -> None:
    user_id = patrol_site.guard("xu", "徐师傅")
    round_id = patrol_site.round_for(user_id, "傍晚巡检")
    page = new_phone().open()
    log_in(page, "xu")
    expect(page.get_by_role("heading", name="傍晚巡检")).to_be_visible(timeout=WITHIN_MS)
    room = patrol_site.app.state.context
    page.wait_for_function(
        "performance.getEntriesByType('resource').some((one) => one.name.includes('bundle'))"
    )
    with writing(room) as session:
        rounds.call_guard(session, round_id, now=utc_now(), by=Actor(None, "王主管"), text="请查看南门")
    call = page.get_by_role("dialog", name="请查看南门")
    expect(call).to_be_visible(timeout=WITHIN_MS)
    look_over(page)
    button(call, "已看到").click()
    expect(call).to_be_hidden()
    go(page, "alone")
    button(page, "开始").click()
    eventually(lambda: has_timer(patrol_site, user_id), what="the timer runs at the server")
    with writing(room) as session:
        assert session.scalars(select(GuardCall.answered_at)).one() is not None
        assert lone_workers.watch(session, now=utc_now() + timedelta(hours=1)) == 1
    button(page, "我平安").click()
    eventually(lambda: not is_missed(patrol_site, user_id), what="the alarm is over")


def has_timer(site: PatrolSite, user_id: int) -> bool:
    with site.read() as session:
        return session.get(LoneWorker, user_id) is not None


def is_missed(site: PatrolSite, user_id: int) -> bool:
    """Whether the control room looks for somebody who works alone."""
    with site.read() as session:
        call = session.scalars(select(Sos).where(Sos.user_id == user_id, Sos.kind == "lone_worker")).one()
        return call.cancelled_at is None


def test_another_guard_takes_the_phone_over_without_signal(
    patrol_site: PatrolSite, new_phone: NewPhone
) -> None:
    first, second = patrol_site.guard("an", "安师傅"), patrol_site.guard("bo", "博师傅")
    rounds_of = [patrol_site.round_for(first, "甲班巡检"), patrol_site.round_for(second, "乙班巡检")]
    page = new_phone().open()
    log_in(page, "bo")
    expect(page.get_by_role("heading", name="乙班巡检")).to_be_visible(timeout=WITHIN_MS)
    go(page, "person")
    page.get_by_label("PIN").fill("246810")
    button(page, "设置我的 PIN").click()
    expect(page.get_by_text("PIN 已设置")).to_be_visible(timeout=WITHIN_MS)
    button(page, "其他人：登录").click()
    log_in(page, "an")
    expect(page.get_by_role("heading", name="甲班巡检")).to_be_visible(timeout=WITHIN_MS)
    page.context.set_offline(True)
    button(page, "开始巡检").click()
    expect(page.get_by_text("下一个点")).to_be_visible()
    go(page, "person")
    page.get_by_label("PIN").first.fill("246810")
    button(page, "接管").click()
    expect(page.get_by_role("heading", name="乙班巡检")).to_be_visible(timeout=WITHIN_MS)
    button(page, "开始巡检").click()
    expect(page.get_by_text("下一个点")).to_be_visible()
    go(page, "handover")
    page.get_by_label("给下一班").fill("泵房门卡住")
    button(page, "留下留言").click()
    page.context.set_offline(False)
    go(page, "person")
    page.get_by_label("密码").fill(PASSWORD)
    button(page, "登录").click()
    expect(page.get_by_text("已全部上传")).to_be_visible(timeout=WITHIN_MS)
    with patrol_site.read() as session:
        begun = [session.get_one(Round, one) for one in rounds_of]
        assert [one.user_id for one in begun if one.started_at] == [first, second]
        note = session.scalars(select(Handover)).one()
        assert (note.user_id, note.site_id) == (second, patrol_site.site_id)


def test_help_is_called_without_signal_and_seen(patrol_site: PatrolSite, new_phone: NewPhone) -> None:
    user_id = patrol_site.guard("ma", "马师傅")
    page = new_phone().open()
    log_in(page, "ma")
    expect(page.get_by_role("heading", name="我的巡检")).to_be_visible()
    go(page, "sos")
    expect(page.get_by_text("将发送您的位置")).to_be_visible(timeout=WITHIN_MS)
    page.context.set_offline(True)
    hold = page.get_by_role("button", name=re.compile("按住 2 秒求助"))
    hold.hover()
    page.mouse.down()
    expect(page.get_by_text("求助已记录，一有信号立即发出")).to_be_visible(timeout=WITHIN_MS)
    page.mouse.up()
    page.context.set_offline(False)
    expect(page.get_by_text("控制室已收到求助")).to_be_visible(timeout=WITHIN_MS)
    with writing(patrol_site.app.state.context) as session:
        call = session.scalars(select(Sos).where(Sos.user_id == user_id)).one()
        assert call.place is not None
        calls.acknowledge(session, call.id, now=utc_now(), by=Actor(None, "王主管"))
    go(page, "")  # on whatever screen
    expect(page.get_by_role("status").get_by_text("王主管 已于")).to_be_visible(timeout=WITHIN_MS)
    go(page, "sos")
    button(page, "我已安全，结束求助").click()
    expect(hold).to_be_visible()
