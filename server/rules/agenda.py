"""What happens by itself and when: delays that end, points that fall silent. In the order of event time."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

from server.rules.compiled import NEVER
from server.rules.instance import Instance
from server.rules.watching import Slot

LAG_CHECK_MS = 250


class Agenda:
    """Empty at first, and knows of no time."""

    def __init__(self) -> None:
        self.horizon_ms = -1
        """All readings up to here are known."""
        self._queue: list[tuple[float, int, int, Slot | Instance]] = []
        self._queued = 0

    def due(self, horizon_ms: int) -> Iterator[tuple[float, Slot | Instance]]:
        """Everything up to ``horizon_ms``, which becomes known; also what is put here meanwhile."""
        queue = self._queue
        while queue and queue[0][0] <= horizon_ms:
            due_ms, _, _, item = heappop(queue)
            self.horizon_ms = max(self.horizon_ms, int(due_ms))  # one long step is as many short ones
            yield due_ms, item
        self.horizon_ms = max(self.horizon_ms, horizon_ms)

    def clear(self) -> None:
        """Forget what was to come, not what time it is."""
        self._queue.clear()

    def put_instance(self, instance: Instance) -> None:
        """Have its next deadline looked at, unless an earlier look is due."""
        wanted_ms = instance.due_ms
        if wanted_ms != NEVER:
            due_ms = self._look_ms(wanted_ms)
            if due_ms < instance.scheduled_ms:
                instance.scheduled_ms = due_ms
                self._push(due_ms, 0, instance)

    def put_slot(self, slot: Slot) -> None:
        """Have its silence looked at, unless an earlier look is due."""
        due_ms = self._look_ms(slot.silent_from())
        if due_ms < slot.queued_ms and not slot.silent:
            slot.queued_ms = due_ms
            self._push(due_ms, 1, slot)

    def _look_ms(self, deadline_ms: float) -> float:
        """When to look at a deadline; one that only the lag of its points holds back is looked at again soon."""
        return deadline_ms if deadline_ms > self.horizon_ms else self.horizon_ms + LAG_CHECK_MS

    def _push(self, due_ms: float, order: int, item: Slot | Instance) -> None:
        # at the same instant a delay ends before a silence begins: it had run its whole length
        self._queued += 1
        heappush(self._queue, (due_ms, order, self._queued, item))
