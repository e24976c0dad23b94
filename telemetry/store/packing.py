"""Readings and minutes of one point, packed into a few bytes each.

A row of the SQLite file costs 27 bytes a reading; neighbours of one point differ by little, so an hour
of them packs into 2 to 11 bytes each. Timestamps and decimals are kept as differences, then deflated.
Floats with up to four decimals (what sensors send) become whole numbers, and only where that is exact.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import accumulate, pairwise

import msgspec

from telemetry.reading import Value
from telemetry.store.contract import Sample
from telemetry.store.rollup import MINUTE_MS, Row

MAX_ROWS = 128
"""Readings a chunk. Even when nothing can be compressed, three chunks fit a page of 4 KiB."""

_MOST_DECIMALS = 4
_LARGEST = 1e11
"""Above this, four decimals would leave the 53 bits in which a double counts exactly."""
_AS_THEY_ARE = -1


class _Column(msgspec.Struct, frozen=True, array_like=True, gc=False):
    decimals: int
    values: list[Value]


class _Rows(msgspec.Struct, frozen=True, array_like=True, gc=False):
    steps: list[int]
    column: _Column
    qualities: list[int]
    """Empty: all GOOD."""


class _Minutes(msgspec.Struct, frozen=True, array_like=True, gc=False):
    offsets: list[int]
    counts: list[int]
    last: _Column
    low: _Column
    high: _Column
    mean: _Column
    """low, high, mean: only of buckets with more than one reading."""


_encode = msgspec.msgpack.Encoder().encode
_decode_rows = msgspec.msgpack.Decoder(_Rows).decode
_decode_minutes = msgspec.msgpack.Decoder(_Minutes).decode


def pack_rows(rows: Sequence[Row]) -> bytes:
    """Readings of one point, oldest first. The first one's time is kept by the caller."""
    steps = [later[0] - earlier[0] for earlier, later in pairwise(rows)]
    qualities = [row[2] for row in rows]
    packed = _Rows(steps, _pack_column([row[1] for row in rows]), qualities if any(qualities) else [])
    return zlib.compress(_encode(packed), 6)


def unpack_rows(start_ms: int, data: bytes) -> list[Row]:
    """The readings again, in order, each value of the type it had."""
    packed = _decode_rows(zlib.decompress(data))
    times = accumulate(packed.steps, initial=start_ms)
    values = _unpack_column(packed.column)
    return list(zip(times, values, packed.qualities or [0] * len(values), strict=True))


def pack_minutes(samples: Sequence[Sample]) -> bytes:
    """Minutes of one hour, oldest first."""
    wide = [sample for sample in samples if sample.count > 1]
    packed = _Minutes(
        [sample.at_ms // MINUTE_MS % 60 for sample in samples],
        [sample.count for sample in samples],
        _pack_column([sample.last for sample in samples]),
        _pack_column([sample.min for sample in wide]),
        _pack_column([sample.max for sample in wide]),
        _pack_column([sample.mean for sample in wide]),
    )
    return zlib.compress(_encode(packed), 6)


def unpack_minutes(hour_ms: int, data: bytes) -> list[Sample]:
    """The minutes of the hour that begins at ``hour_ms``."""
    packed = _decode_minutes(zlib.decompress(data))
    wide = zip(*(_unpack_column(column) for column in (packed.low, packed.high, packed.mean)), strict=True)
    samples = []
    for offset, count, last in zip(packed.offsets, packed.counts, _unpack_column(packed.last), strict=True):
        low, high, mean = (_number(value) for value in (next(wide) if count > 1 else (last, last, last)))
        samples.append(Sample(hour_ms + offset * MINUTE_MS, low, high, mean, last, count))
    return samples


def _number(value: Value) -> float | None:
    return None if value is None or isinstance(value, str) else float(value)


def _pack_column(values: list[Value]) -> _Column:
    floats = [value for value in values if isinstance(value, float)]
    if len(floats) == len(values) > 0 and min(floats) > -_LARGEST and max(floats) < _LARGEST:
        for decimals in range(_MOST_DECIMALS + 1):
            whole = _as_whole(floats, 10.0**decimals)
            if whole:
                steps = (later - earlier for earlier, later in pairwise(whole))
                return _Column(decimals, [whole[0], *steps])
    return _Column(_AS_THEY_ARE, values)


def _as_whole(floats: list[float], scale: float) -> list[int] | None:
    """The values as whole numbers of 1 / scale, if all of them are exactly that."""
    if any(round(value * scale) / scale != value for value in floats[:6]):  # most misses are seen at once
        return None
    whole = [round(value * scale) for value in floats]
    return whole if [number / scale for number in whole] == floats else None


def _unpack_column(column: _Column) -> list[Value]:
    if column.decimals == _AS_THEY_ARE:
        return column.values
    scale = 10.0**column.decimals
    steps = [value for value in column.values if isinstance(value, int)]
    return [number / scale for number in accumulate(steps)]
