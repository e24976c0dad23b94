"""The thread that runs back-tests and trainings; people may leave the page meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from server.rules.backtest_work import Interrupted, begin_again, claim, work_on
from telemetry.store.contract import ReadingStore

log = structlog.get_logger("backtest")

LOOK_EVERY_S = 0.5
_LONGEST_WAIT_S = 15.0


class BacktestLoop:
    """A thread; nothing happens before ``start``. ``announce`` hears which rows changed."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        *,
        store: Callable[[], ReadingStore],
        clock: Callable[[], datetime],
        announce: Callable[[str], None],
    ) -> None:
        self._sessions, self._store = sessions, store
        self._clock, self._announce = clock, announce
        self._stopped = threading.Event()
        self._has_begun = False
        self._thread = threading.Thread(target=self._run, name="backtests", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(3)

    def _run(self) -> None:
        wait_s = LOOK_EVERY_S
        while not self._stopped.wait(wait_s):
            try:
                wait_s = 0.0 if self._turn() else LOOK_EVERY_S
            except (OperationalError, InterfaceError) as error:
                wait_s = min(_LONGEST_WAIT_S, max(LOOK_EVERY_S, wait_s * 2))
                log.warning("waiting for the database", error=str(error.orig).splitlines()[0])
            except Interrupted:
                return

    def _turn(self) -> bool:
        """Whether there was something to do."""
        if not self._has_begun:
            begin_again(self._sessions)
            self._has_begun = True
        run_id = claim(self._sessions)
        if run_id is None:
            return False
        work_on(
            run_id,
            sessions=self._sessions,
            store=self._store,
            clock=self._clock,
            is_stopping=self._stopped.is_set,
        )
        self._announce("rules")
        return True
