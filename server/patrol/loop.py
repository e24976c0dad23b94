"""What the patrol room does by itself: makes rounds, watches them, sends people, compares, tidies.

Any number of servers may run it at once: every step claims what it works on in the database.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session, sessionmaker

from server.db import changes_of, reading, transaction
from server.history.stores import Stores
from server.live.hub import Hub
from server.patrol import keeping
from server.patrol.demo import walk as demo_walk
from server.patrol.dispatch import service as dispatching
from server.patrol.house import PatrolHouse
from server.patrol.on_site import gauges
from server.patrol.rehearsal import would_write
from server.patrol.rounds import making, substitutes
from server.patrol.rounds import service as rounds
from server.patrol.safety import fire_watch, lone_workers
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
        now, turns = self._clock(), self._turns
        self._turns += 1
        self._step("lone workers", partial(lone_workers.watch, now=now))
        if self._has_demo_guards and turns % DEMO_EVERY == 0:
            self._step("demo guards", partial(demo_walk.walk_on, house=self._house, now=now))
        self._step("rounds", partial(rounds.watch, now=now))
        self._step("timetables", partial(making.generate, now=now))
        self._answer_alarms(now)
        self._step("resumed", partial(dispatching.resume_after, now=now))
        self._step("zones", lambda session: fire_watch.watch_zones(session, self._hub.latest(None), now=now))
        self._step("fire watches", partial(fire_watch.make_rounds, now=now))
        since = None if turns % GAUGES_EVERY == 0 else now - gauges.RECENT
        self._step(
            "gauges", lambda session: gauges.compare(session, self._stores.get(), now=now, since=since)
        )
        self._send_typed_readings(now)
        if turns % SUBSTITUTES_EVERY == 0:
            self._step("substitutes", partial(substitutes.move_rounds, now=now))
        if turns % TIDY_EVERY == 0:
            self._write("tidying", partial(keeping.tidy, now=now, folder=self._house.photos))

    def _answer_alarms(self, now: datetime) -> None:
        """Each alarm in a transaction of its own: rules that wait here raise theirs late."""
        for alarm_id in self._look("unanswered alarms", partial(dispatching.unanswered, now=now)) or ():
            self._write("alarms", partial(dispatching.answer, alarm_id=alarm_id, now=now))

    def _send_typed_readings(self, now: datetime) -> None:
        """Not rehearsed: what is published is published."""
        waiting = self._look("unsent readings", gauges.unsent) if self._bus.is_connected else None
        if waiting:
            self._write("typed readings", partial(gauges.send, publish=self._publish, now=now))

    def _step(self, name: str, work: Callable[[Session], object]) -> None:
        """Work that takes the turn of those who write only when it has something to write."""

        def do() -> None:
            if would_write(self._sessions, work):
                self._commit(work)

        self._attempt(name, do)

    def _look(self, name: str, question: Callable[[Session], T]) -> T | None:
        def do() -> T:
            with reading(self._sessions) as session:
                return question(session)

        return self._attempt(name, do)

    def _write(self, name: str, work: Callable[[Session], object]) -> None:
        self._attempt(name, partial(self._commit, work))

    def _commit(self, work: Callable[[Session], object]) -> None:
        with transaction(self._sessions) as session:
            work(session)
        for noun in sorted(changes_of(session)):
            self._announce(noun)

    def _attempt(self, name: str, do: Callable[[], T]) -> T | None:
        """What it gave; None where it failed: whatever is down comes back, and what is due is still there then."""
        try:
            found = do()
        except Exception:
            if name not in self._failing:
                log.exception("a step of the patrol room fails", step=name)
            self._failing.add(name)
            return None
        self._failing.discard(name)
        return found

    def _publish(self, payload: bytes) -> bool:
        if not self._bus.is_connected:
            return False
        self._bus.publish(topics.telemetry(gauges.DEVICE), payload)
        return True

    def _run(self) -> None:
        while not self._stopped.wait(EVERY_S):
            self.look()
