"""Moves appended readings into chunks by point.

The recent table that was written becomes the settled one and the other is written from then on. Its rows
are sorted by point outside of any transaction, packed point by point, and deleted at the end. ``settled``
in the state says how far that came.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from operator import itemgetter

from telemetry.reading import Quality, Value
from telemetry.store.packing import MAX_ROWS, pack_rows
from telemetry.store.rollup import HOUR_MS, Row
from telemetry.store.sqlite_file import SqliteFile
from telemetry.store.sqlite_latest import newest_packed

_ENOUGH = 50_000
"""Appended readings that are worth packing before their hour is over: a query of one point looks at all
that are not packed."""
_DRAIN = 5_000
_BEFORE_ALL = -(2**63)
_ALL = 2**63 - 1

_SqlRow = tuple[int, int, Value, int]


def settle(file: SqliteFile, *, over_ms: int) -> None:
    """Pack if there is enough, or an hour that is over (ended before ``over_ms``) still has readings here."""
    _finish(file)
    with file.writing() as connection:
        (active,) = connection.execute("SELECT active FROM state").fetchone()
        table = f"recent_{active}"
        (rows,) = connection.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {_ENOUGH})"
        ).fetchone()
        (first,) = connection.execute(f"SELECT min(at) FROM {table}").fetchone()
        if first is None or (rows < _ENOUGH and first >= over_ms):
            return
        connection.execute("UPDATE state SET active = ?, settled = ?", (1 - active, _BEFORE_ALL))
    _finish(file)


def _finish(file: SqliteFile) -> None:
    """Pack and empty the table that is not written any more, from where that was left."""
    with file.reading() as connection:
        active, settled = connection.execute("SELECT active, settled FROM state").fetchone()
    if settled is None:
        return
    table = f"recent_{1 - active}"
    if settled < _ALL:
        _pack_all(file, table, settled)
    file.in_slices(lambda connection: _drain(connection, table))


def _pack_all(file: SqliteFile, table: str, settled: int) -> None:
    with closing(file.connect()) as sorter:
        rows = sorter.execute(
            f"SELECT point, at, value, quality FROM {table} WHERE point > ? ORDER BY point, at", (settled,)
        )
        ahead = _points(rows)
        upcoming = next(ahead, None)  # sorts, before any lock is taken

        def step(connection: sqlite3.Connection) -> bool:
            nonlocal upcoming
            if upcoming is None:
                connection.execute("UPDATE state SET settled = ?", (_ALL,))
                return False
            point, of_point = upcoming
            _pack_point(connection, point, of_point)
            connection.execute("UPDATE state SET settled = ?", (point,))
            upcoming = next(ahead, None)
            return True

        file.in_slices(step)


def _points(rows: Iterator[_SqlRow]) -> Iterator[tuple[int, list[Row]]]:
    for point, of_point in groupby(rows, itemgetter(0)):
        yield point, [row[1:] for row in of_point]


def _pack_point(connection: sqlite3.Connection, point: int, rows: list[Row]) -> None:
    first, last = rows[0][0] // HOUR_MS, rows[-1][0] // HOUR_MS
    hours = groupby(rows, lambda row: row[0] // HOUR_MS) if first < last else [(first, iter(rows))]
    for hour, of_hour in hours:
        insert_chunks(connection, point, list(of_hour))
        connection.execute("INSERT OR IGNORE INTO stale VALUES (?, ?)", (point, hour))
    _keep_newest(connection, point, rows)


def insert_chunks(connection: sqlite3.Connection, point: int, rows: list[Row]) -> None:
    """Store readings of one hour of a point, oldest first."""
    for first in range(0, len(rows), MAX_ROWS):
        part = rows[first : first + MAX_ROWS]
        connection.execute(
            "INSERT INTO chunk (point, start, end, n, data) VALUES (?, ?, ?, ?, ?)",
            (point, part[0][0], part[-1][0], len(part), pack_rows(part)),
        )


def _keep_newest(connection: sqlite3.Connection, point: int, rows: list[Row]) -> None:
    known = connection.execute("SELECT at FROM newest WHERE point = ?", (point,)).fetchone()
    newest = next((row for row in reversed(rows) if row[2] != Quality.BAD), None)
    if known and any(row[0] == known[0] and row[2] == Quality.BAD for row in rows):
        # the device has taken its newest value back
        connection.execute("DELETE FROM newest WHERE point = ?", (point,))
        newest = newest_packed(connection, point, max(known[0], rows[-1][0]))
    if newest:
        connection.execute(
            "INSERT INTO newest VALUES (?, ?, ?, ?) ON CONFLICT (point) DO UPDATE SET at = excluded.at,"
            " value = excluded.value, quality = excluded.quality WHERE excluded.at >= newest.at",
            (point, *newest),
        )


def _drain(connection: sqlite3.Connection, table: str) -> bool:
    """Delete packed rows from the oldest on; the last step declares the table empty."""
    edge = connection.execute(f"SELECT at FROM {table} ORDER BY at LIMIT 1 OFFSET {_DRAIN}").fetchone()
    if edge is not None:
        connection.execute(f"DELETE FROM {table} WHERE at <= ?", edge)
        return True
    connection.execute(f"DELETE FROM {table}")
    connection.execute("UPDATE state SET settled = NULL")
    return False
