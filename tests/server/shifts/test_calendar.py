"""When a shift is on: across midnight, across changes of the clock, by rule and by work calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.errors import Invalid
from server.shifts.calendar import DayKind, Occurrence, ShiftTimes, check, occurrences
from server.shifts.shipped_calendars import shipped_calendar

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NIGHT = ShiftTimes("20:00", "08:00", "FREQ=DAILY", "any", date(2026, 1, 1), None)
DAY = NIGHT._replace(starts="08:00", ends="20:00")


def on(shift: ShiftTimes, at: datetime, zone: ZoneInfo, **days: DayKind) -> list[Occurrence]:
    end = at + timedelta(microseconds=1)
    return list(occurrences(shift, zone, start=at, end=end, calendar={}))


def test_a_night_shift_belongs_to_the_day_it_begins_on() -> None:
    at = datetime(2026, 3, 3, 3, 0, tzinfo=SHANGHAI)
    [found] = on(NIGHT, at, SHANGHAI)
    assert found.day == date(2026, 3, 2)
    assert (found.starts_at, found.ends_at) == (
        datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
        datetime(2026, 3, 3, 0, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize(("hour", "is_day"), [(7, False), (8, True), (19, True), (20, False)])
def test_day_and_night_meet_without_gap_or_overlap(hour: int, is_day: bool) -> None:
    at = datetime(2026, 3, 3, hour, 0, tzinfo=SHANGHAI)
    assert bool(on(DAY, at, SHANGHAI)) is is_day
    assert bool(on(NIGHT, at, SHANGHAI)) is not is_day


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 28), 11), (date(2026, 10, 24), 13), (date(2026, 6, 1), 12)]
)
def test_a_night_over_the_change_of_the_clock_is_shorter_or_longer(day: date, hours: int) -> None:
    start = datetime(day.year, day.month, day.day, 23, 0, tzinfo=BERLIN)
    [found] = on(NIGHT, start, BERLIN)
    assert found.ends_at - found.starts_at == timedelta(hours=hours)
    assert found.ends_at.astimezone(BERLIN).hour == 8


def test_a_time_that_the_clock_jumps_over_counts_from_where_it_lands() -> None:
    early = NIGHT._replace(starts="02:30", ends="06:00")
    [found] = occurrences(
        early,
        BERLIN,
        start=datetime(2026, 3, 29, 0, 0, tzinfo=BERLIN),
        end=datetime(2026, 3, 29, 12, 0, tzinfo=BERLIN),
        calendar={},
    )
    assert found.starts_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert found.starts_at.astimezone(BERLIN).strftime("%H:%M") == "03:30"


def test_every_other_week_counts_from_the_first_day() -> None:
    shift = DAY._replace(rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU", valid_from=date(2026, 3, 2))
    start = datetime(2026, 3, 1, tzinfo=SHANGHAI)
    found = occurrences(shift, SHANGHAI, start=start, end=start + timedelta(days=29), calendar={})
    assert [one.day.isoformat() for one in found] == [
        "2026-03-02",
        "2026-03-03",
        "2026-03-16",
        "2026-03-17",
    ]


def test_the_work_calendar_knows_holidays_and_make_up_days() -> None:
    calendar = {day: kind for day, kind, _ in shipped_calendar("cn-2026").entries()}
    office = DAY._replace(days="work")
    start = datetime(2026, 2, 13, tzinfo=SHANGHAI)
    found = occurrences(office, SHANGHAI, start=start, end=start + timedelta(days=16), calendar=calendar)
    # Spring Festival is off from the 15th to the 23rd; the Saturdays before and after are worked
    assert [one.day.day for one in found] == [13, 14, 24, 25, 26, 27, 28]


def test_it_ends_after_its_last_day_and_the_last_night_is_worked_out() -> None:
    last = NIGHT._replace(valid_to=date(2026, 3, 2))
    assert on(last, datetime(2026, 3, 3, 7, 59, tzinfo=SHANGHAI), SHANGHAI)
    assert not on(last, datetime(2026, 3, 3, 21, 0, tzinfo=SHANGHAI), SHANGHAI)


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=3",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=9999",
        "FREQ=DAILY;FREQ=WEEKLY",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "DTSTART:20260101T000000\nRRULE:FREQ=DAILY",
        "FREQ=DAILY;UNTIL=20260301",
        "FREQ=MONTHLY;BYMONTHDAY=99",
    ],
)
def test_a_rule_that_cannot_be_is_refused_when_it_is_saved(rule: str) -> None:
    with pytest.raises(Invalid):
        check(DAY._replace(rrule=rule))


def test_the_first_day_is_computed_when_it_is_saved() -> None:
    shift = DAY._replace(rrule="FREQ=WEEKLY;BYDAY=FR", valid_from=date(2026, 3, 2))
    assert check(shift) == date(2026, 3, 6)
