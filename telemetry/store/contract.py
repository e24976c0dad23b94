"""The contract of a store of readings. tests/telemetry/store_contract.py holds every adapter to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Literal, Protocol

import msgspec

from telemetry.reading import Reading, Value

Resolution = Literal["raw", "minute", "hour"]


class StoreUnavailable(Exception):
    """The store cannot be reached or is full. Nothing is lost: write the same batch again later."""


class UnusableStore(StoreUnavailable):
    """What is there is not a store this version can use: damaged, of another program, or from a newer
    version. A person has to look; what waits to be written is kept until then."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} {reason}")
        self.path = path


class RejectedReadings(Exception):
    """The store took the batch except these; each comes with the store's reason."""

    def __init__(self, rejected: list[tuple[Reading, str]]) -> None:
        super().__init__(f"{len(rejected)} reading(s) rejected by the store")
        self.rejected = rejected


class Retention(msgspec.Struct, frozen=True):
    """How long each tier is kept, days. Never "forever" by default."""

    raw_days: int = 30
    minute_days: int = 400
    hour_days: int = 3660


class Sample(msgspec.Struct, frozen=True, array_like=True):
    """One step of a series. A raw sample has min = max = mean = last and count 1.

    Text states have no min, max and mean (None); ``last`` is the text.
    """

    at_ms: int
    """Raw: the reading's own time. Minute, hour: the start of the bucket (UTC-aligned)."""
    min: float | None
    max: float | None
    mean: float | None
    last: Value
    count: int
    quality: int = 0
    """Raw: the reading's ``Quality``. A bucket is made of several readings and says 0."""


class Series(msgspec.Struct, frozen=True):
    """Samples of one point, oldest first; a gap is an absence of samples, never a zero."""

    point: int
    resolution: Resolution
    samples: list[Sample]


class Maintained(msgspec.Struct, frozen=True):
    """What one maintenance pass did."""

    minutes_rolled: int
    hours_rolled: int
    readings_expired: int


class ReadingStore(Protocol):
    """Five verbs. All times are milliseconds since 1970-01-01 UTC; ranges are [start, end).

    Any verb may raise StoreUnavailable. Safe to use from one thread per instance; any number of
    processes may read while one writes.
    """

    def write(self, readings: Sequence[Reading]) -> None:
        """Store durably before returning. Writing a batch twice changes no answer, in any order.

        Raises RejectedReadings after storing all the others.
        """
        ...

    def read(self, points: Collection[int], start_ms: int, end_ms: int) -> Iterator[Reading]:
        """Raw readings of all qualities in time order across the points, without holding them all in memory."""
        ...

    def series(self, point: int, start_ms: int, end_ms: int, *, max_samples: int = 2000) -> Series:
        """One point for a chart, BAD readings left out.

        The finest resolution that still exists for the whole range and fits max_samples; when
        even hours do not fit, hours are merged into larger equal buckets. Minutes and hours that
        maintenance has not rolled up yet are computed from raw, so that the newest value is there.
        """
        ...

    def latest(self, points: Collection[int]) -> dict[int, Reading]:
        """The newest reading of each point that has one, whatever its quality except BAD."""
        ...

    def maintain(self, now_ms: int) -> Maintained:
        """Roll up what has changed since the last pass (late readings included) and expire what is over
        its retention. Idempotent; a pass that is interrupted is finished by the next."""
        ...
