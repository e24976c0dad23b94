"""Readings in the order of their time, whatever the order in which they came.

Messages of different devices overtake each other, and those of one device do when it connects anew. A
reading waits here until all before it are known (``horizon.SETTLE_MS``), so that evaluation does not
depend on the order of arrival. One that comes later than that is passed on at once: the engine treats it
as the reading of a device that lags.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from operator import attrgetter

from telemetry.reading import Reading

_IN_TIME = attrgetter("at_ms", "point")
_AT = attrgetter("at_ms")


class InOrder:
    """Empty at first."""

    def __init__(self) -> None:
        self._waiting: list[Reading] = []

    @property
    def waiting(self) -> list[Reading]:
        """What came and is not due yet."""
        return self._waiting

    @property
    def next_ms(self) -> int | None:
        """The earliest time that is not due yet, as of the last ``take``."""
        return self._waiting[0].at_ms if self._waiting else None

    def put(self, readings: Iterable[Reading]) -> None:
        """Let these wait for their turn."""
        self._waiting.extend(readings)

    def take(self, until_ms: int) -> list[Reading]:
        """All up to and including ``until_ms``, by time and point."""
        waiting = self._waiting
        if not waiting:
            return []
        waiting.sort(key=_IN_TIME)
        end = bisect_right(waiting, until_ms, key=_AT)
        due, self._waiting = waiting[:end], waiting[end:]
        return due
