"""Values against fixed limits, states against codes, flags against bits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from server.rules.compiled import Fact, Leaf, Scope, Signal
from server.rules.parts import NUMERIC, Bit, Codes, Need, NotNegative, Number, Part, PointKey


class Limit(Part):
    """True at value > high, false again at value <= high - deadband; mirrored for low."""

    type: Literal["limit"]
    point: PointKey
    high: Number | None = None
    low: Number | None = None
    deadband: NotNegative = 0.0

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.high is None) == (self.low is None):
            raise ValueError("give exactly one of high and low; for both sides use any of two limits")
        return self

    def needs(self) -> Iterator[Need]:
        yield Need("point", self.point, NUMERIC)


class State(Part):
    """True while the value is one of ``any_of``, or none of ``none_of``."""

    type: Literal["state"]
    point: PointKey
    any_of: Codes = ()
    none_of: Codes = ()

    @model_validator(mode="after")
    def _one_list(self) -> Self:
        if bool(self.any_of) == bool(self.none_of):
            raise ValueError("give exactly one of any_of and none_of, with at least one code")
        return self

    def needs(self) -> Iterator[Need]:
        yield Need("point", self.point, ("state",))


class Flags(Part):
    """True while any of these bits is set; bit 0 is the least significant."""

    type: Literal["flags"]
    point: PointKey
    any_of: Annotated[tuple[Bit, ...], Field(min_length=1)]

    def needs(self) -> Iterator[Need]:
        yield Need("point", self.point, ("flags",))


def number(value: object) -> float:
    """The value as a number; raises TypeError where it is none, ValueError where it is not finite."""
    if not isinstance(value, int | float):
        raise TypeError(f"{value!r} is not a number")
    if not math.isfinite(value):
        raise ValueError(f"{value!r} is not a finite number")
    return value


class LimitLeaf(Leaf):
    __slots__ = ("clears_at", "deadband", "limit", "sign")

    def __init__(self, signal: Signal | None, spec: Limit) -> None:
        super().__init__(signal)
        self.sign = 1.0 if spec.high is not None else -1.0
        self.limit = spec.high if spec.high is not None else spec.low or 0.0
        self.deadband = spec.deadband
        self.clears_at = self.limit - self.sign * spec.deadband

    def judge(self, at_ms: int) -> bool:
        value = number(self.value)
        edge = self.clears_at if self.true else self.limit
        return value > edge if self.sign > 0 else value < edge

    def quiet(self) -> tuple[float, float]:
        # open ends of the true side are narrowed by one step of the float, as the range is closed
        edge = self.clears_at if self.true else self.limit
        if self.true:
            inside = math.nextafter(edge, math.inf * self.sign)
            return (inside, math.inf) if self.sign > 0 else (-math.inf, inside)
        return (-math.inf, edge) if self.sign > 0 else (edge, math.inf)

    def facts(self, at_ms: int) -> Iterable[Fact]:
        if self.signal is not None:
            relation = "above" if self.sign > 0 else "below"
            yield Fact(self.signal.point, relation, self.signal.value, self.limit, self.deadband)


class StateLeaf(Leaf):
    __slots__ = ("codes", "wanted")

    def __init__(self, signal: Signal | None, spec: State) -> None:
        super().__init__(signal)
        self.wanted = bool(spec.any_of)
        self.codes = frozenset(spec.any_of or spec.none_of)

    def judge(self, at_ms: int) -> bool:
        return (self.value in self.codes) is self.wanted

    def facts(self, at_ms: int) -> Iterable[Fact]:
        if self.signal is not None:
            relation = "is" if self.wanted else "is_not"
            yield Fact(self.signal.point, relation, self.signal.value, sorted(self.codes, key=str))


class FlagsLeaf(Leaf):
    __slots__ = ("bits", "mask")

    def __init__(self, signal: Signal | None, spec: Flags) -> None:
        super().__init__(signal)
        self.bits: list[int | str] = sorted(spec.any_of)
        self.mask = sum({1 << bit for bit in spec.any_of})

    def judge(self, at_ms: int) -> bool:
        return self.mask_of() != 0

    def mask_of(self) -> int:
        """The wanted bits that are set; raises TypeError where the value is no set of flags."""
        value = self.value
        if not isinstance(value, int | float):
            raise TypeError(f"{value!r} is not a set of flags")
        return int(value) & self.mask

    def facts(self, at_ms: int) -> Iterable[Fact]:
        if self.signal is not None:
            yield Fact(self.signal.point, "has_bit", self.signal.value, self.bits)


def compile_limit(spec: Limit, scope: Scope) -> Leaf:
    return LimitLeaf(scope.signal(spec.point), spec)


def compile_state(spec: State, scope: Scope) -> Leaf:
    return StateLeaf(scope.signal(spec.point), spec)


def compile_flags(spec: Flags, scope: Scope) -> Leaf:
    return FlagsLeaf(scope.signal(spec.point), spec)
