"""Readings from a CSV file nobody has seen before: any column names, separators and ways to write time.

Rows are put in time order. Of several rows of the same time the first counts, as live; cells that it
leaves empty are taken from the next ones.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, TextIO
from zoneinfo import ZoneInfo

import numpy as np

from server.clock import to_ms
from server.rules.backtest import History, PointInfo
from server.rules.learned.verdict import Times
from telemetry.reading import Value

_SEPARATORS = (",", ";", "\t", "|")
_MISSING = frozenset({"", "nan", "null", "none", "na", "n/a", "-", "#n/a"})
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(e[+-]?\d+)?", re.IGNORECASE)
_LOOSE_TIME = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?"
)
_WORDS = {"true": 1.0, "false": 0.0}
_LONGEST_FIELD = 1 << 20


class BadFile(ValueError):
    """The file cannot be used; the message names the row and the column."""


class CsvRows(NamedTuple):
    """A file as read. ``position``: for each row of the file, in its order, where its time stands in ``history``."""

    history: History
    position: Times
    times: Times
    """Of each row of the file, in its order."""
    texts: list[str]
    """Times as written."""
    repeated: int
    """Rows whose time an earlier row has as well."""
    unsorted: int
    """Rows that stood before a row of an earlier time."""


def read_csv(
    path: Path, *, time_column: str, points: Sequence[str], kinds: dict[str, str], zone: str
) -> CsvRows:
    """Read the columns that are asked for. ``kinds`` of points that are not numbers. Raises BadFile."""
    with _opened(path) as file:
        separator, header = _header(path, file, [time_column, *points])
        reader = csv.reader(file, delimiter=separator)
        columns = [header.index(name) for name in (time_column, *points)]
        site = ZoneInfo(zone)
        rows = list(_rows(path, reader))
    if not rows:
        raise BadFile(f"{path.name} has a header and no rows")
    written = _cells(rows, columns[0])
    times = [
        _time(text, site, f"{path.name}, row {number}, column {time_column}")
        for (number, _), text in zip(rows, written, strict=True)
    ]
    cells: dict[str, list[Value]] = {}
    for name, index in zip(points, columns[1:], strict=True):
        where = (f"{path.name}, row ", f", column {name}")
        parse = _text if kinds.get(name) == "state" else _number
        cells[name] = _parsed(_cells(rows, index), rows, parse, separator, where)
    return _arranged(np.array(times, dtype=np.int64), written, cells, kinds, zone)


def _cells(rows: list[tuple[int, list[str]]], index: int) -> list[str]:
    """One column; a row that is too short has nothing there."""
    return [row[index].strip() if index < len(row) else "" for _, row in rows]


def _parsed(
    cells: list[str],
    rows: list[tuple[int, list[str]]],
    parse: Callable[[str, str], Value],
    separator: str,
    where: tuple[str, str],
) -> list[Value]:
    if parse is _number:
        try:  # most columns are numbers from top to bottom
            plain: list[Value] = list(map(float, cells))
        except ValueError:
            pass
        else:
            if np.isfinite(np.array(plain, dtype=np.float64)).all():
                return plain
    found: list[Value] = []
    for (number, _), cell in zip(rows, cells, strict=True):
        try:
            found.append(parse(cell, separator))
        except ValueError as error:
            raise BadFile(f"{where[0]}{number}{where[1]}: {error}") from None
    return found


def parse_time(text: str, zone: str) -> int:
    """Epoch milliseconds of a time as the files write it; times without an offset are of ``zone``.

    Raises BadFile."""
    return _time(text.strip(), ZoneInfo(zone), f"the time {text!r}")


def _opened(path: Path) -> TextIO:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None
    csv.field_size_limit(_LONGEST_FIELD)
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            return io.StringIO(data.decode(encoding), newline="")
        except UnicodeDecodeError:
            continue
    raise BadFile(f"{path.name} is not text in UTF-8, UTF-16 or GB 18030")


def _header(path: Path, file: TextIO, wanted: Sequence[str]) -> tuple[str, list[str]]:
    line = ""
    while not line.strip():
        line = file.readline()
        if not line:
            raise BadFile(f"{path.name} is empty")
    begin = file.tell()
    best: tuple[int, str, list[str]] = (-1, ",", [])
    for separator in _SEPARATORS:
        names = [name.strip() for name in next(csv.reader([line], delimiter=separator), [])]
        known = sum(name in names for name in wanted)
        if known > best[0]:
            best = (known, separator, names)
    _, separator, names = best
    file.seek(begin)
    missing = [name for name in wanted if name not in names]
    if missing:
        raise BadFile(
            f"{path.name} has no column {', '.join(map(repr, missing))} (it has: {', '.join(names)})"
        )
    twice = [name for name in wanted if names.count(name) > 1]
    if twice:
        raise BadFile(f"{path.name} has several columns named {twice[0]!r}")
    return separator, names


def _rows(path: Path, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows with their number as a spreadsheet shows it: the header is row 1. Empty lines are no rows."""
    number = 1
    try:
        for row in reader:
            number += 1
            if row:
                yield number, row
    except csv.Error as error:
        raise BadFile(f"{path.name}, row {number + 1}: {error}") from None


def _number(cell: str, separator: str) -> Value:
    try:
        value = float(cell)
    except ValueError:
        lower = cell.lower()
        if lower in _MISSING:
            return None
        if lower in _WORDS:
            return _WORDS[lower]
        if separator != "," and _DECIMAL_COMMA.fullmatch(cell):
            return float(cell.replace(",", "."))
        raise ValueError(f"{cell[:40]!r} is not a number") from None
    if math.isnan(value):
        return None
    if math.isinf(value):
        raise ValueError(f"{cell[:40]!r} is not a finite number")
    return value


def _text(cell: str, _separator: str) -> Value:
    if cell.lower() in _MISSING:
        return None
    try:
        return int(cell)
    except ValueError:
        return cell[:64]


def _time(text: str, site: ZoneInfo, where: str) -> int:
    try:
        number = float(text)
    except ValueError:
        return _written_time(text, site, where)
    if not math.isfinite(number) or number < 0:
        raise BadFile(f"{where}: {text!r} is not a time")
    for limit, per_ms in ((1e11, 1000.0), (1e14, 1.0), (1e17, 1e-3)):
        if number < limit:
            return round(number * per_ms)
    return round(number * 1e-6)


def _written_time(text: str, site: ZoneInfo, where: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        parts = _LOOSE_TIME.fullmatch(text)
        if parts is None:
            raise BadFile(
                f"{where}: {text[:40]!r} is not a time (give epoch seconds, ISO 8601 or YYYY-MM-DD HH:MM:SS)"
            ) from None
        year, month, day, hour, minute, second = (int(part or 0) for part in parts.groups()[:6])
        micro = int((parts.group(7) or "0").ljust(6, "0")[:6])
        try:
            at = datetime(year, month, day, hour, minute, second, micro)  # noqa: DTZ001 - zone follows
        except ValueError as error:
            raise BadFile(f"{where}: {text[:40]!r}: {error}") from None
    if at.tzinfo is None:
        at = at.replace(tzinfo=site)
    found = to_ms(at.astimezone(UTC))
    if found < 0:
        raise BadFile(f"{where}: {text[:40]!r} is before 1970")
    return found


def _arranged(
    times: Times, written: list[str], cells: dict[str, list[Value]], kinds: dict[str, str], zone: str
) -> CsvRows:
    order = np.argsort(times, kind="stable")
    unique, first, position_sorted = np.unique(times[order], return_index=True, return_inverse=True)
    position = np.empty(len(times), dtype=np.int64)
    position[order] = position_sorted
    repeated = len(times) - len(unique)
    numbers, texts = {}, {}
    for key, column in cells.items():
        if kinds.get(key) == "state":
            texts[key] = _first_texts(column, order.tolist(), position_sorted.tolist(), len(unique))
            continue
        values = np.array([math.nan if v is None else v for v in column], dtype=np.float64)[order]
        merged = values[first]
        for index in np.flatnonzero(np.isnan(merged)) if repeated else ():
            same = values[position_sorted == index]
            known = same[np.isfinite(same)]
            merged[index] = known[0] if len(known) else math.nan
        numbers[key] = merged
    step_s = float(np.median(np.diff(unique))) / 1000 if len(unique) > 1 else 60.0
    points = {key: PointInfo(key, kinds.get(key, "analog"), step_s) for key in cells}
    history = History(unique, numbers, texts, points, zone)
    unsorted = int((np.diff(times) < 0).sum())
    return CsvRows(history, position, times, written, repeated, unsorted)


def _first_texts(column: list[Value], order: list[int], position: list[int], count: int) -> list[Value]:
    merged: list[Value] = [None] * count
    for row, where in zip(order, position, strict=True):
        if merged[where] is None:
            merged[where] = column[row]
    return merged
