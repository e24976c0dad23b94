"""Upkeep of the SQLite file: pack what was appended, roll hours up, let go of what is over its retention.

Every step is a small transaction and leaves a state from which the next pass goes on. Order matters:
packing marks hours stale, rolling up clears the marks, and only then may raw readings expire.
"""

from __future__ import annotations

import sqlite3

from telemetry.store.contract import Maintained, Retention
from telemetry.store.packing import MAX_ROWS, pack_minutes
from telemetry.store.rollup import DAY_MS, HOUR_MS, Row, merge, roll, start_of
from telemetry.store.sqlite_expire import Expiry, return_pages
from telemetry.store.sqlite_file import SqliteFile
from telemetry.store.sqlite_read import packed_hour
from telemetry.store.sqlite_series import is_rolled
from telemetry.store.sqlite_settle import insert_chunks, settle

_GRACE_MS = 60_000
"""An hour is rolled up this long after its end: most stragglers are in by then."""
_MARKS = 50_000
"""Stale hours held in memory at once."""


class Maintenance:
    """One pass at one moment."""

    def __init__(self, file: SqliteFile, retention: Retention, now_ms: int) -> None:
        self._file = file
        self._over = start_of(now_ms - _GRACE_MS, HOUR_MS)
        """Hours before this instant are over."""
        self._expiry = Expiry(
            raw_from_ms=start_of(now_ms - retention.raw_days * DAY_MS, HOUR_MS),
            minute_from_ms=start_of(now_ms - retention.minute_days * DAY_MS, HOUR_MS),
            hour_from_ms=start_of(now_ms - retention.hour_days * DAY_MS, HOUR_MS),
        )
        self._raw_from = 0
        self._minutes = self._hours = 0
        self._marks: list[tuple[int, int]] = []

    def run(self) -> Maintained:
        """Do all there is to do. A pass with nothing to do costs a few lookups."""
        with self._file.relaxed():
            settle(self._file, over_ms=self._over)
            while self._load_marks():
                self._file.in_slices(self._roll_next)
            self._expiry.run(self._file)
            return_pages(self._file)
        return Maintained(self._minutes, self._hours, self._expiry.readings)

    def _load_marks(self) -> bool:
        with self._file.reading() as connection:
            marks = connection.execute(
                "SELECT point, hour FROM stale WHERE hour < ? LIMIT ?", (self._over // HOUR_MS, _MARKS)
            )
            self._marks = marks.fetchall()[::-1]
            (self._raw_from,) = connection.execute("SELECT raw_from FROM state").fetchone()
        return bool(self._marks)

    def _roll_next(self, connection: sqlite3.Connection) -> bool:
        point, hour = self._marks.pop()
        # what is left of an hour that has partly expired must not replace its roll-up
        if hour * HOUR_MS >= self._raw_from or not is_rolled(connection, point, hour):
            rows = [row for _, row in sorted(packed_hour(connection, point, hour).items())]
            self._store_rollup(connection, point, hour, rows)
            _repack(connection, point, hour, rows)
        connection.execute("DELETE FROM stale WHERE point = ? AND hour = ?", (point, hour))
        return bool(self._marks)

    def _store_rollup(self, connection: sqlite3.Connection, point: int, hour: int, rows: list[Row]) -> None:
        connection.execute("DELETE FROM minute WHERE point = ? AND hour = ?", (point, hour))
        connection.execute("DELETE FROM hour WHERE point = ? AND hour = ?", (point, hour))
        minutes = roll(rows)
        if not minutes:
            return
        (whole,) = merge(minutes, HOUR_MS)
        connection.execute("INSERT INTO minute VALUES (?, ?, ?)", (point, hour, pack_minutes(minutes)))
        connection.execute(
            "INSERT INTO hour VALUES (?, ?, ?, ?, ?, ?, ?)",
            (point, hour, whole.min, whole.max, whole.mean, whole.last, whole.count),
        )
        self._minutes += len(minutes)
        self._hours += 1


def _repack(connection: sqlite3.Connection, point: int, hour: int, rows: list[Row]) -> None:
    """An hour may have arrived in many small chunks; now that it is over, few large ones take less space."""
    of_hour = "FROM chunk WHERE point = ? AND start >= ? AND start < ?"
    place = (point, hour * HOUR_MS, (hour + 1) * HOUR_MS)
    (chunks,) = connection.execute(f"SELECT count(*) {of_hour}", place).fetchone()
    if chunks > 1 + 2 * len(rows) // MAX_ROWS:
        connection.execute(f"DELETE {of_hour}", place)
        insert_chunks(connection, point, rows)
