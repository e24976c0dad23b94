"""Times of the week at a site: what must not happen at night, or on days off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, StrictStr, model_validator

from server.errors import Explained
from server.rules.compiled import Leaf, Scope
from server.rules.parts import Part
from server.rules.site_time import SiteTime

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Clock = Annotated[StrictStr, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
AHEAD_DAYS = 8
"""How far ahead the next change is looked for; a week and a day finds it, or it is looked for again then."""


class Window(Part):
    """From ``start`` to ``end`` in the site's time; an end not after the start is on the next day."""

    days: Annotated[tuple[Day, ...], Field(min_length=1, max_length=7)] = DAYS
    start: Clock = "00:00"
    end: Clock = "24:00"

    @model_validator(mode="after")
    def _begins_within_the_day(self) -> Self:
        if self.start == "24:00":
            raise Explained("a window starts before 24:00", "时段的开始必须早于 24:00")
        return self


class Schedule(Part):
    """True within any of the windows. ``calendar``: only on days the site works, or is off, or any.

    A window that goes past midnight belongs to the day on which it starts.
    """

    type: Literal["schedule"]
    windows: Annotated[tuple[Window, ...], Field(min_length=1, max_length=32)]
    calendar: Literal["any", "work", "off"] = "any"


class ScheduleLeaf(Leaf):
    __slots__ = ("site", "spec")

    is_timed = True

    def __init__(self, spec: Schedule, site: SiteTime) -> None:
        super().__init__()
        self.spec, self.site = spec, site

    def begin(self, at_ms: int) -> None:
        self.next_ms = at_ms

    def judge(self, at_ms: int) -> bool:
        spans = list(self._spans(at_ms))
        self.next_ms = min(
            (edge for span in spans for edge in span if edge > at_ms), default=self._later(at_ms)
        )
        return any(start <= at_ms < end for start, end in spans)

    def _later(self, at_ms: int) -> int:
        return self.site.instant(self.site.local(at_ms).date() + timedelta(days=AHEAD_DAYS - 1), time())

    def _spans(self, at_ms: int) -> Iterator[tuple[int, int]]:
        """Windows as instants, from those that began yesterday on."""
        today = self.site.local(at_ms).date()
        for offset in range(-1, AHEAD_DAYS):
            day = today + timedelta(days=offset)
            if not self._is_wanted(day):
                continue
            for window in self.spec.windows:
                if DAYS[day.weekday()] in window.days:
                    yield self._instant(day, window.start), self._end(day, window)

    def _is_wanted(self, day: date) -> bool:
        return self.spec.calendar == "any" or self.site.is_worked(day) is (self.spec.calendar == "work")

    def _end(self, day: date, window: Window) -> int:
        return self._instant(day if window.end > window.start else day + timedelta(days=1), window.end)

    def _instant(self, day: date, clock: str) -> int:
        if clock == "24:00":
            return self.site.instant(day + timedelta(days=1), time())
        return self.site.instant(day, time.fromisoformat(clock))


def compile_schedule(spec: Schedule, scope: Scope) -> Leaf:
    return ScheduleLeaf(spec, scope.site)
