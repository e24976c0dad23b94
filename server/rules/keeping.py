"""When which slice of the engine's memory is written.

The whole of a large plant takes over a second, in which no reading would be evaluated: so it is written
slice by slice, each every ``EVERY_S``, and as a whole only where all of it changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from server.rules.evaluate import Engine
from server.rules.order import InOrder
from server.rules.snapshot import Snapshot
from telemetry.reading import Reading

EVERY_S = 20.0


class Keeper:
    """Wants the whole first."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._whole = True
        self._at_once: set[int] = set()
        self._next = 0
        self._written_s = 0.0

    def must_keep_all(self) -> None:
        """What no store remembers changed everywhere."""
        self._whole = True

    def must_keep(self, points: Iterable[int]) -> None:
        """What no store remembers changed about these points."""
        found = {self._engine.slice_of(point) for point in points}
        self._at_once |= {number for number in found if number is not None}

    @property
    def wants_all(self) -> bool:
        return self._whole

    def all(self, order: InOrder, now_s: float) -> dict[int, Snapshot]:
        """Every slice, by its number."""
        self._whole, self._next, self._written_s = False, 0, now_s
        self._at_once.clear()
        waiting = self._waiting(order.waiting)
        return {number: self._slice(number, waiting) for number in range(self._engine.slices)}

    def due(self, order: InOrder, now_s: float) -> dict[int, Snapshot]:
        """The slices to be written now: what must be, and the next one when its time has come."""
        numbers, self._at_once = self._at_once, set()
        slices = self._engine.slices
        if slices and now_s - self._written_s >= EVERY_S / slices:
            numbers.add(self._next % slices)
            self._next, self._written_s = self._next + 1, now_s
        waiting = self._waiting(order.waiting) if numbers else {}
        return {number: self._slice(number, waiting) for number in sorted(numbers)}

    def _slice(self, number: int, waiting: dict[int | None, list[Reading]]) -> Snapshot:
        return msgspec.structs.replace(self._engine.snapshot(number), waiting=waiting.get(number, []))

    def _waiting(self, readings: Sequence[Reading]) -> dict[int | None, list[Reading]]:
        found: dict[int | None, list[Reading]] = {}
        for one in readings:
            found.setdefault(self._engine.slice_of(one.point), []).append(one)
        return found
