"""Cells of a CSV file as numbers, states and times, in the ways that people and their tools write them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from server.clock import to_ms
from telemetry.reading import Value

_MISSING = frozenset({"", "nan", "null", "none", "na", "n/a", "-", "#n/a"})
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(e[+-]?\d+)?", re.IGNORECASE)
_PERHAPS_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_CLOCK = r"(?:(?:T|\s)+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?"
_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?" + _CLOCK)
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}),?" + _CLOCK)
"""With dots the day always comes first; with slashes nobody can tell, so that is refused."""
_WORDS = {"true": 1.0, "false": 0.0}
_LONGEST_STATE = 64

Parse = Callable[[str, str], Value]
"""A cell and the separator of the file. Raises ValueError with what is wrong with the cell."""


class BadFile(ValueError):
    """The file cannot be used; the message names the row and the column."""


def number(cell: str, separator: str) -> Value:
    """A finite number; None where it is missing. Raises ValueError."""
    try:
        value = float(cell)
    except ValueError:
        return _other_number(cell, separator)
    if math.isnan(value):
        return None
    if math.isinf(value):
        raise ValueError(f"{cell[:40]!r} is not a finite number")
    return value


def _other_number(cell: str, separator: str) -> Value:
    lower = cell.lower()
    if lower in _MISSING:
        return None
    if lower in _WORDS:
        return _WORDS[lower]
    if _DECIMAL_COMMA.fullmatch(cell):
        if separator != "," or not _PERHAPS_THOUSANDS.fullmatch(cell):
            return float(cell.replace(",", "."))
        raise ValueError(f"{cell[:40]!r} may be a decimal comma or thousands; write it with a point")
    raise ValueError(f"{cell[:40]!r} is not a number")


def state(cell: str, _separator: str) -> Value:
    """A state as a whole number or a word; None where it is missing."""
    if cell.lower() in _MISSING:
        return None
    try:
        return int(cell)
    except ValueError:
        return cell[:_LONGEST_STATE]


def column(
    cells: Sequence[str], numbers: Sequence[int], parse: Parse, separator: str, where: tuple[str, str]
) -> Sequence[Value]:
    """All cells of a column. ``numbers``: of their rows; ``where``: text before and after such a number.

    Raises BadFile."""
    if parse is number:
        try:  # most columns are numbers from top to bottom
            plain = list(map(float, cells))
        except ValueError:
            pass
        else:
            if all(map(math.isfinite, plain)):
                return plain
    found: list[Value] = []
    for row, cell in zip(numbers, cells, strict=True):
        try:
            found.append(parse(cell, separator))
        except ValueError as error:
            raise BadFile(f"{where[0]}{row}{where[1]}: {error}") from None
    return found


def time_of(text: str, site: ZoneInfo, where: str) -> int:
    """Epoch milliseconds: ISO 8601, a date with a clock, or epoch s, ms, us, ns by size. Raises BadFile."""
    try:
        count = float(text)
    except ValueError:
        return _written_time(text, site, where)
    if not math.isfinite(count) or count < 0:
        raise BadFile(f"{where}: {text!r} is not a time")
    for limit, per_ms in ((1e11, 1000.0), (1e14, 1.0), (1e17, 1e-3)):
        if count < limit:
            return round(count * per_ms)
    return round(count * 1e-6)


def parse_time(text: str, zone: str) -> int:
    """Epoch milliseconds of a time as the files write it; times without an offset are of ``zone``.

    Raises BadFile."""
    return time_of(text.strip(), ZoneInfo(zone), f"the time {text!r}")


def _written_time(text: str, site: ZoneInfo, where: str) -> int:
    try:
        at = datetime.fromisoformat(text.removesuffix(" UTC") + "Z" if text.endswith(" UTC") else text)
    except ValueError:
        at = _loose_time(text, where)
    if at.tzinfo is None:
        at = at.replace(tzinfo=site)
    try:
        found = to_ms(at.astimezone(UTC))
    except OverflowError:
        found = -1
    if found < 0:
        raise BadFile(f"{where}: {text[:40]!r} is before 1970")
    return found


def _loose_time(text: str, where: str) -> datetime:
    parts = _YEAR_FIRST.fullmatch(text)
    order = (1, 2, 3)
    if parts is None:
        parts, order = _DAY_FIRST.fullmatch(text), (3, 2, 1)
    if parts is None:
        raise BadFile(
            f"{where}: {text[:40]!r} is not a time (give epoch seconds, ISO 8601 or YYYY-MM-DD HH:MM:SS)"
        )
    year, month, day = (int(parts[group]) for group in order)
    hour, minute, second = (int(part or 0) for part in parts.groups()[3:6])
    micro = int((parts.group(7) or "0").ljust(6, "0")[:6])
    try:
        return datetime(year, month, day, hour, minute, second, micro)  # noqa: DTZ001 - zone follows
    except ValueError as error:
        raise BadFile(f"{where}: {text[:40]!r}: {error}") from None
