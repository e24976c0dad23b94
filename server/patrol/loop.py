"""What the patrol room does by itself: makes rounds, watches them, sends people, compares, tidies.

Any number of servers may run it at once: every step claims what it works on in the database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session, sessionmaker

from server.db import changes_of, reading, transaction
from server.history.stores import Stores
from server.live.hub import Hub
from server.patrol import (
    demo_walk,
    dispatching,
    fire_watch,
    gauges,
    keeping,
    making,
    rounds,
    safety,
    substitutes,
)
from server.patrol.house import PatrolHouse
from telemetry import topics
from telemetry.bus import Bus

log = structlog.get_logger("patrol")
T = TypeVar("T")

EVERY_S = 2.0
TIDY_EVERY = 1800
"""Rounds of the loop: an hour."""
GAUGES_EVERY = 30
DEMO_EVERY = 5
SUBSTITUTES_EVERY = 8
"""Rounds of the loop: about a quarter of a minute."""


class PatrolLoop:
    """A thread; nothing happens before ``start``."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        house: PatrolHouse,
        *,
        hub: Hub,
        stores: Stores,
        bus: Bus,
        clock: Callable[[], datetime],
        announce: Callable[[str], None],
        has_demo_guards: bool = False,
    ) -> None:
        self._sessions = sessions
        self._house = house
        self._hub = hub
        self._stores = stores
        self._bus = bus
        self._clock = clock
        self._announce = announce
        self._has_demo_guards = has_demo_guards
        self._turns = 0
        self._failing: set[str] = set()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="patrol", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(3)

    def look(self) -> None:
        """One turn: each step in a transaction of its own, so that one that fails holds up no other."""
        now = self._clock()
        self._step("lone workers", lambda session: safety.watch_lone_workers(session, now=now))
        if self._has_demo_guards and self._turns % DEMO_EVERY == 0:
            self._step("demo guards", lambda session: demo_walk.walk_on(session, self._house, now=now))
        self._step("rounds", lambda session: rounds.watch(session, now=now))
        self._step("timetables", lambda session: making.generate(session, now=now))
        self._answer_alarms(now)
        self._step("resumed", lambda session: dispatching.resume_after(session, now=now))
        self._step("zones", lambda session: fire_watch.watch_zones(session, self._hub.latest(None), now=now))
        self._step("fire watches", lambda session: fire_watch.make_rounds(session, now=now))
        since = None if self._turns % GAUGES_EVERY == 0 else now - gauges.RECENT
        self._step(
            "gauges", lambda session: gauges.compare(session, self._stores.get(), now=now, since=since)
        )
        self._step("typed readings", lambda session: gauges.send(session, self._publish, now=now))
        if self._turns % SUBSTITUTES_EVERY == 0:
            self._step("substitutes", lambda session: substitutes.move_rounds(session, now=now))
        if self._turns % TIDY_EVERY == 0:
            self._step("tidying", lambda session: keeping.tidy(session, now=now, folder=self._house.photos))
        self._turns += 1

    def _answer_alarms(self, now: datetime) -> None:
        """Looks without a lock: most alarms send nobody, and rules that wait here raise theirs late."""
        due = self._step("alarms", partial(dispatching.unanswered, now=now), within=reading)
        for alarm_id in due or ():
            self._step("alarms", partial(dispatching.answer, alarm_id=alarm_id, now=now))

    def _step(
        self,
        name: str,
        work: Callable[[Session], T],
        *,
        within: Callable[[sessionmaker[Session]], AbstractContextManager[Session]] = transaction,
    ) -> T | None:
        """What the work gave; None where it failed."""
        try:
            with within(self._sessions) as session:
                found = work(session)
        except Exception:
            # whatever is down comes back, and what is due is still there then
            if name not in self._failing:
                log.exception("a step of the patrol room fails", step=name)
            self._failing.add(name)
            return None
        self._failing.discard(name)
        for noun in sorted(changes_of(session)):
            self._announce(noun)
        return found

    def _publish(self, payload: bytes) -> bool:
        if not self._bus.is_connected:
            return False
        self._bus.publish(topics.telemetry(gauges.DEVICE), payload)
        return True

    def _run(self) -> None:
        while not self._stopped.wait(EVERY_S):
            self.look()
