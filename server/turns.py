"""One writer at a time on SQLite, of all processes, in about the order they came.

SQLite itself lets writers ask again after ever longer pauses, up to 100 ms: with forty at once nobody writes most
of the time, and an alarm waited half a second for a database that had long been free.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary, finalize

from sqlalchemy import Engine

LONGEST_S = 10
"""How long a writer waits for others."""
_LONG_S, _PAUSE_S = 0.05, 0.01
"""After a long transaction another process gets a moment in which it finds the database free."""
_LOOK_S = 0.002
"""How often a writer asks whether another process has finished."""


class _Turns:
    """The threads of this process wait for each other here, and the first of them for other processes."""

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        finalize(self, os.close, self._file)

    @contextmanager
    def take(self) -> Iterator[None]:
        """Within this nobody else writes. After LONGEST_S of waiting it is SQLite that decides."""
        until = time.monotonic() + LONGEST_S
        if not self._lock.acquire(timeout=LONGEST_S):
            yield
            return
        try:
            is_ours = self._lock_file(until)
            began = time.monotonic()
            try:
                yield
            finally:
                if is_ours:
                    fcntl.flock(self._file, fcntl.LOCK_UN)
                if time.monotonic() - began > _LONG_S:
                    time.sleep(_PAUSE_S)
        finally:
            self._lock.release()

    def _lock_file(self, until: float) -> bool:
        """The system takes the lock back from a process that dies."""
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    return False
                time.sleep(_LOOK_S)
            else:
                return True


_turns: WeakKeyDictionary[Engine, _Turns] = WeakKeyDictionary()
_making = threading.Lock()


@contextmanager
def turn(engine: Engine) -> Iterator[None]:
    """Wait for one's turn to write; for databases with many writers, and those in memory, there is nothing to wait for."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        yield
        return
    with _turns_of(engine, engine.url.database).take():
        yield


def _turns_of(engine: Engine, database: str) -> _Turns:
    with _making:
        turns = _turns.get(engine)
        if turns is None:
            turns = _turns[engine] = _Turns(f"{database}-turn")
        return turns
