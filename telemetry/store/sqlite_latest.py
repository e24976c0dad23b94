"""The newest reading of each of many points, from the SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from telemetry.reading import Quality, Reading
from telemetry.store.rollup import HOUR_MS, Row
from telemetry.store.sqlite_file import SqliteFile
from telemetry.store.sqlite_read import as_json, packed_hour, recent_tables, to_reading

_NEWEST = """
SELECT newest.point, newest.at, newest.value, newest.quality FROM json_each(?) AS wanted
CROSS JOIN newest ON newest.point = wanted.value"""


def latest(file: SqliteFile, points: Collection[int]) -> dict[int, Reading]:
    """Newest reading by point that is not BAD. Live points are found in the last rows written; the others
    cost a look at all rows that maintenance has not packed yet."""
    wanted = set(points)
    with file.reading() as connection:
        found, bad = _recent(connection, wanted)
        for point, at, value, quality in connection.execute(_NEWEST, (as_json(wanted),)):
            if point in found and found[point].at_ms >= at:
                continue
            row: Row | None = (at, value, quality)
            if (at, point) in bad:
                row = _newest_below(connection, point, at, bad)
            if row and (point not in found or found[point].at_ms < row[0]):
                found[point] = to_reading(point, *row)
    return found


def _recent(
    connection: sqlite3.Connection, wanted: set[int]
) -> tuple[dict[int, Reading], set[tuple[int, int]]]:
    """The newest good rows of the recent tables, and the (at, point) seen as BAD on the way to them."""
    older, newer = recent_tables(connection)
    found: dict[int, Reading] = {}
    bad: set[tuple[int, int]] = set()
    of_wanted = "WHERE point IN (SELECT value FROM json_each(:points))"
    rows = connection.execute(
        f"SELECT at, point, value, quality, 1 AS age FROM {older} {of_wanted}"
        f" UNION ALL SELECT at, point, value, quality, 0 AS age FROM {newer} {of_wanted}"
        " ORDER BY at DESC, point DESC, age",
        {"points": as_json(wanted)},
    )
    for at, point, value, quality, _ in rows:
        if point in found or (at, point) in bad:
            continue
        if quality == Quality.BAD:
            bad.add((at, point))
            continue
        found[point] = to_reading(point, at, value, quality)
        if len(found) == len(wanted):
            break
    return found, bad


def _newest_below(
    connection: sqlite3.Connection, point: int, at_ms: int, bad: set[tuple[int, int]]
) -> Row | None:
    """The newest good packed row before an instant whose reading turned BAD."""
    hour = at_ms // HOUR_MS
    while True:
        rows = packed_hour(connection, point, hour)
        good = [at for at, row in rows.items() if row[2] != Quality.BAD and (at, point) not in bad]
        if good:
            return rows[max(good)]
        (start,) = connection.execute(
            "SELECT max(start) FROM chunk WHERE point = ? AND start < ?", (point, hour * HOUR_MS)
        ).fetchone()
        if start is None:
            return None
        hour = start // HOUR_MS


def newest_packed(connection: sqlite3.Connection, point: int, at_ms: int) -> Row | None:
    """The newest packed row at or before an instant that is not BAD."""
    return _newest_below(connection, point, at_ms, set())
