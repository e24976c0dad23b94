"""Conditions as objects that are quick to ask: leaves on points, joined by all and any.

A leaf holds its truth until a live reading says otherwise; a point that was never heard of counts
as not crossing. Beside the held truth stands what is *known* at an instant: a leaf that has taken
part in the crossing and whose point is silent by then is unknown, and an unknown condition counts
neither towards raising nor towards clearing. The logic is Kleene's, with None for unknown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Protocol

import msgspec

from server.rules.conditions import All, AnyOf, Condition, Flags, Limit, NoData, State
from telemetry.reading import Value


class Fact(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which point stands where against which limit: what people read on the alarm."""

    point: int
    relation: str
    """above, below, is, is_not, has_bit, silent."""
    value: Value
    limit: float | list[int | str] | None
    deadband: float = 0.0


class Signal:
    """The last that is known of one point."""

    __slots__ = ("at_ms", "base_ms", "heard_ms", "point", "silent", "timeout_ms", "value")

    def __init__(self, point: int, *, timeout_ms: int, base_ms: int) -> None:
        self.point = point
        self.timeout_ms = timeout_ms
        self.base_ms = base_ms
        """Silence is not counted from before this: the point was not there yet, or we were deaf."""
        self.at_ms = -1
        """Time of the last live reading; -1: none yet."""
        self.heard_ms = -1
        """How far time was known when it came."""
        self.value: Value = None
        self.silent = False

    def silent_from(self) -> int:
        """When this point falls silent, or fell silent, if nothing more comes."""
        return max(self.at_ms, self.base_ms) + self.timeout_ms

    def lag_ms(self) -> int:
        """How late its readings come at present, beyond the lateness that is allowed to all."""
        return max(0, self.heard_ms - self.at_ms) if self.at_ms >= 0 else 0


class Leaf:
    """One comparison of one rule on one asset."""

    __slots__ = ("involved", "signal", "true")

    def __init__(self, signal: Signal | None) -> None:
        self.signal = signal
        """None: the asset has no such point (then never true), or the leaf looks at all points."""
        self.true = False
        self.involved = False
        """Was true at some time since the rule last was normal on this asset."""

    def test(self, value: Value) -> bool:
        """The truth that ``value`` gives; raises TypeError where it cannot be compared."""
        raise NotImplementedError

    def quiet(self) -> tuple[float, float]:
        """The closed range of numbers that leaves the truth as it is; (inf, -inf): only equality tells."""
        return (math.inf, -math.inf)

    def facts(self, at_ms: int) -> Iterable[Fact]:
        """What to say about this leaf in an alarm raised at ``at_ms``."""
        raise NotImplementedError

    def known(self, at_ms: int) -> bool | None:
        """The held truth, or None where the point took part in the crossing and is silent by then."""
        if self.involved and self.signal is not None and self.signal.silent_from() <= at_ms:
            return None
        return self.true


class LimitLeaf(Leaf):
    __slots__ = ("clears_at", "deadband", "limit", "sign")

    def __init__(self, signal: Signal | None, spec: Limit) -> None:
        super().__init__(signal)
        self.sign = 1.0 if spec.high is not None else -1.0
        self.limit = spec.high if spec.high is not None else spec.low or 0.0
        self.deadband = spec.deadband
        self.clears_at = self.limit - self.sign * spec.deadband

    def test(self, value: Value) -> bool:
        if not isinstance(value, int | float):
            raise TypeError(f"{value!r} is not a number")
        if self.true:
            return value > self.clears_at if self.sign > 0 else value < self.clears_at
        return value > self.limit if self.sign > 0 else value < self.limit

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

    def test(self, value: Value) -> bool:
        return (value in self.codes) is self.wanted

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

    def test(self, value: Value) -> bool:
        if not isinstance(value, int | float):
            raise TypeError(f"{value!r} is not a set of flags")
        return int(value) & self.mask != 0

    def facts(self, at_ms: int) -> Iterable[Fact]:
        if self.signal is not None:
            yield Fact(self.signal.point, "has_bit", self.signal.value, self.bits)


class NoDataLeaf(Leaf):
    """True while any point of the asset is silent. The engine looks after it; no value is tested."""

    __slots__ = ("points",)

    NAMED = 20
    """How many silent points are named at most."""

    def __init__(self, points: Sequence[Signal]) -> None:
        super().__init__(None)
        self.points = points
        """All signals of the asset; the engine's own list, which follows the plan."""

    def facts(self, at_ms: int) -> Iterable[Fact]:
        silent = (signal for signal in self.points if signal.silent_from() <= at_ms)
        for signal in islice(silent, self.NAMED):
            yield Fact(signal.point, "silent", signal.value, signal.timeout_ms / 1000)


class Node(Protocol):
    """A leaf, or leaves joined."""

    def held(self) -> bool: ...
    def known(self, at_ms: int) -> bool | None: ...


class One:
    """A condition of a single comparison."""

    __slots__ = ("leaf",)

    def __init__(self, leaf: Leaf) -> None:
        self.leaf = leaf

    def held(self) -> bool:
        return self.leaf.true

    def known(self, at_ms: int) -> bool | None:
        return self.leaf.known(at_ms)


class Every:
    __slots__ = ("children",)

    def __init__(self, children: list[Node]) -> None:
        self.children = children

    def held(self) -> bool:
        return all(child.held() for child in self.children)

    def known(self, at_ms: int) -> bool | None:
        found = [child.known(at_ms) for child in self.children]
        return False if False in found else None if None in found else True


class Some:
    __slots__ = ("children",)

    def __init__(self, children: list[Node]) -> None:
        self.children = children

    def held(self) -> bool:
        return any(child.held() for child in self.children)

    def known(self, at_ms: int) -> bool | None:
        found = [child.known(at_ms) for child in self.children]
        return True if True in found else None if None in found else False


def build(
    condition: Condition, signals: Mapping[str, Signal], of_asset: Sequence[Signal]
) -> tuple[Node, list[Leaf]]:
    """The condition as nodes, and its leaves in the order written. ``signals`` by point key."""
    if isinstance(condition, All | AnyOf):
        built = [build(child, signals, of_asset) for child in condition.of]
        children = [node for node, _ in built]
        found = [leaf for _, leaves in built for leaf in leaves]
        return (Every(children) if isinstance(condition, All) else Some(children)), found
    leaf = _leaf(condition, signals, of_asset)
    return One(leaf), [leaf]


def _leaf(
    spec: Limit | State | Flags | NoData, signals: Mapping[str, Signal], of_asset: Sequence[Signal]
) -> Leaf:
    if isinstance(spec, NoData):
        return NoDataLeaf(of_asset)
    signal = signals.get(spec.point)
    if isinstance(spec, Limit):
        return LimitLeaf(signal, spec)
    return StateLeaf(signal, spec) if isinstance(spec, State) else FlagsLeaf(signal, spec)
