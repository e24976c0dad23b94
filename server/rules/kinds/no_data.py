"""Silence, of a whole asset or of one point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal, Self

from pydantic import model_validator

from server.errors import Explained
from server.rules.compiled import NEVER, Fact, Leaf, Scope, Signal
from server.rules.parts import ANY_KIND, Need, Part, PointKey, WindowSeconds


class NoData(Part):
    """True while a point is silent: no live reading for ``after_s``, by default max(3 x its interval, 60 s).

    Without ``point`` any point of the asset counts.
    """

    type: Literal["no_data"]
    point: PointKey | None = None
    after_s: WindowSeconds | None = None

    @model_validator(mode="after")
    def _own_time(self) -> Self:
        if self.after_s is not None and self.point is None:
            raise Explained(
                "after_s needs a point; without one each point's own interval counts",
                "after_s 需要指定测点；不指定测点时按各测点自身的间隔判断",
            )
        return self

    def needs(self) -> Iterator[Need]:
        if self.point is not None:
            yield Need("point", self.point, ANY_KIND)


class NoDataLeaf(Leaf):
    """Of a whole asset. The engine looks after it; no value is judged."""

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


class PointSilenceLeaf(Leaf):
    """Of one point. It is woken when the timeout would be over, and then sees what came meanwhile."""

    __slots__ = ("after_ms",)

    watches_all = True
    is_timed = True

    def __init__(self, signal: Signal, after_ms: int | None) -> None:
        super().__init__(signal)
        self.after_ms = after_ms

    def begin(self, at_ms: int) -> None:
        self.next_ms = self._due_ms()

    def observe(self, signal: Signal, at_ms: int) -> bool:
        return self.true or self.next_ms > self._due_ms()

    def judge(self, at_ms: int) -> bool:
        due_ms = self._due_ms()
        self.next_ms = due_ms if due_ms > at_ms else NEVER
        return due_ms <= at_ms

    def known(self, at_ms: int) -> bool | None:
        return self.true

    def unknown_from(self) -> Iterable[int]:
        return ()

    def facts(self, at_ms: int) -> Iterable[Fact]:
        signal = self.signals[0]
        yield Fact(signal.point, "silent", signal.value, self._timeout_ms() / 1000)

    def _timeout_ms(self) -> int:
        return self.after_ms if self.after_ms is not None else self.signals[0].timeout_ms

    def _due_ms(self) -> int:
        return max(self.signals[0].at_ms, self.signals[0].base_ms) + self._timeout_ms()


def compile_no_data(spec: NoData, scope: Scope) -> Leaf:
    if spec.point is None:
        return NoDataLeaf(scope.of_asset)
    return PointSilenceLeaf(scope.need(spec.point), round(spec.after_s * 1000) if spec.after_s else None)
