"""When messages without a time of their own were received, remembered across a kill.

Such a value gets the time of receipt. After a crash the broker delivers unacknowledged messages
again, and with a new time of receipt their values would be counted twice. So the time given is
kept by MQTT packet id, which a broker keeps when it delivers again (MQTT 5, 4.4) and marks with
the DUP flag. (rumqttd, the embedded broker for demos, does neither.)
"""

from __future__ import annotations

import sqlite3
from hashlib import blake2b
from pathlib import Path

from telemetry.inbox import Incoming

_TOPICS_KEPT = 50_000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS receipts (
    mid INTEGER PRIMARY KEY,    -- packet id: at most 65,535 rows
    digest BLOB NOT NULL,       -- of topic and payload: ids are used again and again
    received_ms INTEGER NOT NULL
)
"""


class Receipts:
    """Gives each message its time of receipt. One thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._last_ms: dict[str, int] = {}
        """The last time given to a message without its own, by topic."""
        self._unsaved: list[tuple[int, bytes, int]] = []

    def open(self) -> None:
        """Raises sqlite3.Error when the file cannot be used."""
        self._connection = sqlite3.connect(self._path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        # it must outlive the process, not the machine: after a power cut the broker's session is older too
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.execute(_SCHEMA)

    def close(self) -> None:
        if self._connection:
            self._connection.close()

    def time_of(self, message: Incoming) -> int:
        """Milliseconds since 1970. Two messages of one topic never share one: their values would."""
        if message.again and (known := self._find(message)) is not None:
            return known
        last_ms = self._last_ms.get(message.topic)
        return message.received_ms if last_ms is None else max(message.received_ms, last_ms + 1)

    def remember(self, message: Incoming, received_ms: int, last_ms: int) -> None:
        """The message had no time and was given these: from ``received_ms`` up to ``last_ms``."""
        if len(self._last_ms) >= _TOPICS_KEPT:
            self._last_ms.clear()
        self._last_ms[message.topic] = max(last_ms, self._last_ms.get(message.topic, 0))
        if message.qos:
            self._unsaved.append((message.mid, _digest(message), received_ms))

    def save(self) -> None:
        """Before anything is stored. Raises sqlite3.Error."""
        if not self._unsaved or self._connection is None:
            return
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            connection.executemany("INSERT OR REPLACE INTO receipts VALUES (?, ?, ?)", self._unsaved)
        self._unsaved.clear()

    def _find(self, message: Incoming) -> int | None:
        if self._connection is None:
            return None
        digest = _digest(message)
        for mid, known, received_ms in self._unsaved:
            if mid == message.mid and known == digest:
                return received_ms
        row = self._connection.execute(
            "SELECT received_ms FROM receipts WHERE mid = ? AND digest = ?", (message.mid, digest)
        ).fetchone()
        return row[0] if row else None


def _digest(message: Incoming) -> bytes:
    return blake2b(message.topic.encode() + b"\0" + message.payload, digest_size=12).digest()
