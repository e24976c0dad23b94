"""The stored readings of one asset, as a back-test and a training read them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.models import Asset, Point, Space
from server.forms.typed_points import TYPED_DEVICE
from server.rules.backtest import Progress
from server.rules.binding import ParsedRule
from server.rules.conditions import leaves
from server.rules.past import History, PointInfo
from telemetry.reading import Quality, Reading, Value
from telemetry.store.contract import ReadingStore

MOST_READINGS = 6_000_000
"""A month of a machine with twenty points every ten seconds; more would not fit the memory of a small server."""
_SLICES = 20


class TooMuchHistory(ValueError):
    """The period holds more readings than are looked at in one go."""


def points_of(session: Session, asset_id: int) -> Mapping[int, PointInfo]:
    """All points that an asset measures, by id."""
    measured = select(Point).where(Point.asset_id == asset_id, Point.device_id != TYPED_DEVICE)
    rows = session.scalars(measured.order_by(Point.id))
    return {
        point.id: PointInfo(
            point.key,
            point.kind,
            point.interval_s,
            point.unit or "",
            point.name,
            None
            if point.physical_high is None or point.physical_low is None
            else point.physical_high - point.physical_low,
        )
        for point in rows
    }


def zone_of(session: Session, asset_id: int) -> str:
    """The time zone of the asset's site."""
    space_id = session.scalar(select(Asset.space_id).where(Asset.id == asset_id))
    space = session.get(Space, space_id) if space_id is not None else None
    while space is not None and space.parent_id is not None:
        space = session.get(Space, space.parent_id)
    return (space.time_zone if space else None) or "UTC"


def used_points(rule: ParsedRule, points: Mapping[int, PointInfo]) -> dict[int, PointInfo]:
    """The points whose readings can change the answer."""
    is_silence = any(leaf.type == "no_data" for part in rule.conditions for _, leaf in leaves(part))
    if is_silence or rule.mentions:
        return dict(points)
    return {number: point for number, point in points.items() if point.key in rule.needs}


def load_history(
    store: ReadingStore,
    points: Mapping[int, PointInfo],
    *,
    begin_ms: int,
    end_ms: int,
    zone: str,
    progress: Progress | None = None,
) -> History:
    """All but bad readings on common instants; what came late counts as if it had been in time.

    Raises TooMuchHistory, StoreUnavailable.
    """
    found: dict[int, tuple[list[int], list[Value]]] = {number: ([], []) for number in points}
    count = 0
    for reading in _sliced(store, points.keys(), begin_ms, end_ms, progress):
        if reading.quality is Quality.BAD or reading.value is None:
            continue
        times, values = found[reading.point]
        if times and reading.at_ms <= times[-1]:
            continue
        times.append(reading.at_ms)
        values.append(reading.value)
        count += 1
        if count > MOST_READINGS:
            raise TooMuchHistory(f"the period holds more than {MOST_READINGS} readings of these points")
    return _together(found, points, zone)


def _sliced(
    store: ReadingStore, points: Collection[int], begin_ms: int, end_ms: int, progress: Progress | None
) -> Iterator[Reading]:
    """Slice by slice, so that the one who waits sees how far it is."""
    edges = [begin_ms + (end_ms - begin_ms) * index // _SLICES for index in range(_SLICES + 1)]
    for index, (begin, end) in enumerate(pairwise(edges), 1):
        yield from store.read(list(points), begin, end)
        if progress is not None:
            progress(index / _SLICES)


def _together(
    found: Mapping[int, tuple[list[int], list[Value]]], points: Mapping[int, PointInfo], zone: str
) -> History:
    arrays = {number: np.array(times, dtype=np.int64) for number, (times, _) in found.items()}
    every = np.unique(np.concatenate(list(arrays.values()))) if arrays else np.empty(0, dtype=np.int64)
    numbers, texts = {}, {}
    for number, (_, values) in found.items():
        where = np.searchsorted(every, arrays[number])
        if points[number].kind in ("state", "flags"):
            spread: list[Value] = [None] * len(every)
            for position, value in zip(where.tolist(), values, strict=True):
                spread[position] = value
            texts[points[number].key] = spread
        else:
            column = np.full(len(every), math.nan)
            column[where] = [value if isinstance(value, int | float) else math.nan for value in values]
            numbers[points[number].key] = column
    return History(every, numbers, texts, {point.key: point for point in points.values()}, zone)
