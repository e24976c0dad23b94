"""A whole round as a guard walks it with a phone: with signal, without any, and by a tag's own address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Playwright, expect
from sqlalchemy import select

from server.patrol.models import Round, RoundLeg
from server.patrol.records import FormAnswers, Photo, Scan
from tests.support.accessibility import assert_accessible, assert_fits
from tests.support.phone import PASSWORD, PatrolSite, Phone, photo

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
    page.locator('input[type="file"]').set_input_files(
        {"name": "gauge.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    expect(page.get_by_alt_text("照片 1")).to_be_visible()


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
    look_over(page)
    button(page, "开始巡检").click()
    expect(page.get_by_role("img", name=re.compile("位置"))).to_be_visible()
    look_over(page)
    walk(phone, page, patrol_site)
    finish(page)
    expect(page.get_by_text("已全部上传")).to_be_visible(timeout=WITHIN_MS)
    assert_whole(patrol_site, round_id)
