"""The thread that lets time pass for alarms and incidents; see ``sweep``."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from server.incidents.sweep import sweep

log = structlog.get_logger("incidents")

EVERY_S = 2.0
_LONGEST_WAIT_S = 15.0


class IncidentLoop:
    """A thread; nothing happens before ``start``. ``announce`` hears which rows changed."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        *,
        clock: Callable[[], datetime],
        announce: Callable[[str], None],
    ) -> None:
        self._sessions = sessions
        self._clock = clock
        self._announce = announce
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="incidents", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(3)

    def _run(self) -> None:
        wait_s = EVERY_S
        while not self._stopped.wait(wait_s):
            try:
                changed = sweep(self._sessions, now=self._clock())
            except (OperationalError, InterfaceError) as error:
                wait_s = min(_LONGEST_WAIT_S, wait_s * 2)
                log.warning("waiting for the database", error=str(error.orig).splitlines()[0])
                continue
            wait_s = EVERY_S
            for noun in sorted(changed):
                self._announce(noun)
