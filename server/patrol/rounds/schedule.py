"""When rounds are due: recurrence in the site's own time, windows that may cross midnight. Pure.

Days are counted as those of shifts are (server.shifts.calendar); the window is measured in real
seconds from its start, so that a night with a change of the clock keeps its length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from server.errors import Invalid
from server.shifts.calendar import (
    DayKind,
    Days,
    Occurrence,
    ShiftTimes,
    check,
    days_of,
    is_work_day,
    on_day,
    parse_time,
)

LONGEST_WINDOW = timedelta(days=7)
MOST_STARTS = 96


class Timetable(NamedTuple):
    """When a route is walked."""

    starts: Sequence[str]
    """HH:MM, each a round."""
    window: timedelta
    rrule: str
    days: Days
    valid_from: date
    valid_to: date | None


def due(
    table: Timetable, zone: ZoneInfo, *, start: datetime, end: datetime, calendar: Mapping[date, DayKind]
) -> Iterator[Occurrence]:
    """The rounds whose windows begin in [start, end), in order."""
    first = start.astimezone(zone).date() - timedelta(days=1)
    last = end.astimezone(zone).date() + timedelta(days=1)
    for day in days_of(_times(table, table.starts[0]), first=first, last=last):
        if table.days != "any" and is_work_day(day, calendar) != (table.days == "work"):
            continue
        begins = sorted({on_day(_times(table, text), day, zone).starts_at for text in table.starts})
        for at in begins:
            if start <= at < end:
                yield Occurrence(day, at, at + table.window)


def check_table(table: Timetable) -> None:
    """Raises Invalid with what is wrong with it."""
    if not 1 <= len(table.starts) <= MOST_STARTS:
        raise Invalid(
            f"Give 1 to {MOST_STARTS} times of day.", f"请填写 1 到 {MOST_STARTS} 个时间。", code="bad_time"
        )
    for text in table.starts:
        parse_time(text)
    if len(set(table.starts)) != len(table.starts):
        raise Invalid("A time of day stands there twice.", "有重复的时间。", code="bad_time")
    if not timedelta(0) < table.window <= LONGEST_WINDOW:
        raise Invalid(
            "A window is longer than nothing and 7 days at most.",
            "时段长度应大于零且不超过 7 天。",
            code="bad_window",
        )
    check(_times(table, table.starts[0]))


def _times(table: Timetable, starts: str) -> ShiftTimes:
    return ShiftTimes(starts, starts, table.rrule, table.days, table.valid_from, table.valid_to)
