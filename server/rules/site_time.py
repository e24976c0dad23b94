"""The time of a site: its zone, and which of its days are worked. Pure; instants are milliseconds UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from server.clock import from_ms, to_ms

DAY = timedelta(days=1)
SATURDAY = 5


class SiteTime(msgspec.Struct, frozen=True):
    """``special``: days that are not what their weekday says, as (ISO date, is worked), sorted."""

    zone: str = "UTC"
    special: tuple[tuple[str, bool], ...] = ()

    def local(self, at_ms: int) -> datetime:
        return from_ms(at_ms).astimezone(_zone(self.zone))

    def instant(self, day: date, clock: time) -> int:
        """The instant of a local time. One that the change of clocks leaves out is an hour later."""
        return to_ms(datetime.combine(day, clock, tzinfo=_zone(self.zone)))

    def is_worked(self, day: date) -> bool:
        """From the site's calendar, else Monday to Friday."""
        told = _special(self.special).get(day.isoformat())
        return told if told is not None else day.weekday() < SATURDAY


ANYWHERE = SiteTime()


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=64)
def _special(days: tuple[tuple[str, bool], ...]) -> Mapping[str, bool]:
    return dict(days)
