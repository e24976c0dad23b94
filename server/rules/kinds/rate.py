"""How fast a value rises or falls."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from server.rules.compiled import NEVER, Fact, Leaf, Scope, Signal
from server.rules.kinds.limit import number
from server.rules.kinds.threshold import OneSided, threshold
from server.rules.parts import NUMERIC, Need, PointKey, WindowSeconds

PER_MS = {"second": 1000, "minute": 60_000, "hour": 3_600_000}
STEPS = 64
"""How finely the window is remembered: its length is right to one part in so many."""


class Rate(OneSided):
    """Change over the last ``over_s`` seconds, as change per second, minute or hour.

    It is unknown, and therefore no crossing, until the window is filled, and again after a silence.
    """

    type: Literal["rate"]
    point: PointKey
    over_s: WindowSeconds
    per: Literal["second", "minute", "hour"] = "minute"

    def needs(self) -> Iterator[Need]:
        yield Need("point", self.point, NUMERIC)


class Memory(msgspec.Struct, array_like=True):
    kept: list[tuple[int, float]]
    last_ms: int
    rate: float | None


class RateLeaf(Leaf):
    __slots__ = ("edge", "kept", "last_ms", "rate", "unit_ms", "window_ms")

    watches_all = True
    is_timed = True

    def __init__(self, signal: Signal | None, spec: Rate) -> None:
        super().__init__(signal)
        self.window_ms = round(spec.over_s * 1000)
        self.unit_ms = PER_MS[spec.per]
        self.edge = threshold(spec)
        self.kept: deque[tuple[int, float]] = deque()
        self.last_ms = -1
        self.rate: float | None = None

    def begin(self, at_ms: int) -> None:
        self.kept.clear()
        self.last_ms, self.rate, self.next_ms = -1, None, NEVER

    def observe(self, signal: Signal, at_ms: int) -> bool:
        value, kept = number(signal.value), self.kept
        if self.last_ms >= 0 and at_ms - self.last_ms >= signal.timeout_ms:
            kept.clear()
        self.last_ms = at_ms
        begin_ms = at_ms - self.window_ms
        while len(kept) > 1 and kept[1][0] <= begin_ms:
            kept.popleft()
        if kept and kept[0][0] <= begin_ms:
            since_ms, reference = kept[0]
            self.rate = (value - reference) * self.unit_ms / (at_ms - since_ms)
        else:
            self.rate = None
        if not kept or (at_ms - kept[-1][0]) * STEPS >= self.window_ms:
            kept.append((at_ms, value))
        return self.true or (self.rate is not None and self.edge.beyond(self.rate, was=self.true))

    def judge(self, at_ms: int) -> bool:
        truth = self.rate is not None and self.edge.beyond(self.rate, was=self.true)
        self.next_ms = self.last_ms + self.window_ms if truth else NEVER
        return truth

    def wake(self, at_ms: int) -> None:
        """Nothing more came for a whole window: the value has stayed as it is, unless its point is silent."""
        self.next_ms = NEVER
        if self.signal is not None and self.signal.unknown_from() > at_ms:
            self.rate = 0.0

    def facts(self, at_ms: int) -> Iterable[Fact]:
        if self.signal is not None and self.rate is not None:
            relation = "rises_faster" if self.edge.is_high else "falls_faster"
            yield Fact(self.signal.point, relation, self.rate, self.edge.limit, self.edge.deadband)

    def memory(self) -> bytes | None:
        if self.last_ms < 0:
            return None
        return msgspec.msgpack.encode(Memory(list(self.kept), self.last_ms, self.rate))

    def recall(self, data: bytes) -> None:
        kept = msgspec.msgpack.decode(data, type=Memory)
        self.kept, self.last_ms, self.rate = deque(kept.kept), kept.last_ms, kept.rate


def compile_rate(spec: Rate, scope: Scope) -> Leaf:
    return RateLeaf(scope.signal(spec.point), spec)
