"""One point for a chart out of InfluxDB, in the resolution that fits."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from telemetry.reading import Reading
from telemetry.store.contract import Resolution, Sample, Series
from telemetry.store.influx_client import AnyRow, InfluxClient
from telemetry.store.influx_journal import notes_since, read_state
from telemetry.store.influx_lines import LAST_MS, ROLLED_FIELDS, RolledRow, is_whole_sample, to_sample
from telemetry.store.influx_read import between, of_points, read, usable_rows
from telemetry.store.rollup import (
    HOUR_MS,
    MINUTE_MS,
    Row,
    choose_width,
    merge,
    raw_samples,
    resolution_of,
    roll,
    start_of,
)


class _Range(NamedTuple):
    point: int
    start_ms: int
    end_ms: int
    raw_from: int
    minute_from: int
    stale: list[int]
    """Hours of the range whose roll-ups are not up to date."""


def series(client: InfluxClient, point: int, start_ms: int, end_ms: int, max_samples: int) -> Series:
    """Raw, minutes, hours or merged hours; hours not rolled up since their last change are computed."""
    wanted = _clipped(client, point, start_ms, end_ms)
    if wanted.start_ms >= wanted.end_ms:
        return Series(point, "raw", [])
    if wanted.start_ms >= wanted.raw_from:
        readings = usable_rows(client, point, wanted.start_ms, wanted.end_ms, most=max_samples)
        if readings is not None:
            return Series(point, "raw", raw_samples(map(as_row, readings)))
    width = choose_width(wanted.start_ms, wanted.end_ms, max_samples, minutes_from_ms=wanted.minute_from)
    samples = _rolled(client, wanted, resolution_of(width))
    if width > HOUR_MS:
        samples = merge(samples, width)
    return Series(point, resolution_of(width), samples)


def as_row(reading: Reading) -> Row:
    """A reading without its point."""
    return reading.at_ms, reading.value, reading.quality


def _clipped(client: InfluxClient, point: int, start_ms: int, end_ms: int) -> _Range:
    """The range without what lies before the point's first and after its last reading, so that a chart
    of the last year shows a point of last week in detail."""
    state = read_state(client)
    start_ms, end_ms = max(start_ms, state.hour_from, -LAST_MS), min(end_ms, LAST_MS)
    # whole hours, so that the answer is the same before and after maintenance
    whole = (start_of(start_ms, HOUR_MS), start_of(end_ms - 1, HOUR_MS) + HOUR_MS)
    noted = {note.hour for note in notes_since(client, state.open_from, point=point) if not note.done}
    stale = sorted(hour for hour in noted if whole[0] <= hour * HOUR_MS < whole[1])
    known = [
        *stale,
        *_edges(client, "hour", f"point = '{point}' AND count > 0 AND {between(*whole)}"),
        *_edges(client, "raw", f"point = '{point}' AND {between(max(whole[0], state.raw_from), whole[1])}"),
    ]
    if known:
        start_ms, end_ms = max(start_ms, min(known) * HOUR_MS), min(end_ms, (max(known) + 1) * HOUR_MS)
    else:
        end_ms = start_ms
    return _Range(point, start_ms, end_ms, state.raw_from, state.minute_from, stale)


def _edges(client: InfluxClient, tier: Resolution, where: str) -> list[int]:
    """The first and the last hour in which a tier has something."""
    field = "q" if tier == "raw" else "count"
    return [
        row.at_ms // HOUR_MS
        for order in ("ASC", "DESC")
        for group in client.select(
            tier, f"SELECT {field} FROM reading WHERE {where} ORDER BY time {order} LIMIT 1", AnyRow
        )
        for row in group.values
    ]


def _rolled(client: InfluxClient, wanted: _Range, tier: Resolution) -> list[Sample]:
    """Buckets of a minute or an hour that touch the range."""
    width = MINUTE_MS if tier == "minute" else HOUR_MS
    first = start_of(wanted.start_ms, HOUR_MS)
    last = start_of(wanted.end_ms - 1, HOUR_MS) + HOUR_MS
    stored = rolled_samples(client, tier, [wanted.point], first, last)[wanted.point]
    samples = {at: sample for at, sample in stored.items() if sample.count}
    for run in _runs(_to_compute(client, wanted)):
        start, end = run[0] * HOUR_MS, (run[-1] + 1) * HOUR_MS
        samples = {at: sample for at, sample in samples.items() if not start <= at < end}
        minutes = roll(map(as_row, read(client, [wanted.point], start, end)))
        samples.update((sample.at_ms, sample) for sample in merge(minutes, width))
    low = start_of(wanted.start_ms, width)
    return [sample for at, sample in sorted(samples.items()) if low <= at < wanted.end_ms]


def _to_compute(client: InfluxClient, wanted: _Range) -> list[int]:
    """Stale hours. Where older readings of the hour have expired, its roll-up is all there is, and stays."""
    old = [hour for hour in wanted.stale if hour * HOUR_MS < wanted.raw_from]
    if not old:
        return wanted.stale
    start, end = old[0] * HOUR_MS, (old[-1] + 1) * HOUR_MS
    rolled = rolled_samples(client, "hour", [wanted.point], start, end)[wanted.point]
    kept = {hour for hour in old if hour * HOUR_MS in rolled and rolled[hour * HOUR_MS].count}
    return [hour for hour in wanted.stale if hour not in kept]


def _runs(hours: Iterable[int]) -> list[list[int]]:
    """Hours without a gap between them, together."""
    numbered = groupby(enumerate(hours), lambda pair: pair[1] - pair[0])
    return [[hour for _, hour in run] for _, run in numbered]


def rolled_samples(
    client: InfluxClient, tier: Resolution, points: Collection[int], start_ms: int, end_ms: int
) -> dict[int, dict[int, Sample]]:
    """Roll-ups by point and start, those that are gone (count 0) among them; the newer of two for a renamed
    asset."""
    where = f"{of_points(points)} AND {between(start_ms, end_ms)}"
    query = f"SELECT {ROLLED_FIELDS}, point FROM reading WHERE {where}"
    answer = client.select(tier, query, RolledRow)
    rows = [row for group in answer for row in group.values if is_whole_sample(row)]
    found: dict[int, dict[int, Sample]] = {point: {} for point in points}
    for row in sorted(rows, key=attrgetter("rolled_ms")):
        found[int(row.point)][row.at_ms] = to_sample(row)
    return found
