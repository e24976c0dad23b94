"""Readings from a CSV file nobody has seen before: any column names, separators, encodings and ways to write time.

Rows are put in time order. Of several rows of the same time the first counts, as live; cells that it
leaves empty are taken from the next ones.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from server.rules import backtest_cells as cells
from server.rules.backtest_cells import BadFile
from server.rules.learned.verdict import Floats, Times
from server.rules.past import History, PointInfo
from telemetry.reading import Value

_SEPARATORS = (",", ";", "\t", "|")
_ENCODINGS = ("utf-8-sig", "gb18030", "cp1252")
_LONGEST_FIELD = 1 << 20
_TELL_ROWS = 20_000

Progress = Callable[[float], None]


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


class _Sheet(NamedTuple):
    """The wanted columns of the text, cell by cell."""

    separator: str
    numbers: list[int]
    """Of each row, as a spreadsheet shows it."""
    columns: list[list[str]]


def read_csv(
    path: Path,
    *,
    time_column: str,
    points: Sequence[str],
    kinds: dict[str, str],
    zone: str,
    progress: Progress | None = None,
) -> CsvRows:
    """Read the columns that are asked for. ``kinds`` of points that are not numbers. Raises BadFile."""
    sheet = _sheet(path, [time_column, *points], progress)
    if not sheet.numbers:
        raise BadFile(f"{path.name} has a header and no rows")
    site, written = ZoneInfo(zone), sheet.columns[0]
    times = [
        cells.time_of(text, site, f"{path.name}, row {number}, column {time_column}")
        for number, text in zip(sheet.numbers, written, strict=True)
    ]
    values: dict[str, Sequence[Value]] = {}
    for name, column in zip(points, sheet.columns[1:], strict=True):
        parse = cells.state if kinds.get(name) == "state" else cells.number
        where = (f"{path.name}, row ", f", column {name}")
        values[name] = cells.column(column, sheet.numbers, parse, sheet.separator, where)
    return _arranged(np.array(times, dtype=np.int64), written, values, kinds, zone)


def _sheet(path: Path, wanted: Sequence[str], progress: Progress | None) -> _Sheet:
    text, (separator, names, begins) = _understood(path, wanted)
    file = io.StringIO(text, newline="")
    reader = csv.reader(file, delimiter=separator)
    indexes = [names.index(name) for name in wanted]
    columns: list[list[str]] = [[] for _ in wanted]
    numbers: list[int] = []
    for number, row in _rows(path, reader, begins, len(names)):
        numbers.append(number)
        for column, index in zip(columns, indexes, strict=True):
            column.append(row[index].strip() if index < len(row) else "")
        if progress is not None and number % _TELL_ROWS == 0:
            progress(file.tell() / len(text))
    return _Sheet(separator, numbers, columns)


def _understood(path: Path, wanted: Sequence[str]) -> tuple[str, tuple[str, list[str], int]]:
    """The text, and its header in the first encoding in which the header has the wanted names."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None
    csv.field_size_limit(_LONGEST_FIELD)
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else _ENCODINGS
    problem: BadFile | None = None
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            return text, _header(path, text, wanted)
        except BadFile as error:
            problem = problem or error
        if encoding == _ENCODINGS[0]:
            break
    raise problem or BadFile(f"{path.name} is not text in UTF-8, UTF-16, GB 18030 or Windows 1252")


def _as_typed(name: str) -> str:
    """A name as ``--points`` takes it: one with a comma in it stands in double quotes."""
    quoted = name.replace('"', '""')
    return f'"{quoted}"' if "," in name else name


def _header(path: Path, text: str, wanted: Sequence[str]) -> tuple[str, list[str], int]:
    """Separator, names and the number of the row in which they stand."""
    best: tuple[tuple[int, int], str, list[str], int] = ((-1, 0), ",", [], 0)
    for separator in _SEPARATORS:
        names, number = _names(path, text, separator)
        known = sum(name in names for name in wanted)
        # where no name is known the separator that parts the most shows the person what the file has
        fit = (known, 0 if known else len(names))
        if fit > best[0]:
            best = (fit, separator, names, number)
    _, separator, names, number = best
    if not number:
        raise BadFile(f"{path.name} is empty")
    missing = [name for name in wanted if name not in names]
    if missing:
        raise BadFile(
            f"{path.name} has no column {', '.join(map(repr, missing))} (it has: {', '.join(map(_as_typed, names))})"
        )
    twice = [name for name in wanted if names.count(name) > 1]
    if twice:
        raise BadFile(f"{path.name} has several columns named {twice[0]!r}")
    return separator, names, number


def _names(path: Path, text: str, separator: str) -> tuple[list[str], int]:
    """The first row that says something; spreadsheets may write ``sep=;`` before it."""
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1):
            if any(cell.strip() for cell in row) and not row[0].lower().startswith("sep="):
                return [name.strip() for name in row], number
    except csv.Error as error:
        raise BadFile(f"{path.name}, in the header: {error}") from None
    return [], 0


def _rows(
    path: Path, reader: Iterator[list[str]], begins: int, width: int
) -> Iterator[tuple[int, list[str]]]:
    """Rows after the header with their number as a spreadsheet shows it. Rows without any text are no rows."""
    number = 0
    try:
        for number, row in enumerate(reader, 1):
            if number <= begins or not any(row):
                continue
            if len(row) > width and any(row[width:]):
                raise BadFile(
                    f"{path.name}, row {number}: {len(row)} cells, but the header has {width}; "
                    "put cells that contain the separator in double quotes"
                )
            yield number, row
    except csv.Error as error:
        raise BadFile(f"{path.name}, row {number + 1}: {error}") from None


def _arranged(
    times: Times, written: list[str], values: dict[str, Sequence[Value]], kinds: dict[str, str], zone: str
) -> CsvRows:
    order = np.argsort(times, kind="stable")
    unique, position_sorted = np.unique(times[order], return_inverse=True)
    position = np.empty(len(times), dtype=np.int64)
    position[order] = position_sorted
    numbers: dict[str, Floats] = {}
    texts: dict[str, list[Value]] = {}
    points = {}
    for key, column in values.items():
        said = np.array([value is not None for value in column], dtype=np.bool_)[order]
        where, first = np.unique(position_sorted[said], return_index=True)
        chosen = order[said][first]
        step_s = float(np.median(np.diff(unique[where]))) / 1000 if len(where) > 1 else 60.0
        points[key] = PointInfo(key, kinds.get(key, "analog"), step_s)
        if kinds.get(key) == "state":
            texts[key] = [None] * len(unique)
            for at, row in zip(where.tolist(), chosen.tolist(), strict=True):
                texts[key][at] = column[row]
        else:
            numbers[key] = np.full(len(unique), np.nan)
            numbers[key][where] = np.array(column, dtype=np.float64)[chosen]
    history = History(unique, numbers, texts, points, zone)
    repeated, unsorted = len(times) - len(unique), int((np.diff(times) < 0).sum())
    return CsvRows(history, position, times, written, repeated, unsorted)
