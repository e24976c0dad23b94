"""The SQLite file of a store: its tables, how it is opened, and its errors as ours."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Literal

from telemetry.store.contract import StoreUnavailable, UnusableStore

Synchronous = Literal["FULL", "NORMAL"]

SCHEMA_VERSION = 1
_APPLICATION_ID = 0x506C616E  # "Plan": SQLite's own field for whose file this is

BUSY_TIMEOUT_S = 10.0
_HOLD_S = 0.015
"""How long a slice of maintenance keeps the write lock; a writer waits about this long."""
_PAUSE_S = 0.004
"""How long maintenance leaves the lock alone in between: some of a waiting writer's looks."""

_SCHEMA = """
-- Where write() appends. In order of time, because a batch then touches a few pages; ordered by point
-- it would touch one page for every point: 60 thousand readings a second instead of 240 (measured with
-- 3,000 points). Two of them, so that maintenance can empty one while the other is written.
CREATE TABLE recent_0 (at INTEGER NOT NULL, point INTEGER NOT NULL, value, quality INTEGER NOT NULL,
    PRIMARY KEY (at, point)) WITHOUT ROWID;
CREATE TABLE recent_1 (at INTEGER NOT NULL, point INTEGER NOT NULL, value, quality INTEGER NOT NULL,
    PRIMARY KEY (at, point)) WITHOUT ROWID;
-- Older readings, by point: up to 128 readings of one hour. Where two chunks hold the same instant, the
-- one with the higher id is right.
CREATE TABLE chunk (id INTEGER PRIMARY KEY, point INTEGER NOT NULL, start INTEGER NOT NULL,
    end INTEGER NOT NULL, n INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX chunk_of ON chunk (point, start);
-- The newest reading of each point that is not BAD, as far as it left the recent tables.
CREATE TABLE newest (point INTEGER PRIMARY KEY, at INTEGER NOT NULL, value, quality INTEGER NOT NULL);
-- Hours (at / 3600000) of points whose chunks changed since they were rolled up.
CREATE TABLE stale (point INTEGER NOT NULL, hour INTEGER NOT NULL, PRIMARY KEY (point, hour)) WITHOUT ROWID;
CREATE TABLE minute (point INTEGER NOT NULL, hour INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (point, hour)) WITHOUT ROWID;
CREATE TABLE hour (point INTEGER NOT NULL, hour INTEGER NOT NULL, low REAL, high REAL, mean REAL, last,
    count INTEGER NOT NULL, PRIMARY KEY (point, hour)) WITHOUT ROWID;
-- active: which recent table is written. settled: the other one's readings of points up to this are in
-- chunks (null: the other one is empty). *_from: what lies before, in milliseconds, has expired; swept: and
-- is deleted.
CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), active INTEGER NOT NULL, settled INTEGER,
    raw_from INTEGER NOT NULL, minute_from INTEGER NOT NULL, hour_from INTEGER NOT NULL,
    swept INTEGER NOT NULL);
INSERT INTO state VALUES (1, 0, NULL, -9223372036854775808, -9223372036854775808, -9223372036854775808, 1);
"""


class SqliteFile:
    """One connection a thread to one file. Opened eagerly, so that a wrong file is refused at start;
    a reader may come before the writer has made the file and gets StoreUnavailable until then."""

    def __init__(
        self, path: Path, *, read_only: bool, synchronous: Synchronous, max_pages: int | None
    ) -> None:
        self.path = path
        self.read_only = read_only
        self._synchronous = synchronous
        self._max_pages = max_pages
        self._of_thread = threading.local()
        if not read_only or path.exists():
            with self.errors():
                self.connection()

    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode."""
        known: sqlite3.Connection | None = getattr(self._of_thread, "connection", None)
        if known is None:
            known = self.connect()
            self._of_thread.connection = known
        return known

    def close(self) -> None:
        """Close this thread's connection; those of other threads close when their threads end, because
        SQLite crashes when a connection is closed under a running statement."""
        known: sqlite3.Connection | None = getattr(self._of_thread, "connection", None)
        if known is not None:
            known.close()
            del self._of_thread.connection

    def connect(self) -> sqlite3.Connection:
        """A further connection, the caller's to close."""
        if self.read_only and not self.path.exists():
            raise StoreUnavailable(f"{self.path} does not exist yet: nothing has been stored")
        if not self.read_only:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        opened = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        try:
            self._prepare(opened)
        except BaseException:
            opened.close()
            raise
        return opened

    def _prepare(self, connection: sqlite3.Connection) -> None:
        self._identify(connection)
        connection.execute(f"PRAGMA synchronous = {self._synchronous}")
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("PRAGMA cache_size = -16384")
        # 16 MB of log before it is folded into the file: pages written many times are folded once
        connection.execute("PRAGMA wal_autocheckpoint = 4096")
        connection.execute("PRAGMA journal_size_limit = 67108864")
        if self._max_pages is not None:
            connection.execute(f"PRAGMA max_page_count = {self._max_pages:d}")
        if self.read_only:
            connection.execute("PRAGMA query_only = ON")

    def _identify(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (owner,) = connection.execute("PRAGMA application_id").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if owner == 0 and tables == 0 and not self.read_only:
            self._create(connection)
        elif owner == 0 and tables == 0:
            raise StoreUnavailable(f"{self.path} is still empty: nothing has been stored")
        elif owner != _APPLICATION_ID:
            raise UnusableStore(str(self.path), "is a database of another program, not a store of readings")
        elif version > SCHEMA_VERSION:
            raise UnusableStore(
                str(self.path),
                f"was written by a newer Plantroom (format {version}, this one knows {SCHEMA_VERSION})",
            )

    def _create(self, connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        with self.transaction(connection):
            # another process may have been faster
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
                for statement in _SCHEMA.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {_APPLICATION_ID:d}")
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION:d}")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """All queries inside see the file as it was at the first of them."""
        with self.errors():
            connection = self.connection()
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction; on any error nothing of it remains."""
        if self.read_only:
            raise RuntimeError(f"{self.path} was opened for reading only")
        with self.errors():
            connection = self.connection()
            with self.transaction(connection):
                yield connection

    @contextmanager
    def transaction(self, connection: sqlite3.Connection) -> Iterator[None]:
        """The write lock from the first statement on."""
        _lock(connection)
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # a full disk has already rolled back by itself
                connection.execute("ROLLBACK")
            raise

    def in_slices(self, step: Callable[[sqlite3.Connection], bool]) -> None:
        """Call ``step`` until it returns False, as many to a transaction as fit _HOLD_S, with pauses in
        which a waiting writer comes in."""
        more = True
        while more:
            began = monotonic()
            with self.writing() as connection:
                more = step(connection)
                while more and monotonic() - began < _HOLD_S:
                    more = step(connection)
            if more:
                sleep(_PAUSE_S)

    @contextmanager
    def relaxed(self) -> Iterator[None]:
        """Commits inside wait for no disk: what a power cut takes is done again by the next pass.
        They cannot overtake: the log is one file, synced as a whole by the next write()."""
        with self.errors():
            self.connection().execute("PRAGMA synchronous = NORMAL")
            try:
                yield
            finally:
                self.connection().execute(f"PRAGMA synchronous = {self._synchronous}")

    @contextmanager
    def errors(self) -> Iterator[None]:
        """SQLite's errors as those of the contract."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise self._translated(error) from error
        except OSError as error:
            raise StoreUnavailable(f"{self.path} cannot be opened: {error.strerror}") from error

    def _translated(self, error: sqlite3.DatabaseError) -> Exception:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_NOTADB:
            return UnusableStore(str(self.path), "is not a store of readings (not a SQLite database)")
        if code == sqlite3.SQLITE_CORRUPT:
            return UnusableStore(str(self.path), f"is damaged ({error}); restore it from a backup")
        if code == sqlite3.SQLITE_FULL:
            return StoreUnavailable(f"no space left for {self.path}: the disk is full")
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return StoreUnavailable(f"{self.path} is locked by another process since {BUSY_TIMEOUT_S:.0f} s")
        if code in (
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_IOERR,
            sqlite3.SQLITE_READONLY,
            sqlite3.SQLITE_PERM,
        ):
            return StoreUnavailable(f"{self.path} cannot be read or written: {error}")
        return error


def _lock(connection: sqlite3.Connection) -> None:
    """Take the write lock, looking every millisecond. SQLite itself looks ever more seldom, up to every
    100 ms, and misses the pauses of maintenance: one write in a hundred then waited 230 ms (measured)."""
    deadline = monotonic() + BUSY_TIMEOUT_S
    connection.execute("PRAGMA busy_timeout = 1")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > deadline:
                    raise
            else:
                return
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000):d}")
