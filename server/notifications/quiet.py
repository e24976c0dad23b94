"""Quiet hours: from when to when a person is not to be disturbed, on their own clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def quiet_until(quiet_from: time, quiet_to: time, zone: ZoneInfo, *, now: datetime) -> datetime | None:
    """When the quiet that holds ``now`` is over (aware UTC); None while it is not quiet.

    ``quiet_to`` not later than ``quiet_from`` is on the next day; equal: the whole day is not quiet.
    Times are read off the wall: where the clock is changed within, the quiet is an hour shorter or
    longer, and begins and ends when the person's clock says so.
    """
    if quiet_from == quiet_to:
        return None
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        last_day = day + timedelta(days=1) if quiet_to < quiet_from else day
        start = datetime.combine(day, quiet_from, zone).astimezone(UTC)
        end = datetime.combine(last_day, quiet_to, zone).astimezone(UTC)
        if start <= now < end:
            return end
    return None
