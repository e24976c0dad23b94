"""A value against another: a set-point, another point, a gauge that somebody read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, Self

import msgspec
from pydantic import model_validator

from server.errors import Explained
from server.rules.compiled import Fact, Leaf, Scope, Signal
from server.rules.kinds.limit import number
from server.rules.kinds.threshold import OneSided, Threshold
from server.rules.parts import NUMERIC, Need, NotNegative, Number, Part, PointKey, Positive


def difference(value: float, reference: float, *, percent: bool) -> float:
    """value - reference, or that in per cent of the reference's size; ZeroDivisionError where that is 0."""
    gap = value - reference
    return 100 * gap / abs(reference) if percent else gap


class Deviation(OneSided):
    """Difference of a point to a set-point or to another point: point - reference.

    ``more_than`` looks at both directions. With ``percent``, in per cent of the reference.
    """

    type: Literal["deviation"]
    point: PointKey
    reference: Number | PointKey
    more_than: Positive | None = None
    percent: bool = False

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if sum(limit is not None for limit in (self.high, self.low, self.more_than)) != 1:
            raise Explained(
                "give exactly one of high, low and more_than", "high、low 和 more_than 只能填写其中一个"
            )
        return self

    def needs(self) -> Iterator[Need]:
        yield Need("point", self.point, NUMERIC)
        if isinstance(self.reference, str):
            yield Need("reference", self.reference, NUMERIC)


class DeviationLeaf(Leaf):
    """Sees every reading, so that one that changes nothing costs no more than the comparison."""

    __slots__ = ("edge", "fixed", "is_two_sided", "percent")

    watches_all = True

    def __init__(self, signal: Signal, reference: Signal | float, spec: Deviation) -> None:
        super().__init__(signal, reference if isinstance(reference, Signal) else None)
        self.fixed = None if isinstance(reference, Signal) else reference
        self.is_two_sided = spec.more_than is not None
        high = spec.more_than if spec.more_than is not None else spec.high
        self.edge = Threshold(high=high, low=spec.low, deadband=spec.deadband)
        self.percent = spec.percent

    def observe(self, signal: Signal, at_ms: int) -> bool:
        if self.percent or self.problem is not None:
            return True
        if any(other.value is None for other in self.signals):
            return False
        return self.edge.beyond(self._gap(), was=self.true) is not self.true

    def judge(self, at_ms: int) -> bool:
        if any(signal.value is None for signal in self.signals):
            return self.true
        return self.edge.beyond(self._gap(), was=self.true)

    def _gap(self) -> float:
        reference = self.fixed if self.fixed is not None else number(self.signals[1].value)
        gap = difference(number(self.value), reference, percent=self.percent)
        return abs(gap) if self.is_two_sided else gap

    def facts(self, at_ms: int) -> Iterable[Fact]:
        yield Fact(self.signals[0].point, "differs", self._gap(), self.edge.limit, self.edge.deadband)


class Gauge(Part):
    """A gauge read by a person against the live sensor of that minute.

    Judged when a reading of ``typed`` comes, and held until the next; a live point that is silent then is
    not compared.
    """

    type: Literal["gauge"]
    point: PointKey
    typed: PointKey
    more_than: Positive
    deadband: NotNegative = 0.0
    percent: bool = False

    def needs(self) -> Iterator[Need]:
        yield Need("point", self.point, NUMERIC)
        yield Need("typed", self.typed, NUMERIC)


class GaugeLeaf(Leaf):
    __slots__ = ("edge", "gap", "percent")

    watches_all = True

    def __init__(self, live: Signal, typed: Signal, spec: Gauge) -> None:
        super().__init__(live, typed)
        self.edge = Threshold(high=spec.more_than, low=None, deadband=spec.deadband)
        self.percent = spec.percent
        self.gap: float | None = None

    def observe(self, signal: Signal, at_ms: int) -> bool:
        live, typed = self.signals
        if signal is not typed or live.value is None or live.unknown_from() <= at_ms:
            return False
        self.gap = abs(difference(number(typed.value), number(live.value), percent=self.percent))
        return True

    def judge(self, at_ms: int) -> bool:
        return self.true if self.gap is None else self.edge.beyond(self.gap, was=self.true)

    def known(self, at_ms: int) -> bool | None:
        """What was found holds until somebody reads the gauge again."""
        return None if self.problem is not None else self.true

    def unknown_from(self) -> Iterable[int]:
        return ()

    def facts(self, at_ms: int) -> Iterable[Fact]:
        if self.gap is not None:
            yield Fact(self.signals[1].point, "differs", self.gap, self.edge.limit, self.edge.deadband)

    def memory(self) -> bytes | None:
        return None if self.gap is None else msgspec.msgpack.encode(self.gap)

    def recall(self, data: bytes) -> None:
        self.gap = msgspec.msgpack.decode(data, type=float)


def compile_deviation(spec: Deviation, scope: Scope) -> Leaf:
    reference = scope.need(spec.reference) if isinstance(spec.reference, str) else spec.reference
    return DeviationLeaf(scope.need(spec.point), reference, spec)


def compile_gauge(spec: Gauge, scope: Scope) -> Leaf:
    return GaugeLeaf(scope.need(spec.point), scope.need(spec.typed), spec)
