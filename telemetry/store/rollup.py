"""What every adapter needs to answer ``series``: buckets, roll-ups, merging and the choice of resolution.

Knows nothing of how a store keeps its readings.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from math import isinf
from operator import itemgetter

from telemetry.reading import Quality, Value
from telemetry.store.contract import Resolution, Sample

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000

Row = tuple[int, Value, int]
"""A reading of a known point: (at_ms, value, quality)."""

_HOURS_A_BUCKET = (1, 2, 3, 4, 6, 8, 12, 24, 48, 72, 96, 168, 336, 720, 1440, 2160, 4320, 8760)
"""Widths people can read on an axis; beyond them any number of hours."""


def start_of(at_ms: int, width_ms: int) -> int:
    """Start of the UTC-aligned bucket that holds this instant; also right before 1970."""
    return at_ms - at_ms % width_ms


_BAD = int(Quality.BAD)


def counts(row: Row) -> bool:
    """Whether a reading appears in a series: it has a value, and the device stands by it."""
    return row[2] != _BAD and row[1] is not None


def raw_samples(rows: Iterable[Row]) -> list[Sample]:
    """Each reading as its own sample."""
    return [_raw_sample(*row) for row in rows if counts(row)]


def _raw_sample(at_ms: int, value: Value, quality: int = 0) -> Sample:
    number = None if value is None or isinstance(value, str) else float(value)
    return Sample(at_ms, number, number, number, value, 1, quality)


def roll(rows: Iterable[Row]) -> list[Sample]:
    """Roll readings, oldest first, up into minutes; minutes without a usable reading are absent.

    Hours are merged from minutes, wherever they are needed: one way, one answer.
    """
    usable = (
        (at // MINUTE_MS, value) for at, value, quality in rows if quality != _BAD and value is not None
    )
    return [
        _bucket(number * MINUTE_MS, [value for _, value in group])
        for number, group in groupby(usable, itemgetter(0))
    ]


def _bucket(at_ms: int, values: list[float | int | str]) -> Sample:
    last, count = values[-1], len(values)
    if count == 1:
        return _raw_sample(at_ms, last)
    numbers = [value for value in values if not isinstance(value, str)]
    if not numbers:
        return Sample(at_ms, None, None, None, last, count)
    mean = float(sum(numbers)) / len(numbers)
    if isinf(mean):  # the sum left the range of a double, the mean does not
        mean = sum(number / len(numbers) for number in numbers)
    return Sample(at_ms, float(min(numbers)), float(max(numbers)), mean, last, count)


def merge(samples: Iterable[Sample], width_ms: int) -> list[Sample]:
    """Merge samples, oldest first, into wider buckets; means are weighted by count."""
    return [
        _merged(number * width_ms, list(group))
        for number, group in groupby(samples, lambda sample: sample.at_ms // width_ms)
    ]


def _merged(at_ms: int, parts: list[Sample]) -> Sample:
    last, count = parts[-1].last, sum(part.count for part in parts)
    numeric = [
        (part.min, part.max, part.mean, part.count)
        for part in parts
        if part.min is not None and part.max is not None and part.mean is not None
    ]
    if not numeric:
        return Sample(at_ms, None, None, None, last, count)
    lows, highs, means, counts_ = zip(*numeric, strict=True)
    weight = sum(counts_)
    mean = sum(mean * count for mean, count in zip(means, counts_, strict=True)) / weight
    if isinf(mean):
        mean = sum(mean * (count / weight) for mean, count in zip(means, counts_, strict=True))
    return Sample(at_ms, min(lows), max(highs), mean, last, count)


def buckets_in(start_ms: int, end_ms: int, width_ms: int) -> int:
    """How many aligned buckets the range [start, end) touches."""
    if end_ms <= start_ms:
        return 0
    return (end_ms - 1) // width_ms - start_ms // width_ms + 1


def choose_width(start_ms: int, end_ms: int, max_samples: int, *, minutes_from_ms: int) -> int:
    """Width of the buckets for a range that raw readings cannot answer: a minute where minutes still
    exist for all of it and fit, else the smallest readable number of hours that fits, in milliseconds."""
    if start_ms >= minutes_from_ms and buckets_in(start_ms, end_ms, MINUTE_MS) <= max_samples:
        return MINUTE_MS
    for hours in _HOURS_A_BUCKET:
        if buckets_in(start_ms, end_ms, hours * HOUR_MS) <= max_samples:
            return hours * HOUR_MS
    # one bucket more than the quotient needs, because the range rarely begins on a bucket's edge
    hours = -(-buckets_in(start_ms, end_ms, HOUR_MS) // max(1, max_samples - 1))
    return hours * HOUR_MS


def resolution_of(width_ms: int) -> Resolution:
    """Name of the tier that a width is answered from."""
    return "minute" if width_ms == MINUTE_MS else "hour"
