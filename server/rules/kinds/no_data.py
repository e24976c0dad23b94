"""Silence of a whole asset."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Literal

from server.rules.compiled import Fact, Leaf, Scope, Signal
from server.rules.parts import Part


class NoData(Part):
    """True while any point of the asset is silent: no live reading for max(3 x its interval, 60 s)."""

    type: Literal["no_data"]


class NoDataLeaf(Leaf):
    """The engine looks after it; no value is judged."""

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


def compile_no_data(_spec: NoData, scope: Scope) -> Leaf:
    return NoDataLeaf(scope.of_asset)
