"""Quiet hours across midnight and changes of the clock; danger to people knows none."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from server.identity.roles import Role
from server.notifications.quiet import quiet_until
from tests.server.conftest import Cast
from tests.server.notifications.conftest import Desk, Post
from tests.server.notifications.providers import Providers

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("21:59", None),
        ("22:00", "07:00"),
        ("23:59", "07:00"),
        ("00:00", "07:00"),
        ("06:59", "07:00"),
        ("07:00", None),
    ],
)
def test_across_midnight(at: str, until: str | None) -> None:
    now = datetime.combine(date(2026, 3, 2), time.fromisoformat(at), SHANGHAI)
    found = quiet_until(time(22), time(7), SHANGHAI, now=now)
    assert (found and found.astimezone(SHANGHAI).strftime("%H:%M")) == until


@pytest.mark.parametrize(("evening", "hours"), [(date(2026, 3, 28), 8), (date(2026, 10, 24), 10)])
def test_the_clock_on_the_wall_counts_when_it_is_changed(evening: date, hours: int) -> None:
    start = datetime.combine(evening, time(22), BERLIN).astimezone(UTC)
    end = quiet_until(time(22), time(7), BERLIN, now=start)
    assert end is not None
    assert (end - start).total_seconds() == hours * 3600


def test_within_one_day_and_none_at_all() -> None:
    noon = datetime(2026, 3, 2, 12, 30, tzinfo=SHANGHAI)
    assert quiet_until(time(12), time(14), SHANGHAI, now=noon) == noon.replace(hour=14, minute=0)
    assert quiet_until(time(9), time(9), SHANGHAI, now=noon) is None


@pytest.fixture
def asleep(post: Post, desk: Desk, cast: Cast, providers: Providers) -> Post:
    """Erik sleeps from 22 to 7, and it is 23:30 in Shanghai."""
    post.channel("email", secrets={}, host="localhost", port=9, security="none", sender="a@example.com")
    post.wish(cast.ids[Role.ENGINEER], email="erik@example.com", quiet_from="22:00", quiet_to="07:00")
    desk.clock.now = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
    return post


def test_it_waits_for_the_morning_but_stands_in_the_app(asleep: Post, desk: Desk) -> None:
    desk.notify()
    [mail] = desk.messages("email")
    assert (mail.state, mail.waits_for) == ("waiting", "quiet_hours")
    assert mail.due_at == datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
    assert desk.messages("in_app")[0].state == "sent"
    assert asleep.send() == 0
    desk.clock.now = mail.due_at
    assert asleep.send() == 1


def test_what_was_answered_in_the_night_wakes_nobody_in_the_morning(asleep: Post, desk: Desk) -> None:
    desk.notify()
    desk.answered()
    desk.clock.advance(hours=12)
    assert asleep.send() == 0


def test_danger_to_people_knows_no_quiet(asleep: Post, desk: Desk) -> None:
    desk.notify(life_safety=True)
    assert desk.messages("email")[0].due_at == desk.clock.now


def test_a_muted_way_is_left_out_unless_people_are_in_danger(post: Post, desk: Desk, cast: Cast) -> None:
    post.channel("email", secrets={}, host="localhost", port=9, security="none", sender="a@example.com")
    post.wish(cast.ids[Role.ENGINEER], email="erik@example.com", muted=["email"])
    desk.notify()
    assert desk.messages("email") == []
    desk.notify("sos:1", life_safety=True)
    assert len(desk.messages("email")) == 1
