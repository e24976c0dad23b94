"""How often something happened in the last while: pump starts per hour."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

import msgspec
from pydantic import Field

from server.rules.compiled import NEVER, Fact, Leaf, Scope, Signal
from server.rules.kinds.limit import number
from server.rules.kinds.threshold import Threshold
from server.rules.parts import NUMERIC, Codes, Need, NotNegative, Number, Part, PointKey, WindowSeconds
from telemetry.reading import Value

MOST_KEPT = 256
"""Beyond so many events, those of one 256th of the window are kept as one."""


class Count(Part):
    """More than ``high`` events within the last ``over_s`` seconds.

    An event is the entering of one of the states ``any_of``; without them, each step by which a register
    grows. A register that falls was reset: that is no event. States that changed unseen, during a
    silence, are no events; a register counts on.
    """

    type: Literal["count"]
    point: PointKey
    over_s: WindowSeconds
    high: Annotated[Number, Field(ge=0, le=1_000_000)]
    deadband: NotNegative = 0.0
    any_of: Codes = ()

    def needs(self) -> Iterator[Need]:
        yield Need("point", self.point, ("state",) if self.any_of else NUMERIC)


class Memory(msgspec.Struct, array_like=True):
    events: list[tuple[int, float]]
    previous: Value
    last_ms: int


class CountLeaf(Leaf):
    __slots__ = ("codes", "edge", "events", "last_ms", "previous", "total", "window_ms")

    watches_all = True
    is_timed = True

    def __init__(self, signal: Signal | None, spec: Count) -> None:
        super().__init__(signal)
        self.window_ms = round(spec.over_s * 1000)
        self.edge = Threshold(high=spec.high, low=None, deadband=spec.deadband)
        self.codes = frozenset(spec.any_of)
        self.begin(-1)

    def begin(self, at_ms: int) -> None:
        self.events: deque[tuple[int, float]] = deque()
        self.total = 0.0
        self.previous: Value = None if self.signal is None else self.signal.value
        self.last_ms = -1 if self.signal is None else self.signal.at_ms
        self.next_ms = NEVER

    def observe(self, signal: Signal, at_ms: int) -> bool:
        value, previous = signal.value, self.previous
        if self.codes:
            is_unseen = at_ms - self.last_ms >= signal.timeout_ms
            entered = value in self.codes and previous not in self.codes
            step = 1.0 if entered and previous is not None and not is_unseen else 0.0
        else:
            step = max(0.0, number(value) - number(previous)) if previous is not None else 0.0
        self.previous, self.last_ms = value, at_ms
        self._expire(at_ms)
        if step:
            self._add(at_ms, step)
        return self.edge.beyond(self.total, was=self.true) != self.true

    def judge(self, at_ms: int) -> bool:
        truth = self.edge.beyond(self.total, was=self.true)
        self.next_ms = self.events[0][0] + self.window_ms if truth and self.events else NEVER
        return truth

    def wake(self, at_ms: int) -> None:
        """An event has become too old; while the point is silent nobody knows what came instead."""
        self.next_ms = NEVER
        if self.signal is not None and self.signal.unknown_from() > at_ms:
            self._expire(at_ms)

    def _add(self, at_ms: int, step: float) -> None:
        if len(self.events) >= MOST_KEPT and (at_ms - self.events[-1][0]) * MOST_KEPT < self.window_ms:
            last_ms, before = self.events.pop()
            self.events.append((last_ms, before + step))
        else:
            self.events.append((at_ms, step))
        self.total += step

    def _expire(self, at_ms: int) -> None:
        while self.events and self.events[0][0] + self.window_ms <= at_ms:
            self.total -= self.events.popleft()[1]
        if not self.events:
            self.total = 0.0  # no drift of sums

    def facts(self, at_ms: int) -> Iterable[Fact]:
        if self.signal is not None:
            yield Fact(self.signal.point, "count_above", self.total, self.edge.limit, self.edge.deadband)

    def memory(self) -> bytes | None:
        if self.previous is None:
            return None
        return msgspec.msgpack.encode(Memory(list(self.events), self.previous, self.last_ms))

    def recall(self, data: bytes) -> None:
        kept = msgspec.msgpack.decode(data, type=Memory)
        self.events, self.previous, self.last_ms = deque(kept.events), kept.previous, kept.last_ms
        self.total = sum(step for _, step in self.events)


def compile_count(spec: Count, scope: Scope) -> Leaf:
    return CountLeaf(scope.signal(spec.point), spec)
