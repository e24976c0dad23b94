"""Conditions as objects that are quick to ask: leaves on points, joined by all and any.

A leaf holds its truth until a live reading, or a time that it named, says otherwise; a point that was
never heard of counts as not crossing. Beside the held truth stands what is *known* at an instant: a
leaf that has taken part in the crossing and whose point is silent by then is unknown, and an unknown
condition counts neither towards raising nor towards clearing. The logic is Kleene's, with None for
unknown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import msgspec

from server.errors import Explained, Label
from server.rules.site_time import ANYWHERE, SiteTime
from telemetry.reading import Value

NEVER = math.inf


class Fact(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which point stands where against which limit: what people read on the alarm."""

    point: int
    relation: str
    """above, below, is, is_not, has_bit, silent, ...: one word a way of comparing."""
    value: Value
    limit: float | list[int | str] | None
    deadband: float = 0.0
    words: Label | None = None
    """What is said instead of a value."""


class Signal:
    """The last that is known of one point."""

    __slots__ = (
        "at_ms",
        "base_ms",
        "gone_ms",
        "heard_ms",
        "key",
        "kind",
        "point",
        "silent",
        "span",
        "timeout_ms",
        "value",
    )

    def __init__(
        self,
        point: int,
        key: str,
        *,
        timeout_ms: int,
        base_ms: int,
        kind: str = "analog",
        span: float | None = None,
    ) -> None:
        self.point = point
        self.key = key
        """As people know it."""
        self.kind = kind
        """analog, counter, state or flags."""
        self.span = span
        """Width of its range, in its unit; None: nobody said what it is."""
        self.timeout_ms = timeout_ms
        self.base_ms = base_ms
        """Silence is not counted from before this: the point was not there yet, or we were deaf."""
        self.at_ms = -1
        """Time of the last live reading; -1: none yet."""
        self.heard_ms = -1
        """How far time was known when it came."""
        self.value: Value = None
        self.silent = False
        self.gone_ms = -1
        """When its device was said to be gone, and nothing came since; -1: it was not."""

    def silent_from(self) -> int:
        """When this point is held silent if nothing more comes: not before it has had its whole timeout."""
        if self.gone_ms >= 0:
            return self.gone_ms
        return max(self.at_ms, self.base_ms) + self.timeout_ms

    def unknown_from(self) -> int:
        """From when on its value is unknown if nothing more comes, be it the point's silence or our deafness."""
        return self.gone_ms if self.gone_ms >= 0 else self.at_ms + self.timeout_ms

    def lag_ms(self) -> int:
        """How late its readings come at present, beyond the lateness that is allowed to all."""
        return max(0, self.heard_ms - self.at_ms) if self.at_ms >= 0 else 0


class Leaf:
    """One comparison of one rule on one asset.

    The engine calls, in this order and with event time only: ``begin`` once; for a leaf with
    ``watches_all`` ``observe`` at each live reading of each of its signals; ``wake`` when time reaches
    ``next_ms``; and ``judge`` when a value changed, ``observe`` said so, or after ``wake``. All readings
    of one instant are in before ``judge``. ``judge`` may raise, Explained where it can: the leaf then keeps
    its truth, counts as unknown, and the error is told to people.
    """

    __slots__ = ("involved", "next_ms", "problem", "signals", "true")

    watches_all: ClassVar[bool] = False
    """Whether every reading counts, also one that repeats the value before it."""
    is_timed: ClassVar[bool] = False
    """Whether it ever wants to be woken."""

    def __init__(self, *signals: Signal | None) -> None:
        self.signals = tuple(signal for signal in signals if signal is not None)
        """What it looks at; empty: the asset has no such point (then never true), or it looks at time."""
        self.true = False
        self.involved = False
        """Was true at some time since the rule last was normal on this asset."""
        self.next_ms: float = NEVER
        """When it must be woken if nothing else happens; it may name an earlier time than needed."""
        self.problem: Label | None = None
        """Why it could not judge when it was asked last."""

    @property
    def signal(self) -> Signal | None:
        """The only signal, or the first."""
        return self.signals[0] if self.signals else None

    @property
    def value(self) -> Value:
        """The newest value of the first signal."""
        return self.signals[0].value if self.signals else None

    def begin(self, at_ms: int) -> None:
        """The rule is watched from ``at_ms`` on; what the signals hold may be judged, what was before is unknown."""

    def observe(self, signal: Signal, at_ms: int) -> bool:
        """A reading of ``signal`` came (its value and time are set already): whether ``judge`` must be asked."""
        return True

    def judge(self, at_ms: int) -> bool:
        """The truth now."""
        return self.true

    def wake(self, at_ms: int) -> None:
        """``next_ms`` has come: name the next. ``judge`` follows."""
        self.next_ms = NEVER

    def quiet(self) -> tuple[float, float]:
        """The closed range of numbers that leaves the truth as it is; (inf, -inf): only equality tells."""
        return (math.inf, -math.inf)

    def facts(self, at_ms: int) -> Iterable[Fact]:
        """What to say about this leaf in an alarm raised at ``at_ms``."""
        return ()

    def known(self, at_ms: int) -> bool | None:
        """The held truth, or None where it cannot be told: a point that took part was not heard by then."""
        if self.problem is not None:
            return None
        if self.involved:
            for signal in self.signals:
                if signal.unknown_from() <= at_ms:
                    return None
        return self.true

    def unknown_from(self) -> Iterable[int]:
        """The instants from which nothing heard may make it unknown."""
        return (signal.unknown_from() for signal in self.signals) if self.involved else ()

    def memory(self) -> bytes | None:
        """All that it remembers besides truth, involvement, problem and ``next_ms``, for ``recall``."""
        return None

    def recall(self, data: bytes) -> None:
        """Remember again what ``memory`` gave, of this or an equal leaf."""


@dataclass(frozen=True)
class Scope:
    """What a compiler may bind a condition to: what is around one asset."""

    signals: Mapping[str, Signal]
    """Of the asset itself, by point key; only the points that the condition names."""
    of_asset: Sequence[Signal] = ()
    """All of the asset; the engine's own list, which follows the plan."""
    learned: Mapping[str, bytes] = field(default_factory=dict)
    """Trained models that the condition refers to, by the name it gives them."""
    fed: Mapping[str, Sequence[Signal]] = field(default_factory=dict)
    """Of the assets that this one feeds, by point key; only what the condition names."""
    fed_by: Mapping[str, Sequence[Signal]] = field(default_factory=dict)
    """Of the assets that feed this one."""
    site: SiteTime = ANYWHERE
    """Zone and calendar of the asset's site."""
    faults: Mapping[int, Label] = field(default_factory=dict)
    """What cannot be judged on this asset, by rule; the engine's own."""

    def signal(self, key: str) -> Signal | None:
        """None: the asset has no such point."""
        return self.signals.get(key)

    def need(self, key: str) -> Signal:
        """As ``signal``; raises Explained where the asset has no such point."""
        signal = self.signals.get(key)
        if signal is None:
            raise Explained(f"the asset has no point {key!r}", f"设备没有测点 {key!r}")
        return signal


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
