"""Working with a database and a store that may be away: wait, say so once, and go on when they are back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from server.db import reading, transaction
from telemetry.store.contract import StoreUnavailable

LONGEST_WAIT_S = 15.0

log = structlog.get_logger("rules")
T = TypeVar("T")


class Stopped(Exception):  # no error: told to stop while waiting
    """The process was told to stop while it waited for something."""


class Patience:
    """Each of these gives its answer however long it takes, and raises Stopped when told to stop."""

    def __init__(self, sessions: sessionmaker[Session], stop: threading.Event) -> None:
        self._sessions = sessions
        self._stop = stop

    def ask(self, question: Callable[[Session], T]) -> T:
        """What the database says, in a session that only reads."""
        return self.until_done(lambda: self._ask(question))

    def write(self, job: Callable[[Session], None]) -> None:
        """Do this in one transaction."""
        self.until_done(lambda: self._write(job))

    def until_done(self, job: Callable[[], T]) -> T:
        """The job's answer; it is begun anew each time the database or the store was away."""
        wait_s = 0.2
        has_said = False
        while True:
            try:
                return job()
            except (OperationalError, InterfaceError, StoreUnavailable) as error:
                if not has_said:
                    log.warning("waiting", error=str(error).splitlines()[0])
                has_said = True
            if self._stop.wait(wait_s):
                raise Stopped
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)

    def _ask(self, question: Callable[[Session], T]) -> T:
        with reading(self._sessions) as session:
            return question(session)

    def _write(self, job: Callable[[Session], None]) -> None:
        with transaction(self._sessions) as session:
            job(session)
