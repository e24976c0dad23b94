"""Values against fixed limits, states against codes, flags against bits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from server.errors import Explained
from server.rules.compiled import Fact, Leaf, Scope, Signal
from server.rules.parts import NUMERIC, Bit, Codes, Need, NotNegative, Number, Part, PointKey


class Limit(Part):
    """True at value > high, false again at value <= high - deadband; mirrored for low."""

    type: Literal["limit"]
    point: PointKey
    high: Number | None = None
    low: Number | None = None
    deadband: NotNegative = 0.0
    deadband_percent: Annotated[Number, Field(ge=0, le=100)] | None = None
    """Instead of ``deadband``: in per cent of the point's span, its physical range."""

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if self.deadband and self.deadband_percent is not None:
            raise Explained(
                "give one of deadband and deadband_percent", "deadband 和 deadband_percent 只能填写其中一个"
            )
        if (self.high is None) == (self.low is None):
            raise Explained(
                "give exactly one of high and low; for both sides use any of two limits",
                "high 和 low 只能填写其中一个；两侧都要限制时，请用“满足任一”组合两个限值",
            )
        return self

    def needs(self) -> Iterator[Need]:
        yield Need("point", self.point, NUMERIC)


class Band(Part):
    """True outside of low..high; false again once it is inside by the dead-band."""

    type: Literal["band"]
    point: PointKey
    low: Number
    high: Number
    deadband: NotNegative = 0.0
    deadband_percent: Annotated[Number, Field(ge=0, le=100)] | None = None
    """Instead of ``deadband``: in per cent of the point's span, its physical range."""

    @model_validator(mode="after")
    def _has_an_inside(self) -> Self:
        if self.deadband and self.deadband_percent is not None:
            raise Explained(
                "give one of deadband and deadband_percent", "deadband 和 deadband_percent 只能填写其中一个"
            )
        if not self.low + self.deadband <= self.high - self.deadband:
            raise Explained(
                "low, high and the dead-band on both sides leave nothing in between",
                "low 与 high 之间扣除两侧死区后没有余地",
            )
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
            raise Explained(
                "give exactly one of any_of and none_of, with at least one code",
                "any_of 和 none_of 只能填写其中一个，且至少包含一个代码",
            )
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
    """The value as a number; raises Explained where it is none, or not finite."""
    if not isinstance(value, int | float):
        raise Explained(f"{value!r} is not a number", f"{value!r} 不是数字")
    if not math.isfinite(value):
        raise Explained(f"{value!r} is not a finite number", f"{value!r} 不是有限的数")
    return value


def deadband(signal: Signal | None, spec: Limit | Band) -> float:
    """In the point's unit. Raises Explained where a share is wanted of a span that nobody gave."""
    if spec.deadband_percent is None or signal is None:
        return spec.deadband
    if signal.span is None:
        raise Explained(
            "the point has no physical range of which the dead-band could be a share",
            "测点没有设置物理量程，无法按百分比计算死区",
        )
    return signal.span * spec.deadband_percent / 100


class LimitLeaf(Leaf):
    __slots__ = ("clears_at", "deadband", "limit", "sign")

    def __init__(self, signal: Signal | None, spec: Limit) -> None:
        super().__init__(signal)
        self.sign = 1.0 if spec.high is not None else -1.0
        self.limit = spec.high if spec.high is not None else spec.low or 0.0
        self.deadband = deadband(signal, spec)
        self.clears_at = self.limit - self.sign * self.deadband

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


class BandLeaf(Leaf):
    __slots__ = ("deadband", "high", "low")

    def __init__(self, signal: Signal | None, spec: Band) -> None:
        super().__init__(signal)
        self.low, self.high, self.deadband = spec.low, spec.high, deadband(signal, spec)

    def judge(self, at_ms: int) -> bool:
        margin = self.deadband if self.true else 0.0
        return not self.low + margin <= number(self.value) <= self.high - margin

    def quiet(self) -> tuple[float, float]:
        return (math.inf, -math.inf) if self.true else (self.low, self.high)

    def facts(self, at_ms: int) -> Iterable[Fact]:
        if self.signal is not None and isinstance(self.signal.value, int | float):
            is_above = self.signal.value > (self.low + self.high) / 2
            limit = self.high if is_above else self.low
            relation = "above" if is_above else "below"
            yield Fact(self.signal.point, relation, self.signal.value, limit, self.deadband)


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
        """The wanted bits that are set; raises Explained where the value is no set of flags."""
        value = self.value
        if not isinstance(value, int | float):
            raise Explained(f"{value!r} is not a set of flags", f"{value!r} 不是一组标志位")
        return int(value) & self.mask

    def facts(self, at_ms: int) -> Iterable[Fact]:
        if self.signal is not None:
            yield Fact(self.signal.point, "has_bit", self.signal.value, self.bits)


def compile_limit(spec: Limit, scope: Scope) -> Leaf:
    return LimitLeaf(scope.signal(spec.point), spec)


def compile_band(spec: Band, scope: Scope) -> Leaf:
    return BandLeaf(scope.signal(spec.point), spec)


def compile_state(spec: State, scope: Scope) -> Leaf:
    return StateLeaf(scope.signal(spec.point), spec)


def compile_flags(spec: Flags, scope: Scope) -> Leaf:
    return FlagsLeaf(scope.signal(spec.point), spec)
