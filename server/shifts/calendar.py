"""When a shift is on: recurrence in the site's own time, across midnight and changes of the clock.

A shift is days (RFC 5545, counted on the site's calendar) and two times of day. Each day of it is
turned into two instants by the zone, so that a night shift over the change of the clock is an hour
shorter or longer, as the people who work it know. A time that the clock jumps over counts from
where the clock lands; one that comes twice counts the first time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rruleset, rrulestr

from server.errors import Invalid

DayKind = Literal["work", "off"]
Days = Literal["any", "work", "off"]

FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
ALLOWED_PARTS = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})
LONGEST_RULE = 200
LONGEST_INTERVAL = 366
HORIZON = timedelta(days=2 * 366)
"""A shift that does not begin within this time of its first day is a mistake."""
_DAY = timedelta(days=1)
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


class ShiftTimes(NamedTuple):
    """When a shift is on, without who has it."""

    starts: str
    ends: str
    rrule: str
    days: Days
    valid_from: date
    valid_to: date | None


class Occurrence(NamedTuple):
    """One working of a shift. ``day`` is the one it begins on, the times are aware UTC."""

    day: date
    starts_at: datetime
    ends_at: datetime


def is_work_day(day: date, calendar: Mapping[date, DayKind]) -> bool:
    """What the site's calendar says of a day; without an entry Monday to Friday are worked."""
    kind = calendar.get(day)
    return kind == "work" if kind is not None else day.weekday() < 5


def occurrences(
    shift: ShiftTimes,
    zone: ZoneInfo,
    *,
    start: datetime,
    end: datetime,
    calendar: Mapping[date, DayKind],
) -> Iterator[Occurrence]:
    """The workings of a shift that touch [start, end), in order."""
    # a shift that began the day before may still be on; a day more for zones far from each other
    first = start.astimezone(zone).date() - 2 * _DAY
    last = end.astimezone(zone).date()
    for day in days_of(shift, first=first, last=last):
        if shift.days != "any" and is_work_day(day, calendar) != (shift.days == "work"):
            continue
        found = on_day(shift, day, zone)
        if found.starts_at < end and found.ends_at > start:
            yield found


def days_of(shift: ShiftTimes, *, first: date, last: date) -> Iterator[date]:
    """The days from ``first`` to ``last`` on which the shift begins by its rule, calendar left aside."""
    last = min(last, shift.valid_to) if shift.valid_to else last
    if last < max(first, shift.valid_from):
        return
    rule = _rule(shift.rrule, shift.valid_from, last)
    begin = datetime.combine(max(first, shift.valid_from), time.min)
    for found in rule.xafter(begin, inc=True):
        yield found.date()


def on_day(shift: ShiftTimes, day: date, zone: ZoneInfo) -> Occurrence:
    """The working that begins on ``day``."""
    starts, ends = parse_time(shift.starts), parse_time(shift.ends)
    next_day = day + _DAY if ends <= starts else day
    return Occurrence(day, _instant(day, starts, zone), _instant(next_day, ends, zone))


def parse_time(text: str) -> time:
    """A time of day from HH:MM. Raises Invalid."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise Invalid(
            f"{text!r} is no time of day; write it like 20:00.",
            f"“{text}”不是有效时间，请写成 20:00 这样的格式。",
            code="bad_time",
        )
    return time(int(found[1]), int(found[2]))


def check(shift: ShiftTimes) -> date:
    """The first day of the shift, calendar left aside. Raises Invalid with what is wrong with it."""
    parse_time(shift.starts)
    parse_time(shift.ends)
    _check_rule(shift.rrule)
    if shift.valid_to is not None and shift.valid_to < shift.valid_from:
        raise _bad("It ends before it begins.", "结束日期早于开始日期。")
    first = next(days_of(shift, first=shift.valid_from, last=shift.valid_from + HORIZON), None)
    if first is None:
        raise _bad("By this rule the shift never begins.", "按此规则，该班次永远不会开始。")
    return first


def _check_rule(text: str) -> None:
    if len(text) > LONGEST_RULE:
        raise _bad("The rule is too long.", "重复规则过长。")
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name in parts or name not in ALLOWED_PARTS:
            raise _bad(
                f"{part!r} is no part of a rule of days; allowed: {', '.join(sorted(ALLOWED_PARTS))}.",
                f"“{part}”不能用于按天的重复规则；可用：{'、'.join(sorted(ALLOWED_PARTS))}。",
            )
        parts[name] = value
    if parts.get("FREQ") not in FREQUENCIES:
        raise _bad(
            "FREQ is DAILY, WEEKLY, MONTHLY or YEARLY.", "FREQ 只能是 DAILY、WEEKLY、MONTHLY 或 YEARLY。"
        )
    interval = parts.get("INTERVAL", "1")
    if not (interval.isascii() and interval.isdigit() and 1 <= int(interval) <= LONGEST_INTERVAL):
        raise _bad(f"INTERVAL is 1 to {LONGEST_INTERVAL}.", f"INTERVAL 应为 1 到 {LONGEST_INTERVAL}。")
    today = date(2026, 1, 1)
    try:
        _rule(text, today, today)
    except (ValueError, TypeError, IndexError, AttributeError) as error:
        raise _bad(f"The rule cannot be read: {error}", f"无法识别该重复规则：{error}") from error


def _rule(text: str, first: date, last: date) -> rrule:
    """The rule from ``first`` on, and never looking beyond ``last``: some rules have no further day at all."""
    found: rrule | rruleset = rrulestr(text, dtstart=datetime.combine(first, time.min))
    assert isinstance(found, rrule)
    return found.replace(until=datetime.combine(last, time.max))


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def _bad(en: str, zh: str) -> Invalid:
    return Invalid(en, zh, code="bad_shift")
