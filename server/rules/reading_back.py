"""What the store holds, read back: at the start, and after the broker may have forgotten something."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from server.rules import memory
from server.rules.evaluate import Engine
from server.rules.horizon import RECONNECT_GRACE_MS, SETTLE_MS
from server.rules.order import InOrder
from server.rules.transition import Transition
from telemetry.store.contract import ReadingStore, StoreUnavailable

log = structlog.get_logger("rules")

CATCH_UP_MARGIN_MS = 5_000
"""Before the last that was heard: readings of several devices come by several ways."""
NEARLY_THERE_MS = 5000
"""A replay has caught up with the store when it took no longer than this."""


class ReadingBack:
    """``apply`` is told what came of it. A replay takes a while: ``now_ms`` is asked and ``beat`` told again and
    again."""

    def __init__(
        self,
        engine: Engine,
        order: InOrder,
        store: Callable[[], ReadingStore],
        *,
        apply: Callable[[Sequence[Transition]], None],
        beat: Callable[[], None],
        now_ms: Callable[[], int],
    ) -> None:
        self._engine = engine
        self._order = order
        self._store = store
        self._apply = apply
        self._beat = beat
        self._now_ms = now_ms

    def begin_anew(self, points: Sequence[int], *, now_ms: int, longest_delay_ms: int) -> int:
        """Without a memory: the values that still hold, and the last minutes. Gives the number of readings."""
        since_ms = now_ms - longest_delay_ms - memory.MARGIN_MS
        try:
            self._apply(self._engine.feed(memory.first_values(self._store(), points, since_ms)))
            return self.replay(points, since_ms, now_ms)
        except StoreUnavailable as error:
            log.warning("beginning without the last minutes of readings", error=str(error))
            return 0
        finally:
            self._apply(self._engine.resume(now_ms + RECONNECT_GRACE_MS))
            self._apply(self._engine.judge(now_ms))

    def replay(self, points: Sequence[int], since_ms: int, now_ms: int) -> int:
        """Evaluate what the store holds since then. Gives the number of readings. Raises StoreUnavailable."""
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

    def catch_up(self, points: Sequence[int]) -> int:
        """What the store has got since we last heard anything: a broker that was killed forgets what it had
        for us. What it did not forget comes twice, which changes nothing. Gives the number of readings."""
        if self._engine.horizon_ms < 0:  # nothing was ever heard: there is nothing to go on from
            return 0
        since_ms = self._engine.horizon_ms - CATCH_UP_MARGIN_MS
        try:
            found = list(self._store().read(points, since_ms, self._now_ms() + memory.LONGEST_LAG_MS))
        except StoreUnavailable as error:
            log.warning("going on without what the broker may have forgotten", error=str(error))
            return 0
        self._order.put(found)
        return len(found)

    def _apply_and_beat(self, found: Sequence[Transition]) -> None:
        self._apply(found)
        self._beat()
