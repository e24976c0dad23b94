"""The rules process at work: readings in from the bus, alarms and tickets out to the database.

A message is acknowledged after what it led to is committed. Killed at any moment, the process begins
again from its last snapshot, reads back from the store what came since, and what it finds again was
applied already and changes nothing (``Transition.mark``).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.orm import Session, sessionmaker

from server.assets.profiles import Profile
from server.clock import to_ms
from server.errors import Label
from server.intake.service import beat
from server.rules import memory
from server.rules.apply import apply_all
from server.rules.evaluate import Engine
from server.rules.garbage import keeping_all
from server.rules.gateways import GONE_AFTER_S, GatewayWatch, gateway_points
from server.rules.hearing import HEARD, Hearing
from server.rules.horizon import SETTLE_MS, Horizon
from server.rules.keeping import Keeper
from server.rules.order import InOrder
from server.rules.patience import Patience, Stopped
from server.rules.presences import points_of_devices
from server.rules.problems import at
from server.rules.queries import Watchlist, revision, watchlist
from server.rules.reading_back import ReadingBack
from server.rules.service import report_problems
from server.rules.shipped import seed
from server.rules.transition import Transition
from server.tickets.closing import verify_waiting
from telemetry import topics
from telemetry.bus import Bus
from telemetry.store.contract import ReadingStore

log = structlog.get_logger("rules")

NAME = "rules"
TAKE_S = 0.1
MOST_TAKEN = 2000
APPLIED_AT_ONCE = 50
"""Transitions in a transaction: half a second to two."""
BEAT_EVERY_S = 2.0
LOOK_EVERY_S = 10.0
"""How often the rules' revision is asked for, besides the hints on the bus."""
VERIFY_EVERY_S = 1.0


class RulesLoop:
    """Nothing happens before ``run``."""

    def __init__(
        self,
        *,
        sessions: sessionmaker[Session],
        bus: Bus,
        store: Callable[[], ReadingStore],
        profiles: dict[str, Profile],
        clock: Callable[[], datetime],
        stop: threading.Event,
        gateway_gone_s: float = GONE_AFTER_S,
    ) -> None:
        self._sessions = sessions
        self._bus = bus
        self._store = store
        self._profiles = profiles
        self._clock = clock
        self._stop = stop
        self._patience = Patience(sessions, stop)
        self._engine = Engine()
        self._order = InOrder()
        self._keeper = Keeper(self._engine)
        self._gateways = GatewayWatch(gateway_gone_s)
        self._hearing = Hearing(self._engine, self._order, self._keeper, self._gateways)
        self._back = ReadingBack(
            self._engine, self._order, store, apply=self._apply, beat=self._beat_if_due, now_ms=self._now_ms
        )
        self._known: Watchlist
        self._timers: dict[str, float] = {}
        self._was_connected = False
        self._problems: dict[int, Label] | None = None

    def run(self) -> None:
        """Until told to stop."""
        try:
            with keeping_all():
                self._prepare()
            while not self._stop.is_set():
                self._turn()
            self._save()
        except Stopped:
            pass
        finally:
            self._bus.stop()

    # -- the beginning --

    def _prepare(self) -> None:
        self._seed()
        self._look_around()
        kept = self._patience.ask(memory.load_memory)
        now_ms = self._now_ms()
        self._engine.load(self._known.plan, now_ms)
        began = time.monotonic()
        count = self._begin_anew(now_ms) if kept is None else self._go_on(kept, now_ms)
        self._apply(
            self._patience.ask(
                lambda session: memory.disowned(session, self._engine, self._known, at_ms=now_ms)
            )
        )
        for topic_filter in HEARD:
            self._bus.subscribe(topic_filter)
        self._bus.start()
        replay_s = round(time.monotonic() - began, 3)
        log.info("watching", **self._sizes(), replayed=count, replay_s=replay_s)

    def _seed(self) -> None:
        def job(session: Session) -> None:
            seed(session, self._profiles, now=self._clock())

        self._patience.write(job)

    def _look_around(self) -> None:
        """Which rules watch what, and which points gateways and devices have."""
        self._known = self._patience.ask(watchlist)
        self._gateways.points = self._patience.ask(gateway_points)
        self._hearing.of_devices = self._patience.ask(points_of_devices)

    def _begin_anew(self, now_ms: int) -> int:
        """No memory: the open alarms, the values that still hold, and the last minutes."""
        self._patience.ask(lambda session: memory.adopt_open_alarms(session, self._engine))
        return self._back.begin_anew(
            self._points, now_ms=now_ms, longest_delay_ms=self._known.longest_delay_ms
        )

    def _go_on(self, kept: memory.Memory, now_ms: int) -> int:
        """Where the memory ends."""
        self._hearing.horizon = Horizon(kept.heard_ms)
        self._apply(self._engine.restore(kept.snapshot, now_ms))
        since_ms = memory.replay_from_ms(kept.snapshot)
        count = self._patience.until_done(lambda: self._back.replay(self._points, since_ms, now_ms))
        self._order.put(kept.snapshot.waiting)
        proven_ms = self._patience.ask(memory.proven_ms)
        self._apply(self._engine.advance(min(proven_ms, now_ms - SETTLE_MS)))
        return count

    # -- each turn --

    def _turn(self) -> None:
        self._watch_connection()
        messages = self._bus.take(timeout_s=self._pause_s(), most=MOST_TAKEN)
        found: list[Transition] = []
        for message in messages:
            found += self._hearing.hear(message, self._now_ms())
        if not messages and self._bus.is_connected:
            found += self._hearing.silence(self._now_ms())
        self._apply(found)
        self._bus.acknowledge(messages)
        self._do_what_is_due()

    def _pause_s(self) -> float:
        """How long to listen: until the next reading that waits is due, so that an alarm waits no longer."""
        next_ms = self._order.next_ms
        wait_ms = 0 if next_ms is None else next_ms + SETTLE_MS + 1 - self._now_ms()
        # what is overdue waits for a gateway's sign of life, and asking more often would not bring it
        return min(TAKE_S, wait_ms / 1000) if wait_ms > 0 else TAKE_S

    def _watch_connection(self) -> None:
        connected = self._bus.is_connected
        if connected != self._was_connected:
            self._was_connected = connected
            if connected:
                self._gateways.reconnected(self._now_ms())
                log.info("connected to the broker", caught_up=self._back.catch_up(self._points))
            else:
                self._hearing.horizon.disconnected()
                log.warning("the broker is away; waiting for it", refused=self._bus.refused)

    def _do_what_is_due(self) -> None:
        if self._is_due("look", LOOK_EVERY_S) or self._hearing.has_changed:
            self._hearing.has_changed = False
            self._reload_if_changed()
            self._report_problems()
        if self._is_due("verify", VERIFY_EVERY_S):
            closed = self._patience.until_done(
                lambda: verify_waiting(self._sessions, self._store, now=self._clock())
            )
            if closed:
                self._announce({"tickets"})
        self._keep_what_is_due()
        self._beat_if_due()

    def _reload_if_changed(self) -> None:
        if self._patience.ask(revision) == self._known.revision:
            return
        self._seed()
        with keeping_all():
            self._look_around()
            at_ms = max(self._engine.horizon_ms, 0) or self._now_ms()
            found = self._engine.load(self._known.plan, at_ms)
        self._apply(found)
        self._keeper.must_keep_all()
        log.info("watching anew", **self._sizes())

    def _report_problems(self) -> None:
        """Say on the rules' pages what is wrong with them, where that is new."""
        problems = dict(self._known.problems)
        for (rule, asset), problem in self._engine.problems.items():
            problems.setdefault(rule, at(self._known.assets[asset], problem))
        if problems != self._problems:
            self._problems = problems
            self._patience.write(lambda session: report_problems(session, problems))
            self._announce({"rules"})

    # -- what comes of it --

    def _apply(self, found: Sequence[Transition]) -> None:
        """Some at a time: thousands at once would keep everybody else from writing for a minute."""
        for begin in range(0, len(found), APPLIED_AT_ONCE):
            some = found[begin : begin + APPLIED_AT_ONCE]
            changed = self._patience.until_done(
                partial(apply_all, self._sessions, some, self._known, now=self._clock())
            )
            self._announce(changed)
            self._beat_if_due()

    def _keep_what_is_due(self) -> None:
        if self._keeper.wants_all:
            self._save()
            return
        due = memory.rows(self._keeper.due(self._order, time.monotonic()))
        if due:
            self._patience.write(lambda session: memory.save_slices(session, due))

    def _save(self) -> None:
        slices = memory.rows(self._keeper.all(self._order, time.monotonic()))
        self._patience.write(lambda session: memory.save_all(session, slices))

    def _beat_if_due(self) -> None:
        if self._is_due("beat", BEAT_EVERY_S):
            horizon_ms = self._engine.horizon_ms
            detail = {
                "readings": self._hearing.readings,
                **self._sizes(),
                "connected": self._bus.is_connected,
                "behind_ms": max(0, self._now_ms() - horizon_ms) if horizon_ms > 0 else None,
            }
            self._patience.write(lambda session: beat(session, NAME, self._clock(), detail))

    def _announce(self, nouns: Iterable[str]) -> None:
        if self._bus.is_connected:
            for noun in sorted(nouns):
                self._bus.publish(topics.changed(noun), b"{}", qos=0)

    @property
    def _points(self) -> list[int]:
        return [point.id for point in self._known.plan.points]

    def _sizes(self) -> dict[str, int]:
        return {"points": len(self._known.plan.points), "instances": len(self._known.plan.rules)}

    def _is_due(self, name: str, every_s: float) -> bool:
        now_s = time.monotonic()
        if now_s - self._timers.get(name, -every_s) < every_s:
            return False
        self._timers[name] = now_s
        return True

    def _now_ms(self) -> int:
        return to_ms(self._clock())
