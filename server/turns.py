"""One writer of this process at a time on SQLite, in the order they came.

SQLite itself lets writers ask again after ever longer pauses: with forty at once nobody writes most of
the time, and some wait longer than they may.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

LONGEST_S = 10
"""How long a writer waits for others."""
_LONG_S, _PAUSE_S = 0.05, 0.01
"""After a long transaction another process gets a moment in which it finds the database free."""
_locks: WeakKeyDictionary[Engine, threading.Lock] = WeakKeyDictionary()


@contextmanager
def turn(engine: Engine) -> Iterator[None]:
    """Wait for one's turn to write; for databases with many writers, and those in memory, there is nothing to wait for."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        yield
        return
    lock = _locks.setdefault(engine, threading.Lock())
    is_ours = lock.acquire(timeout=LONGEST_S)  # else SQLite decides
    began = time.monotonic()
    try:
        yield
    finally:
        if is_ours:
            if time.monotonic() - began > _LONG_S:
                time.sleep(_PAUSE_S)
            lock.release()
