"""Readings that are past, of one asset, as back-tests and trainings read them. Plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from server.errors import Label
from server.rules.learned.training import Period
from server.rules.learned.verdict import Floats, Times
from server.rules.plan import WatchedPoint
from telemetry.reading import Value


class PointInfo(NamedTuple):
    """A point as far as a back-test needs it."""

    key: str
    kind: str = "analog"
    interval_s: float = 60.0
    unit: str = ""
    name: Label | None = None
    span: float | None = None

    def watched(self, number: int) -> WatchedPoint:
        """As the engine watches it, under an id of the back-test's own."""
        return WatchedPoint(number, 1, self.key, self.kind, self.interval_s, self.span)


class History(NamedTuple):
    """Readings of one asset on common instants. ``texts``: state points, None where nothing was said."""

    times: Times
    numbers: Mapping[str, Floats]
    texts: Mapping[str, Sequence[Value]]
    points: Mapping[str, PointInfo]
    zone: str = "UTC"

    def period(self) -> Period:
        """The numbers, for what learns from them."""
        return Period(
            self.times,
            self.numbers,
            {key: float(one.watched(0).timeout_ms) for key, one in self.points.items()},
            self.zone,
            {key: one.unit for key, one in self.points.items()},
        )
