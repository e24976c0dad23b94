"""The rules process at work: readings in from the bus, alarms and tickets out to the database.

A message is acknowledged after what it led to is committed. Killed at any moment, the process begins
again from its last snapshot, reads back from the store what came since, and what it finds again was
applied already and changes nothing (``Transition.mark``).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

import msgspec
import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from server.assets.profiles import Profile
from server.clock import to_ms
from server.db import reading, transaction
from server.intake.service import beat
from server.rules import memory
from server.rules.apply import apply_all
from server.rules.evaluate import Engine
from server.rules.garbage import keeping_all
from server.rules.gateways import GONE_AFTER_S, GatewayWatch, gateway_points
from server.rules.horizon import RECONNECT_GRACE_MS, SETTLE_MS, Horizon, Step
from server.rules.keeping import Keeper
from server.rules.order import InOrder
from server.rules.presences import points_of_devices
from server.rules.queries import Watchlist, revision, watchlist
from server.rules.service import report_problems
from server.rules.shipped import seed
from server.rules.transition import Transition
from server.tickets.closing import verify_waiting
from telemetry import topics
from telemetry.bus import Bus, Incoming
from telemetry.messages import DevicePresence, GatewayHealth, ReadingBatch
from telemetry.store.contract import ReadingStore, StoreUnavailable

log = structlog.get_logger("rules")

NAME = "rules"
TAKE_S = 0.1
CATCH_UP_MARGIN_MS = 5_000
"""Before the last that was heard: readings of several devices come by several ways."""
MOST_TAKEN = 2000
APPLIED_AT_ONCE = 50
"""Transitions in a transaction: half a second to two."""
BEAT_EVERY_S = 2.0
LOOK_EVERY_S = 10.0
"""How often the rules' revision is asked for, besides the hints on the bus."""
VERIFY_EVERY_S = 1.0
NEARLY_THERE_MS = 5000
"""A replay has caught up with the store when it took no longer than this."""
LONGEST_WAIT_S = 15.0

_READINGS, _CHANGED = topics.readings(0).rsplit("0", 1)[0], topics.changed("")
_PRESENCES = topics.presence("")
T = TypeVar("T")


class Stopped(Exception):  # no error: told to stop while waiting
    """The process was told to stop while it waited for something."""


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
        self._engine = Engine()
        self._horizon = Horizon()
        self._order = InOrder()
        self._keeper = Keeper(self._engine)
        self._gateways = GatewayWatch(gateway_gone_s)
        self._known: Watchlist
        self._batch = msgspec.json.Decoder(ReadingBatch)
        self._health = msgspec.json.Decoder(GatewayHealth)
        self._presence = msgspec.json.Decoder(DevicePresence)
        self._of_devices: Mapping[str, Sequence[int]] = {}
        self._timers: dict[str, float] = {}
        self._must_reload = False
        self._was_connected = False
        self._readings = 0
        self._problems: dict[int, str] | None = None

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
        self._patiently(self._seed)
        self._known = self._patiently(lambda: self._read(watchlist))
        self._read_sources()
        kept = self._patiently(lambda: self._read(memory.load_memory))
        now_ms = self._now_ms()
        self._engine.load(self._known.plan, now_ms)
        began = time.monotonic()
        if kept is None:
            count = self._begin_anew(now_ms)
        else:
            self._horizon = Horizon(kept.heard_ms)
            self._apply(self._engine.restore(kept.snapshot, now_ms))
            since_ms = memory.replay_from_ms(kept.snapshot)
            count = self._patiently(lambda: self._replay(since_ms, now_ms))
            self._order.put(kept.snapshot.waiting)
            proven_ms = self._patiently(lambda: self._read(memory.proven_ms))
            self._apply(self._engine.advance(min(proven_ms, now_ms - SETTLE_MS)))
        disowned = self._patiently(
            lambda: self._read(
                lambda session: memory.disowned(session, self._engine, self._known, at_ms=now_ms)
            )
        )
        self._apply(disowned)
        self._bus.subscribe(topics.ALL_READINGS)
        self._bus.subscribe(topics.ALL_GATEWAY_HEALTH)
        self._bus.subscribe(topics.ALL_PRESENCES)
        self._bus.subscribe(topics.ALL_CHANGED)
        self._bus.start()
        log.info(
            "watching",
            points=len(self._known.plan.points),
            instances=len(self._known.plan.rules),
            replayed=count,
            replay_s=round(time.monotonic() - began, 3),
        )

    def _read_sources(self) -> None:
        """Which points gateways and devices have."""
        self._gateways.points = self._patiently(lambda: self._read(gateway_points))
        self._of_devices = self._patiently(lambda: self._read(points_of_devices))

    def _seed(self) -> None:
        with transaction(self._sessions) as session:
            seed(session, self._profiles, now=self._clock())

    def _begin_anew(self, now_ms: int) -> int:
        """No memory: the open alarms, the values that still hold, and the last minutes."""
        self._patiently(lambda: self._read(lambda session: memory.adopt_open_alarms(session, self._engine)))
        since_ms = now_ms - self._known.longest_delay_ms - memory.MARGIN_MS
        try:
            points = [point.id for point in self._known.plan.points]
            values = memory.first_values(self._store(), points, since_ms)
            self._apply(self._engine.feed(values))
            return self._replay(since_ms, now_ms)
        except StoreUnavailable as error:
            log.warning("beginning without the last minutes of readings", error=str(error))
            return 0
        finally:
            self._apply(self._engine.resume(now_ms + RECONNECT_GRACE_MS))
            self._apply(self._engine.judge(now_ms))

    def _replay(self, since_ms: int, now_ms: int) -> int:
        points = [point.id for point in self._known.plan.points]
        count = 0
        while True:
            # what is younger than the lateness that is allowed may still be overtaken: it waits with what is to come
            settled_ms = now_ms - SETTLE_MS
            readings = self._store().read(points, since_ms, settled_ms)
            count += memory.replay(self._engine, readings, self._apply_and_beat)
            since_ms, now_ms = settled_ms, self._now_ms()
            if now_ms - settled_ms < NEARLY_THERE_MS:
                break  # else so much came meanwhile that it is replayed as well
        self._order.put(self._store().read(points, since_ms, now_ms + memory.LONGEST_LAG_MS))
        return count

    # -- each turn --

    def _turn(self) -> None:
        self._watch_connection()
        messages = self._bus.take(timeout_s=self._pause_s(), most=MOST_TAKEN)
        found: list[Transition] = []
        for message in messages:
            found += self._hear(message)
        if not messages and self._bus.is_connected:
            found += self._step(self._horizon.tick(self._now_ms()))
            found += self._engine.feed(self._gateways.tick(self._now_ms()))
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
                log.info("connected to the broker", caught_up=self._catch_up())
            else:
                self._horizon.disconnected()
                log.warning("the broker is away; waiting for it", refused=self._bus.refused)

    def _catch_up(self) -> int:
        """What the store has got since we last heard anything: a broker that was killed forgets what it had
        for us. What it did not forget comes twice, which changes nothing. Gives the number of readings."""
        if self._engine.horizon_ms < 0:  # nothing was ever heard: there is nothing to go on from
            return 0
        points = [point.id for point in self._known.plan.points]
        since_ms, now_ms = self._engine.horizon_ms - CATCH_UP_MARGIN_MS, self._now_ms()
        try:
            readings = list(self._store().read(points, since_ms, now_ms + memory.LONGEST_LAG_MS))
        except StoreUnavailable as error:
            log.warning("going on without what the broker may have forgotten", error=str(error))
            return 0
        self._order.put(readings)
        return len(readings)

    def _hear(self, message: Incoming) -> list[Transition]:
        """What one message leads to. One that cannot be read is reported and passed over."""
        try:
            if message.topic.startswith(_READINGS):
                return self._evaluate(self._batch.decode(message.payload))
            if message.topic.startswith(_CHANGED):
                noun = message.topic.removeprefix(_CHANGED)
                self._must_reload = self._must_reload or noun in ("rules", "assets")
                return []
            if message.topic.startswith(_PRESENCES):
                return self._hear_presence(self._presence.decode(message.payload))
            return self._hear_gateway(message.payload)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            log.warning("a message could not be read", topic=message.topic, error=str(error))
            return []

    def _hear_gateway(self, payload: bytes) -> list[Transition]:
        if not payload:
            return []
        health = self._health.decode(payload)
        step = self._horizon.gateway(
            health.gateway, at_ms=health.at_ms, started_ms=health.started_ms, online=health.online
        )
        return self._step(step) + self._engine.feed(self._gateways.hear(health, self._now_ms()))

    def _hear_presence(self, presence: DevicePresence) -> list[Transition]:
        """One that is back says so by its readings."""
        if presence.online:
            return []
        points = self._of_devices.get(presence.device, ())
        self._keeper.must_keep(points)  # no store remembers that a device said good-bye
        return self._engine.lose(points, presence.at_ms)

    def _evaluate(self, batch: ReadingBatch) -> list[Transition]:
        self._readings += len(batch.readings)
        self._order.put(batch.readings)
        return self._step(self._horizon.heard(batch.stored_ms))

    def _step(self, step: Step | None) -> list[Transition]:
        if step is None:
            return []
        found: list[Transition] = []
        if step.resume_ms is not None:
            found += self._engine.resume(step.resume_ms)
            self._keeper.must_keep_all()
        found += self._engine.feed(self._order.take(step.advance_ms))
        return found + self._engine.advance(step.advance_ms)

    def _do_what_is_due(self) -> None:
        if self._is_due("look", LOOK_EVERY_S) or self._must_reload:
            self._reload_if_changed()
        if self._is_due("verify", VERIFY_EVERY_S):
            closed = self._patiently(lambda: verify_waiting(self._sessions, self._store, now=self._clock()))
            if closed:
                self._announce({"tickets"})
        self._keep_what_is_due()
        self._beat_if_due()

    def _reload_if_changed(self) -> None:
        self._must_reload = False
        if self._patiently(lambda: self._read(revision)) != self._known.revision:
            self._patiently(self._seed)
            with keeping_all():
                self._known = self._patiently(lambda: self._read(watchlist))
                self._read_sources()
                at_ms = max(self._engine.horizon_ms, 0) or self._now_ms()
                found = self._engine.load(self._known.plan, at_ms)
            self._apply(found)
            self._keeper.must_keep_all()
            log.info(
                "watching anew", points=len(self._known.plan.points), instances=len(self._known.plan.rules)
            )
        problems = dict(self._known.problems)
        for (rule, _asset), text in self._engine.problems.items():
            problems.setdefault(rule, text)
        if problems != self._problems:
            self._problems = problems
            self._patiently(lambda: self._write(lambda session: report_problems(session, problems)))
            self._announce({"rules"})

    # -- database --

    def _apply(self, found: Sequence[Transition]) -> None:
        """Some at a time: thousands at once would keep everybody else from writing for a minute."""
        for begin in range(0, len(found), APPLIED_AT_ONCE):
            some = found[begin : begin + APPLIED_AT_ONCE]
            changed = self._patiently(
                partial(apply_all, self._sessions, some, self._known, now=self._clock())
            )
            self._announce(changed)
            self._beat_if_due()

    def _apply_and_beat(self, found: Sequence[Transition]) -> None:
        """During a replay, which may take a while."""
        self._apply(found)
        self._beat_if_due()

    def _beat_if_due(self) -> None:
        if self._is_due("beat", BEAT_EVERY_S):
            self._patiently(self._beat)

    def _keep_what_is_due(self) -> None:
        if self._keeper.wants_all:
            self._save()
            return
        due = memory.rows(self._keeper.due(self._order, time.monotonic()))
        if due:
            self._patiently(lambda: self._write(lambda session: memory.save_slices(session, due)))

    def _save(self) -> None:
        slices = memory.rows(self._keeper.all(self._order, time.monotonic()))
        self._patiently(lambda: self._write(lambda session: memory.save_all(session, slices)))

    def _beat(self) -> None:
        detail = {
            "readings": self._readings,
            "points": len(self._known.plan.points),
            "instances": len(self._known.plan.rules),
            "connected": self._bus.is_connected,
            "behind_ms": max(0, self._now_ms() - self._engine.horizon_ms)
            if self._engine.horizon_ms > 0
            else None,
        }
        self._write(lambda session: beat(session, NAME, self._clock(), detail))

    def _read(self, question: Callable[[Session], T]) -> T:
        with reading(self._sessions) as session:
            return question(session)

    def _write(self, job: Callable[[Session], None]) -> None:
        with transaction(self._sessions) as session:
            job(session)

    def _patiently(self, job: Callable[[], T]) -> T:
        """The job's answer, however long database or store are away. Raises Stopped when told to stop."""
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

    def _announce(self, nouns: Sequence[str] | frozenset[str] | set[str]) -> None:
        if self._bus.is_connected:
            for noun in sorted(nouns):
                self._bus.publish(topics.changed(noun), b"{}", qos=0)

    def _is_due(self, name: str, every_s: float) -> bool:
        now_s = time.monotonic()
        if now_s - self._timers.get(name, -every_s) < every_s:
            return False
        self._timers[name] = now_s
        return True

    def _now_ms(self) -> int:
        return to_ms(self._clock())
