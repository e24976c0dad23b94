"""Messages, or parts of them, that could not become readings: kept in a SQLite file, bounded."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path

from gateway.pipeline import Refused
from telemetry.inbox import Incoming
from telemetry.messages import DeadLetter

LONGEST_PAYLOAD = 64 * 1024
"""Characters of a payload that are kept."""
MOST_TOLD = 10
"""Sentences in one detail; a message can hold a thousand wrong values."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS dead_letters (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    at_ms INTEGER NOT NULL,
    topic TEXT NOT NULL,
    payload TEXT NOT NULL,
    size INTEGER NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    bytes INTEGER NOT NULL
)
"""
_INSERT = """
INSERT OR IGNORE INTO dead_letters (id, at_ms, topic, payload, size, reason, detail, bytes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
# The oldest ones that must go so that the rest fits; both limits in one pass from the newest.
_TRIM = """
DELETE FROM dead_letters WHERE number <= (
    SELECT max(number) FROM (
        SELECT number, row_number() OVER newest AS rows, sum(bytes) OVER newest AS bytes
        FROM dead_letters WINDOW newest AS (ORDER BY number DESC)
    ) WHERE rows > ? OR bytes > ?
)
"""


class DeadLetterFile:
    """The primary place of dead letters. One thread."""

    def __init__(self, path: Path, *, most_rows: int, most_bytes: int) -> None:
        self._path = path
        self._most_rows = most_rows
        self._most_bytes = most_bytes
        self._rows = 0
        self._bytes = 0
        self._connection: sqlite3.Connection | None = None
        self.dropped = 0
        """Oldest letters deleted since the start because the file was full."""

    def open(self) -> None:
        """Raises sqlite3.Error when the file cannot be used. Opening it again changes nothing."""
        if self._connection is not None:
            return
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=10)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(_SCHEMA)
        self._connection = connection
        self._count()

    def close(self) -> None:
        if self._connection:
            self._connection.close()

    def keep(self, letters: Sequence[DeadLetter]) -> None:
        """Durable on return. Keeping a letter twice changes nothing. Raises sqlite3.Error."""
        connection = self._connection
        if not letters or connection is None:
            return
        rows = [_row(letter) for letter in letters]
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            before = connection.total_changes
            connection.executemany(_INSERT, rows)
            self._rows += connection.total_changes - before
            self._bytes += sum(row[-1] for row in rows)
            if self._rows > self._most_rows or self._bytes > self._most_bytes:
                self._trim(connection)

    def _trim(self, connection: sqlite3.Connection) -> None:
        # a tenth more than needed, so that a flood does not pay for this with every batch
        limits = (self._most_rows * 9 // 10, self._most_bytes * 9 // 10)
        self.dropped += connection.execute(_TRIM, limits).rowcount
        self._count()

    def _count(self) -> None:
        if self._connection is not None:
            self._rows, self._bytes = self._connection.execute(
                "SELECT count(*), coalesce(sum(bytes), 0) FROM dead_letters"
            ).fetchone()


def letters_of(gateway: str, refused: Iterable[Refused]) -> list[DeadLetter]:
    """One letter per message and reason, telling what was wrong, where, and what was kept."""
    letters = []
    for message, refusals, kept in refused:
        reasons: dict[str, list[str]] = {}
        for reason, detail in refusals:
            reasons.setdefault(reason, []).append(detail)
        letters += [
            make_letter(gateway, message, reason, _sentence(details, kept))
            for reason, details in reasons.items()
        ]
    return letters


def make_letter(gateway: str, message: Incoming, reason: str, detail: str) -> DeadLetter:
    """The same message delivered again gives the same id: brokers keep the packet id then."""
    mid = 0 if message.retain else message.mid
    identity = f"{gateway}\0{reason}\0{mid}\0{message.topic}\0".encode("utf-8", "backslashreplace")
    return DeadLetter(
        id=blake2b(identity + message.payload, digest_size=16).hexdigest(),
        at_ms=message.received_ms,
        topic=_text(message.topic.encode("utf-8", "backslashreplace")),
        payload=_text(message.payload),
        size=len(message.payload),
        reason=reason,
        detail=_text(detail.encode("utf-8", "backslashreplace")),
    )


def _text(raw: bytes) -> str:
    """Text that any database takes: no lone surrogates, no NUL."""
    text = raw[:LONGEST_PAYLOAD].decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    return text[:LONGEST_PAYLOAD]


def _sentence(details: Sequence[str], kept: int) -> str:
    different = list(dict.fromkeys(details))  # each value of an unknown device is refused with the same words
    told = "; ".join(different[:MOST_TOLD])
    more = f"; and {len(different) - MOST_TOLD} more" if len(different) > MOST_TOLD else ""
    rest = f"the other {kept} value(s) of the message were stored" if kept else "nothing of it was stored"
    return f"{told}{more}. {rest[0].upper()}{rest[1:]}."


def _row(letter: DeadLetter) -> tuple[str, int, str, str, int, str, str, int]:
    size = len(letter.payload) + len(letter.topic) + len(letter.detail) + 200
    return (
        letter.id,
        letter.at_ms,
        letter.topic,
        letter.payload,
        letter.size,
        letter.reason,
        letter.detail,
        size,
    )
