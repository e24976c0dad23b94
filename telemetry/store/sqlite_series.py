"""Series of one point for charts, from the SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from telemetry.store.contract import Sample, Series
from telemetry.store.packing import unpack_minutes, unpack_rows
from telemetry.store.rollup import (
    HOUR_MS,
    MINUTE_MS,
    Row,
    choose_width,
    counts,
    merge,
    raw_samples,
    resolution_of,
    roll,
    start_of,
)
from telemetry.store.sqlite_file import SqliteFile
from telemetry.store.sqlite_read import fresh_rows, packed_hour

_SLACK = 2_000
"""Readings worth unpacking to see whether those inside the range are few enough to be given raw."""


class _Range(NamedTuple):
    """A range of a point, with what of it is still outside of the chunks."""

    point: int
    start_ms: int
    end_ms: int
    fresh: dict[int, Row]
    raw_from: int
    """Readings and minutes before these hours have expired, milliseconds."""
    minute_from: int


def series(file: SqliteFile, point: int, start_ms: int, end_ms: int, max_samples: int) -> Series:
    """Raw, minutes, hours or merged hours; hours not rolled up since their last change are computed."""
    with file.reading() as connection:
        wanted = _clipped(connection, point, start_ms, end_ms)
        if wanted.start_ms >= wanted.end_ms:
            return Series(point, "raw", [])
        raw = _raw(connection, wanted, max_samples)
        if raw is not None:
            return Series(point, "raw", raw)
        width = choose_width(wanted.start_ms, wanted.end_ms, max_samples, minutes_from_ms=wanted.minute_from)
        samples = _rolled(connection, wanted, min(width, HOUR_MS))
    if width > HOUR_MS:
        samples = merge(samples, width)
    return Series(point, resolution_of(width), samples)


def _clipped(connection: sqlite3.Connection, point: int, start_ms: int, end_ms: int) -> _Range:
    """The range without what lies before the point's first and after its last reading, so that a chart
    of the last year shows a point of last week in detail."""
    raw_from, minute_from = connection.execute("SELECT raw_from, minute_from FROM state").fetchone()
    # whole hours, because a bucket at the edge needs all of its readings
    fresh = fresh_rows(connection, point, start_of(start_ms, HOUR_MS), start_of(end_ms, HOUR_MS) + HOUR_MS)
    first_hour, last_hour, first_start, last_start = connection.execute(
        "SELECT (SELECT min(hour) FROM hour WHERE point = :point),"
        " (SELECT max(hour) FROM hour WHERE point = :point),"
        " (SELECT min(start) FROM chunk WHERE point = :point),"
        " (SELECT max(start) FROM chunk WHERE point = :point)",
        {"point": point},
    ).fetchone()
    known = [at // HOUR_MS for at in fresh]
    if first_hour is not None:
        known += [first_hour, last_hour]
    if first_start is not None:
        known += [first_start // HOUR_MS, last_start // HOUR_MS]
    if known:
        # whole hours, so that the answer is the same before and after maintenance
        start_ms, end_ms = max(start_ms, min(known) * HOUR_MS), min(end_ms, (max(known) + 1) * HOUR_MS)
    else:
        end_ms = start_ms
    return _Range(point, start_ms, end_ms, fresh, raw_from, minute_from)


def _raw(connection: sqlite3.Connection, wanted: _Range, max_samples: int) -> list[Sample] | None:
    """The readings themselves, or None where they are too many or some have expired."""
    if wanted.start_ms < wanted.raw_from:
        return None
    chunks = "FROM chunk WHERE point = :point AND start > :start - 3600000 AND start < :end AND end >= :start"
    window = {"point": wanted.point, "start": wanted.start_ms, "end": wanted.end_ms}
    packed = 0
    for (count,) in connection.execute(f"SELECT n {chunks}", window):
        packed += count
        if packed > 2 * max_samples + _SLACK:
            return None
    found: dict[int, Row] = {}
    for start, data in connection.execute(f"SELECT start, data {chunks} ORDER BY id", window):
        found.update((row[0], row) for row in unpack_rows(start, data))
    found.update(wanted.fresh)
    inside = [row for at, row in sorted(found.items()) if wanted.start_ms <= at < wanted.end_ms]
    return raw_samples(inside) if sum(map(counts, inside)) <= max_samples else None


def _rolled(connection: sqlite3.Connection, wanted: _Range, width_ms: int) -> list[Sample]:
    """Buckets of a minute or an hour that touch the range."""
    first, last = wanted.start_ms // HOUR_MS, (wanted.end_ms - 1) // HOUR_MS
    stored = _minutes if width_ms == MINUTE_MS else _hours
    samples = {sample.at_ms: sample for sample in stored(connection, wanted.point, first, last)}
    changed = _changed(connection, wanted, first, last)
    for hour, fresh in changed.items():
        rows = packed_hour(connection, wanted.point, hour) | fresh
        for at in range(hour * HOUR_MS, (hour + 1) * HOUR_MS, width_ms):
            samples.pop(at, None)
        minutes = roll(row for _, row in sorted(rows.items()))
        samples.update((sample.at_ms, sample) for sample in merge(minutes, width_ms))
    low = start_of(wanted.start_ms, width_ms)
    return [sample for at, sample in sorted(samples.items()) if low <= at < wanted.end_ms]


def _changed(
    connection: sqlite3.Connection, wanted: _Range, first: int, last: int
) -> dict[int, dict[int, Row]]:
    """Hours whose roll-ups are not up to date, with their fresh readings. Where the hour's older readings
    have expired, its roll-up is all there is, and stays."""
    marked = connection.execute(
        "SELECT hour FROM stale WHERE point = ? AND hour BETWEEN ? AND ?", (wanted.point, first, last)
    )
    changed: dict[int, dict[int, Row]] = {hour: {} for (hour,) in marked}
    for at, row in wanted.fresh.items():
        if first <= at // HOUR_MS <= last:
            changed.setdefault(at // HOUR_MS, {})[at] = row
    return {
        hour: fresh
        for hour, fresh in changed.items()
        if hour * HOUR_MS >= wanted.raw_from or not is_rolled(connection, wanted.point, hour)
    }


def is_rolled(connection: sqlite3.Connection, point: int, hour: int) -> bool:
    """Whether an hour has a roll-up."""
    rolled = connection.execute("SELECT 1 FROM hour WHERE point = ? AND hour = ?", (point, hour))
    return rolled.fetchone() is not None


def _minutes(connection: sqlite3.Connection, point: int, first: int, last: int) -> Iterable[Sample]:
    for hour, data in connection.execute(
        "SELECT hour, data FROM minute WHERE point = ? AND hour BETWEEN ? AND ?", (point, first, last)
    ):
        yield from unpack_minutes(hour * HOUR_MS, data)


def _hours(connection: sqlite3.Connection, point: int, first: int, last: int) -> Iterable[Sample]:
    for hour, low, high, mean, value, count in connection.execute(
        "SELECT hour, low, high, mean, last, count FROM hour WHERE point = ? AND hour BETWEEN ? AND ?",
        (point, first, last),
    ):
        yield Sample(hour * HOUR_MS, low, high, mean, value, count)
