"""Lets go of what is over its retention in the SQLite file, and gives free pages back to the disk."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from telemetry.store.rollup import HOUR_MS
from telemetry.store.sqlite_file import SqliteFile

_NO_POINT = -(2**63)
_SPARE = 4_096
"""Free pages kept (16 MB): appending needs them again soon."""


class _Tier(NamedTuple):
    table: str
    column: str
    from_: int
    """What lies before this, in the column's own unit, goes."""


class Expiry:
    """Deletes point by point, because every table is ordered so; ``readings`` counts the raw ones.

    What a tier no longer holds is recorded before the first deletion: an hour of which some readings are
    gone must never be rolled up again.
    """

    def __init__(self, *, raw_from_ms: int, minute_from_ms: int, hour_from_ms: int) -> None:
        self.readings = 0
        self._from = (raw_from_ms, minute_from_ms, hour_from_ms)
        self._tiers: list[_Tier] = []
        self._point = _NO_POINT

    def run(self, file: SqliteFile) -> None:
        """Only when an hour has passed since the last time: finer would not delete more."""
        with file.reading() as connection:
            *known, swept = connection.execute(
                "SELECT raw_from, minute_from, hour_from, swept FROM state"
            ).fetchone()
        # never back: after a longer retention is set, what has expired is still gone
        raw, minute, hour = map(max, known, self._from)
        if swept and [raw, minute, hour] == known:
            return
        with file.writing() as connection:
            connection.execute(
                "UPDATE state SET raw_from = ?, minute_from = ?, hour_from = ?, swept = 0",
                (raw, minute, hour),
            )
        self._tiers = [
            _Tier("hour", "hour", hour // HOUR_MS),
            _Tier("minute", "hour", minute // HOUR_MS),
            _Tier("chunk", "start", raw),
        ]
        file.in_slices(self._step)

    def _step(self, connection: sqlite3.Connection) -> bool:
        if not self._tiers:
            connection.execute("UPDATE state SET swept = 1")
            return False
        tier = self._tiers[-1]
        (point,) = connection.execute(
            f"SELECT min(point) FROM {tier.table} WHERE point > ?", (self._point,)
        ).fetchone()
        if point is None:
            self._tiers.pop()
            self._point = _NO_POINT
        else:
            self._point = point
            self._expire(connection, tier, point)
        return True

    def _expire(self, connection: sqlite3.Connection, tier: _Tier, point: int) -> None:
        old = f"FROM {tier.table} WHERE point = ? AND {tier.column} < ?"
        if tier.table == "chunk":
            (readings,) = connection.execute(
                f"SELECT coalesce(sum(n), 0) {old}", (point, tier.from_)
            ).fetchone()
            self.readings += readings
        connection.execute(f"DELETE {old}", (point, tier.from_))


def return_pages(file: SqliteFile, *, spare: int = _SPARE) -> None:
    """Shrink the file when more than a quarter of it is free, a little at a time; ``spare`` pages stay."""
    with file.reading() as connection:
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
    excess = free - spare if free > pages // 4 else 0
    if excess <= 0:
        return

    def step(connection: sqlite3.Connection) -> bool:
        nonlocal excess
        # one by one: the statement gives back a page a step, and Python's execute() makes one step
        connection.execute("PRAGMA incremental_vacuum(1)")
        excess -= 1
        return excess > 0

    file.in_slices(step)
