"""Two machines that ought to behave alike drift apart: duty and standby."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from server.rules.compiled import Fact, Leaf, Scope, Signal
from server.rules.kinds.deviation import difference
from server.rules.kinds.flat import Comparison, compile_comparison, during_needs
from server.rules.kinds.limit import number
from server.rules.kinds.threshold import Threshold
from server.rules.parts import NUMERIC, Need, NotNegative, Part, PointKey, Positive, WindowSeconds


class Drift(Part):
    """The means of two points differ by more than ``more_than``, in their unit or in per cent.

    Each mean is exponentially weighted with the time constant ``over_s`` and counts only the time in
    which its own ``during`` is met (the pump runs), so that machines that take turns can be compared.
    It is unknown, and no crossing, until both have been seen for ``over_s``.
    """

    type: Literal["drift"]
    point: PointKey
    against: PointKey
    more_than: Positive
    deadband: NotNegative = 0.0
    percent: bool = False
    over_s: WindowSeconds
    during: Comparison | None = None
    against_during: Comparison | None = None

    def needs(self) -> Iterator[Need]:
        yield Need("point", self.point, NUMERIC)
        yield Need("against", self.against, NUMERIC)
        yield from during_needs(self.during)
        yield from during_needs(self.against_during, "against_during")


class SideMemory(msgspec.Struct, array_like=True):
    mean: float
    seen_ms: int
    last_ms: int
    value: float | None
    during: bool


class Side:
    """The mean of one point over the time that counts. A value holds until the next, but not over silence."""

    __slots__ = ("during", "last_ms", "mean", "over_ms", "seen_ms", "signal", "value")

    def __init__(self, signal: Signal, during: Leaf | None, over_ms: int) -> None:
        self.signal, self.during, self.over_ms = signal, during, over_ms
        self.mean, self.seen_ms, self.last_ms = 0.0, 0, -1
        self.value: float | None = None

    def take(self, at_ms: int) -> None:
        """Count what held until now, then look at what is new."""
        spent_ms = at_ms - self.last_ms
        counts = self.during is None or self.during.true
        if self.value is not None and counts and 0 < spent_ms < self.signal.timeout_ms:
            weight = -math.expm1(-spent_ms / self.over_ms)
            self.mean = self.value if self.seen_ms == 0 else self.mean + (self.value - self.mean) * weight
            self.seen_ms += spent_ms
        self.last_ms = at_ms
        self.value = None if self.signal.value is None else number(self.signal.value)
        if self.during is not None and self.during.value is not None:
            self.during.true = self.during.judge(at_ms)

    def memory(self) -> SideMemory:
        during = self.during is not None and self.during.true
        return SideMemory(self.mean, self.seen_ms, self.last_ms, self.value, during)

    def recall(self, kept: SideMemory) -> None:
        self.mean, self.seen_ms, self.last_ms, self.value = kept.mean, kept.seen_ms, kept.last_ms, kept.value
        if self.during is not None:
            self.during.true = kept.during


class DriftLeaf(Leaf):
    __slots__ = ("edge", "percent", "sides")

    watches_all = True

    def __init__(self, one: Side, other: Side, spec: Drift) -> None:
        parts = [one.signal, other.signal]
        for side in (one, other):
            parts += side.during.signals if side.during is not None else ()
        super().__init__(*dict.fromkeys(parts))
        self.sides = (one, other)
        self.edge = Threshold(high=spec.more_than, low=None, deadband=spec.deadband)
        self.percent = spec.percent

    def begin(self, at_ms: int) -> None:
        for side in self.sides:
            side.recall(SideMemory(0.0, 0, -1, None, during=False))

    def observe(self, signal: Signal, at_ms: int) -> bool:
        # all readings of the instant are in at ``judge``; only then is it clear what holds from now on
        return True

    def judge(self, at_ms: int) -> bool:
        for side in self.sides:
            if side.last_ms < at_ms:
                side.take(at_ms)
        if any(side.seen_ms < side.over_ms for side in self.sides):
            return False
        return self.edge.beyond(self._gap(), was=self.true)

    def _gap(self) -> float:
        return abs(difference(self.sides[0].mean, self.sides[1].mean, percent=self.percent))

    def facts(self, at_ms: int) -> Iterable[Fact]:
        yield Fact(self.sides[0].signal.point, "differs", self._gap(), self.edge.limit, self.edge.deadband)

    def memory(self) -> bytes | None:
        if all(side.last_ms < 0 for side in self.sides):
            return None
        return msgspec.msgpack.encode([side.memory() for side in self.sides])

    def recall(self, data: bytes) -> None:
        for side, kept in zip(self.sides, msgspec.msgpack.decode(data, type=list[SideMemory]), strict=True):
            side.recall(kept)


def compile_drift(spec: Drift, scope: Scope) -> Leaf:
    over_ms = round(spec.over_s * 1000)
    during = compile_comparison(spec.during, scope) if spec.during is not None else None
    other = compile_comparison(spec.against_during, scope) if spec.against_during is not None else None
    one = Side(scope.need(spec.point), during, over_ms)
    return DriftLeaf(one, Side(scope.need(spec.against), other, over_ms), spec)
