"""Readings and roll-ups as line protocol, and back.

A reading: measurement ``reading``, tags ``point``, ``asset``, ``key``; fields ``value`` (float), ``code``
(int), ``text`` and ``q``. A field never changes its type, because there is one for each type; when a value
replaces another of a different type, the old field stays, and ``q`` says which one holds:
quality (0 to 3) + 4 * (0 float, 1 int, 2 text, 3 no value), and for MANUAL 16 + 4 * the same. So ``q < 3``
are the usable floats that devices sent, 16 those that people typed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import NamedTuple

from telemetry.reading import Quality, Reading, Value
from telemetry.store.contract import Sample

RAW_FIELDS = "value, code, text, q"
ROLLED_FIELDS = "min, max, mean, last, last_code, last_text, shape, count, rolled"


class RawRow(NamedTuple):
    """A row of RAW_FIELDS and the point's tag.

    InfluxDB shows some fields of a row before the others while it is being written: see ``is_whole``.
    """

    at_ms: int
    value: float | None
    code: int | None
    text: str | None
    q: int | None
    point: str


class RolledRow(NamedTuple):
    """A row of ROLLED_FIELDS and the point's tag."""

    at_ms: int
    min: float | None
    max: float | None
    mean: float | None
    last: float | None
    last_code: int | None
    last_text: str | None
    shape: int | None
    """2 * (type of the last value) + (whether min, max and mean hold)."""
    readings: int | None
    rolled_ms: int | None
    point: str


Describe = Callable[[int], tuple[str, str] | None]
"""Keys of the asset and the point that an id stands for; None where that is not known."""

LAST_MS = 9_223_372_036_000
"""InfluxDB counts nanoseconds in 63 bits: the years 1677 to 2262."""
_LARGEST_INT = 2**63 - 1
_FLOAT, _INT, _TEXT, _NONE = range(4)
_BAD = int(Quality.BAD)

_TYPED = 16
_QUALITIES = (Quality.GOOD, Quality.SUSPECT, Quality.BACKFILLED, Quality.BAD)
_CODES = tuple(_TYPED if quality is Quality.MANUAL else int(quality) for quality in Quality)
"""By quality: what it adds to ``q``."""
NOT_BAD = " AND ".join(f"q != {_BAD + 4 * kind}" for kind in range(4))
USABLE = " AND ".join([NOT_BAD, *(f"q != {code + 4 * _NONE}" for code in _CODES if code != _BAD)])
"""Neither BAD nor without a value: what a series shows."""

_TAG_ESCAPES = str.maketrans({",": "\\,", " ": "\\ ", "=": "\\=", "\n": "_", "\r": "_", "\\": "_"})


class Prefixes:
    """Measurement and tags of each point, ready to be put before its fields."""

    def __init__(self, describe: Describe | None) -> None:
        self._describe = describe or (lambda _: None)
        self._known: dict[int, tuple[tuple[str, str] | None, str]] = {}

    def of(self, point: int) -> str:
        """Beginning of the point's lines. Follows a change of its names."""
        names = self._describe(point)
        known = self._known.get(point)
        if known is None or known[0] != names:
            tags = "".join(
                f",{tag}={_tag(name)}" for tag, name in zip(("asset", "key"), names or (), strict=False)
            )
            known = self._known[point] = (names, f"reading{tags},point={point}")
        return known[1]


def _tag(name: str) -> str:
    return name.translate(_TAG_ESCAPES)


def raw_lines(
    readings: Sequence[Reading], prefixes: Prefixes
) -> tuple[list[str], list[Reading], list[tuple[Reading, str]]]:
    """Lines, the readings they stand for, and the readings that cannot be written, with the reason."""
    lines: list[str] = []
    kept: list[Reading] = []
    rejected: list[tuple[Reading, str]] = []
    for reading in readings:
        value = reading.value
        if isinstance(value, float) and isfinite(value) and -LAST_MS < reading.at_ms < LAST_MS:
            fields = f"value={value!r},q={_CODES[reading.quality]}i"
        elif reason := _why_not(reading):
            rejected.append((reading, reason))
            continue
        else:
            fields = f"{_value_field(value)}q={_kind(value) * 4 + _CODES[reading.quality]}i"
        lines.append(f"{prefixes.of(reading.point)} {fields} {reading.at_ms}")
        kept.append(reading)
    return lines, kept, rejected


def rolled_line(prefix: str, sample: Sample, rolled_ms: int) -> str:
    """A minute or an hour. ``rolled_ms`` tells the newer of two where an asset was renamed in between."""
    has_numbers = sample.min is not None and sample.max is not None and sample.mean is not None
    numbers = f"min={sample.min!r},max={sample.max!r},mean={sample.mean!r}," if has_numbers else ""
    shape = _kind(sample.last) * 2 + has_numbers
    last = _value_field(sample.last, names=("last", "last_code", "last_text"))
    return f"{prefix} {numbers}{last}shape={shape}i,count={sample.count}i,rolled={rolled_ms}i {sample.at_ms}"


def gone_line(prefix: str, at_ms: int, rolled_ms: int) -> str:
    """A minute or an hour that has no usable reading any more: there is no cheap way to delete one."""
    return f"{prefix} shape=0i,count=0i,rolled={rolled_ms}i {at_ms}"


def is_whole(row: RawRow) -> bool:
    """Whether all of it is there: a row that is not has not been acknowledged to its writer yet."""
    if row.q is None:
        return False
    kind = row.q >> 2 & 3
    return kind == _NONE or (row.value, row.code, row.text)[kind] is not None


def to_reading(row: RawRow, point: int) -> Reading:
    """A whole row as it was written."""
    q = row.q or 0
    value = (row.value, row.code, row.text, None)[q >> 2 & 3]
    return Reading(point, row.at_ms, value, Quality.MANUAL if q & _TYPED else _QUALITIES[q & 3])


def is_whole_sample(row: RolledRow) -> bool:
    """Whether the fields that every roll-up has are there."""
    return None not in (row.shape, row.readings, row.rolled_ms)


def to_sample(row: RolledRow) -> Sample:
    """A whole roll-up as it was written."""
    shape = row.shape or 0
    low, high, mean = (row.min, row.max, row.mean) if shape & 1 else (None, None, None)
    last = (row.last, row.last_code, row.last_text, None)[shape >> 1]
    return Sample(row.at_ms, low, high, mean, last, row.readings or 0)


def _kind(value: Value) -> int:
    if isinstance(value, float):
        return _FLOAT
    if isinstance(value, int):
        return _INT
    return _NONE if value is None else _TEXT


def _value_field(value: Value, names: tuple[str, str, str] = ("value", "code", "text")) -> str:
    """The field that holds a value, with a comma behind it; nothing for None."""
    if value is None:
        return ""
    kind = _kind(value)
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{names[kind]}="{escaped}",'
    return f"{names[kind]}={value!r}{'i' if kind == _INT else ''},"


def _why_not(reading: Reading) -> str | None:
    """Why InfluxDB cannot hold this reading, or None if it can."""
    value = reading.value
    if not -LAST_MS < reading.at_ms < LAST_MS:
        return "time out of range"
    if isinstance(value, float):
        return None if isfinite(value) else "not a finite number"
    if isinstance(value, bool) or not isinstance(value, int | str | None):
        return f"a value cannot be of type {type(value).__name__}"
    if isinstance(value, int) and not -_LARGEST_INT <= value <= _LARGEST_INT:
        return "whole number of more than 64 bits"
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return "text is not valid Unicode"
    return None
