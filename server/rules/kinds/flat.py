"""A sensor that is stuck: it says the same while it should move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

import msgspec
from pydantic import Field

from server.rules.compiled import NEVER, Fact, Leaf, Scope, Signal
from server.rules.kinds.limit import Flags, Limit, State, compile_flags, compile_limit, compile_state, number
from server.rules.parts import NUMERIC, Need, NotNegative, Part, PointKey, WindowSeconds

Comparison = Annotated[Limit | State | Flags, Field(discriminator="type")]
"""What may stand under ``during``."""


def compile_comparison(spec: Limit | State | Flags, scope: Scope) -> Leaf:
    if isinstance(spec, Limit):
        return compile_limit(spec, scope)
    return compile_state(spec, scope) if isinstance(spec, State) else compile_flags(spec, scope)


def during_needs(during: Limit | State | Flags | None, where: str = "during") -> Iterator[Need]:
    """What a ``during`` reads."""
    for need in during.needs() if during is not None else ():
        yield need._replace(where=f"{where}.{need.where}")


class Flat(Part):
    """All values of the last ``for_s`` seconds lie within a range of ``within`` (in the point's unit).

    Only the time while ``during`` is met counts, in one piece: a pump that stands still may be flat.
    Silence is not flat: the time begins anew after it.
    """

    type: Literal["flat"]
    point: PointKey
    for_s: WindowSeconds
    within: NotNegative = 0.0
    during: Comparison | None = None

    def needs(self) -> Iterator[Need]:
        yield Need("point", self.point, NUMERIC)
        yield from during_needs(self.during)


class Memory(msgspec.Struct, array_like=True):
    anchor: float | None
    since_ms: int
    last_ms: int
    running_ms: int
    during: bool


class FlatLeaf(Leaf):
    """Values around the first of a run, by half of the range to either side, continue the run."""

    __slots__ = ("anchor", "during", "for_ms", "half", "last_ms", "running_ms", "since_ms")

    watches_all = True
    is_timed = True

    def __init__(self, signal: Signal, during: Leaf | None, spec: Flat) -> None:
        others = during.signals if during is not None else ()
        super().__init__(signal, *(other for other in others if other is not signal))
        self.during = during
        self.for_ms = round(spec.for_s * 1000)
        self.half = spec.within / 2
        self.begin(-1)

    def begin(self, at_ms: int) -> None:
        self.anchor: float | None = None
        self.since_ms = self.last_ms = -1
        self.running_ms = 0 if self.during is None else -1
        """Since when ``during`` is met; -1: it is not."""
        self.next_ms = NEVER

    def observe(self, signal: Signal, at_ms: int) -> bool:
        if signal is not self.signals[0]:
            return self._during_changes(at_ms)
        value, anchor = number(signal.value), self.anchor
        if anchor is None or not -self.half <= value - anchor <= self.half:
            self.anchor, self.since_ms = value, at_ms
        elif at_ms - self.last_ms >= signal.timeout_ms and not self.true:
            self.since_ms = at_ms
        self.last_ms = at_ms
        if self.true or (self.next_ms == NEVER and self.running_ms >= 0):
            return True
        during = self.during
        return during is not None and during.signal is signal and self._during_changes(at_ms)

    def _during_changes(self, at_ms: int) -> bool:
        return self.during is not None and self.during.judge(at_ms) is not self.during.true

    def judge(self, at_ms: int) -> bool:
        self.next_ms = NEVER
        if not self._is_during(at_ms):
            self.running_ms = -1
            return False
        if self.running_ms < 0:
            self.running_ms = at_ms
        if self.anchor is None:
            return False
        if any(signal.unknown_from() <= at_ms for signal in self.signals):
            return self.true
        end_ms = max(self.since_ms, self.running_ms) + self.for_ms
        if at_ms >= end_ms:
            return True
        self.next_ms = end_ms
        return False

    def _is_during(self, at_ms: int) -> bool:
        if self.during is None:
            return True
        if self.during.value is None:
            return False
        self.during.true = self.during.judge(at_ms)
        return self.during.true

    def facts(self, at_ms: int) -> Iterable[Fact]:
        signal = self.signals[0]
        flat_s = (at_ms - max(self.since_ms, self.running_ms)) / 1000
        yield Fact(signal.point, "stuck", signal.value, flat_s, 2 * self.half)

    def memory(self) -> bytes | None:
        if self.anchor is None and self.running_ms <= 0:
            return None
        during = self.during is not None and self.during.true
        return msgspec.msgpack.encode(
            Memory(self.anchor, self.since_ms, self.last_ms, self.running_ms, during)
        )

    def recall(self, data: bytes) -> None:
        kept = msgspec.msgpack.decode(data, type=Memory)
        self.anchor, self.since_ms, self.last_ms = kept.anchor, kept.since_ms, kept.last_ms
        self.running_ms = kept.running_ms
        if self.during is not None:
            self.during.true = kept.during


def compile_flat(spec: Flat, scope: Scope) -> Leaf:
    during = compile_comparison(spec.during, scope) if spec.during is not None else None
    return FlatLeaf(scope.need(spec.point), during, spec)
