"""Raw readings out of the SQLite file: recent tables and chunks as one stream in time order."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator

import msgspec

from telemetry.reading import Quality, Reading, Value
from telemetry.store.packing import unpack_rows
from telemetry.store.rollup import DAY_MS, HOUR_MS, Row
from telemetry.store.sqlite_file import SqliteFile

QUALITIES = tuple(Quality)

_PAGE = 20_000
_LARGEST_PAGE = 200_000
"""Readings held at once, about: a window of time is chosen so that it holds no more. More than the smaller
number only where there are so many points that each chunk would be unpacked for window after window."""
_PAGE_OF_A_POINT = 64
_FIRST_WINDOW_MS = 5_000

_CHUNKS = """
SELECT chunk.point, chunk.start, chunk.data FROM json_each(:points) AS wanted CROSS JOIN chunk
ON chunk.point = wanted.value AND chunk.start > :start - 3600000 AND chunk.start < :end
WHERE chunk.end >= :start ORDER BY chunk.id"""

_CHUNK_SIZES = """
SELECT total(chunk.n * (min(chunk.end, :end - 1) - max(chunk.start, :start) + 1.0)
    / (chunk.end - chunk.start + 1)) FROM json_each(:points) AS wanted CROSS JOIN chunk
ON chunk.point = wanted.value AND chunk.start > :start - 3600000 AND chunk.start < :end
WHERE chunk.end >= :start"""

_NEXT_CHUNK = """
SELECT min((SELECT min(start) FROM chunk WHERE point = wanted.value AND start >= :start))
FROM json_each(:points) AS wanted"""


def recent_tables(connection: sqlite3.Connection) -> tuple[str, str]:
    """The older and the newer recent table: where both hold the same instant, the newer one is right."""
    (active,) = connection.execute("SELECT active FROM state").fetchone()
    return f"recent_{1 - active}", f"recent_{active}"


def as_json(points: Collection[int]) -> str:
    """A list of points as one SQL parameter."""
    return msgspec.json.encode(sorted(set(points))).decode()


def to_reading(point: int, at_ms: int, value: Value, quality: int) -> Reading:
    """A stored row as a reading."""
    return Reading(point, at_ms, value, QUALITIES[quality])


def packed_hour(connection: sqlite3.Connection, point: int, hour: int) -> dict[int, Row]:
    """The readings of one hour that are in chunks, by their time, in no particular order."""
    found: dict[int, Row] = {}
    for start, data in connection.execute(
        "SELECT start, data FROM chunk WHERE point = ? AND start >= ? AND start < ? ORDER BY id",
        (point, hour * HOUR_MS, (hour + 1) * HOUR_MS),
    ):
        found.update((row[0], row) for row in unpack_rows(start, data))
    return found


def fresh_rows(connection: sqlite3.Connection, point: int, start_ms: int, end_ms: int) -> dict[int, Row]:
    """The readings of one point that are still in the recent tables, by their time."""
    found: dict[int, Row] = {}
    for table in recent_tables(connection):
        for row in connection.execute(
            f"SELECT at, value, quality FROM {table} WHERE at >= ? AND at < ? AND point = ? ORDER BY at",
            (start_ms, end_ms, point),
        ):
            found[row[0]] = row
    return found


def read(file: SqliteFile, points: Collection[int], start_ms: int, end_ms: int) -> Iterator[Reading]:
    """Readings in order of (time, point). Windows of time, each a snapshot of its own: a long reading
    neither holds much nor keeps the writer's log from being folded."""
    wanted = as_json(points)
    most = min(max(_PAGE, _PAGE_OF_A_POINT * len(points)), _LARGEST_PAGE)
    at, width = start_ms, _FIRST_WINDOW_MS
    while at < end_ms:
        with file.reading() as connection:
            width, expected = _fitting(connection, wanted, at, min(width, end_ms - at), most)
            page = _window(connection, wanted, at, at + width) if expected else {}
            following = at + width if expected else _next_start(connection, wanted, at + width, end_ms)
        for place in sorted(page):
            value, quality = page[place]
            yield Reading(place[1], place[0], value, QUALITIES[quality])
        at = following
        width = min(width * 2, DAY_MS) if expected < most / 2 else width


_Found = dict[tuple[int, int], tuple[Value, int]]


def _fitting(
    connection: sqlite3.Connection, points: str, start_ms: int, width: int, most: int
) -> tuple[int, float]:
    """The width, halved until the window holds few enough readings, and how many it holds, about."""
    while True:
        expected = _expected(connection, points, start_ms, start_ms + width)
        if expected <= most or width <= 1:
            return width, expected
        width //= 2


def _expected(connection: sqlite3.Connection, points: str, start_ms: int, end_ms: int) -> float:
    """At least the number of readings in the window, except that chunks are taken to be evenly filled."""
    window = {"points": points, "start": start_ms, "end": end_ms}
    (expected,) = connection.execute(_CHUNK_SIZES, window).fetchone()
    for table in recent_tables(connection):
        (recent,) = connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} WHERE at >= :start AND at < :end LIMIT {2 * _LARGEST_PAGE})",
            window,
        ).fetchone()
        expected += recent
    return float(expected)


def _next_start(connection: sqlite3.Connection, points: str, start_ms: int, end_ms: int) -> int:
    """Where the next reading can be, or the end: gaps of years are stepped over."""
    found: list[int | None] = [
        connection.execute(_NEXT_CHUNK, {"points": points, "start": start_ms}).fetchone()[0]
    ]
    for table in recent_tables(connection):
        found += connection.execute(f"SELECT min(at) FROM {table} WHERE at >= ?", (start_ms,)).fetchone()
    return min([end_ms, *(at for at in found if at is not None)])


def _window(connection: sqlite3.Connection, points: str, start_ms: int, end_ms: int) -> _Found:
    found: _Found = {}
    window = {"points": points, "start": start_ms, "end": end_ms}
    for point, start, data in connection.execute(_CHUNKS, window):
        for at, value, quality in unpack_rows(start, data):
            if start_ms <= at < end_ms:
                found[at, point] = (value, quality)
    for table in recent_tables(connection):
        for at, point, value, quality in connection.execute(
            f"SELECT at, point, value, quality FROM {table} WHERE at >= :start AND at < :end"
            " AND point IN (SELECT value FROM json_each(:points))",
            window,
        ):
            found[at, point] = (value, quality)
    return found
