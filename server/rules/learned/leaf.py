"""Learned conditions in the engine: a leaf that sees every reading, judged by a trained model.

The model comes with the plan (``Scope.learned``, under the condition's ``model_name``). Without one the
condition cannot judge: that is told to people, and neither raises nor clears anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import msgspec

from server.errors import Explained
from server.rules.compiled import Fact, Leaf, Scope, Signal
from server.rules.kinds.limit import number
from server.rules.learned import baseline, ewma, multivariate, multivariate_training
from server.rules.learned.rows import WAIT_STEPS
from server.rules.learned.specs import Baseline, Ewma, Multivariate
from server.rules.learned.verdict import UnknownModel

Model = TypeVar("Model")


class Untrained(Explained):
    """The condition has no trained model on this asset."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} has no trained model on this asset, or one of an earlier version",
            f"{name} 在该设备上没有训练好的模型，或模型属于旧版本",
        )


def _model(scope: Scope, name: str, decode: Callable[[bytes], Model]) -> Model | None:
    """None also where an earlier version of the program trained it: one rule must not stop the others."""
    data = scope.learned.get(name)
    try:
        return None if data is None else decode(data)
    except UnknownModel:
        return None


class OnePointLeaf(Leaf):
    """A baseline or an EWMA of one point."""

    __slots__ = ("_name", "_watcher")
    watches_all = True

    def __init__(
        self, signal: Signal | None, watcher: baseline.Watcher | ewma.Watcher | None, name: str
    ) -> None:
        super().__init__(signal)
        self._watcher = watcher
        self._name = name

    def judge(self, at_ms: int) -> bool:
        if self._watcher is None:
            raise Untrained(self._name)
        verdict = self._watcher.update(at_ms, number(self.value))
        return verdict.is_abnormal

    def facts(self, at_ms: int) -> Iterable[Fact]:
        if self._watcher is None or self.signal is None:
            return
        driver = self._watcher.latest()
        relation = "above_usual" if driver.unit_delta > 0 else "below_usual"
        yield Fact(self.signal.point, relation, driver.value, driver.usual)

    def memory(self) -> bytes | None:
        return None if self._watcher is None else self._watcher.memory()

    def recall(self, data: bytes) -> None:
        if self._watcher is not None:
            self._watcher.recall(data)


class Row(msgspec.Struct, array_like=True):
    """What a leaf over several points keeps beside its watcher's memory."""

    row_ms: int
    heard: list[bool]
    watcher: bytes


class SeveralPointsLeaf(Leaf):
    """Rows are made of readings: when each point spoke since the last row, or two steps after it.

    A point that is silent by then is missing from the row.
    """

    __slots__ = ("_heard", "_name", "_row_ms", "_watched", "_watcher")
    watches_all = True

    def __init__(
        self, signals: Mapping[str, Signal | None], watcher: multivariate.Watcher | None, name: str
    ) -> None:
        super().__init__(*signals.values())
        self._watcher = watcher
        self._name = name
        self._watched = [signals.get(point) for point in watcher.model.points] if watcher else []
        self._heard = [False] * len(self._watched)
        self._row_ms = -1

    def observe(self, signal: Signal, at_ms: int) -> bool:
        if self._watcher is None:
            return True
        for index, known in enumerate(self._watched):
            if known is signal:
                self._heard[index] = True
        return all(self._heard) or at_ms - self._row_ms >= WAIT_STEPS * self._watcher.model.step_ms

    def judge(self, at_ms: int) -> bool:
        if self._watcher is None:
            raise Untrained(self._name)
        ready = all(self._heard) or at_ms - self._row_ms >= WAIT_STEPS * self._watcher.model.step_ms
        if not ready or at_ms <= self._row_ms:
            return self.true
        self._row_ms = at_ms
        self._heard = [False] * len(self._watched)
        values = [_value_at(signal, at_ms) for signal in self._watched]
        return self._watcher.update(at_ms, values).is_abnormal

    def facts(self, at_ms: int) -> Iterable[Fact]:
        if self._watcher is None:
            return
        signals = dict(zip(self._watcher.model.points, self._watched, strict=True))
        for driver in self._watcher.drivers():
            signal = signals[driver.point]
            if signal is None:
                continue
            if driver.kind == "level":
                relation = "above_usual" if driver.unit_delta > 0 else "below_usual"
                yield Fact(signal.point, relation, driver.value, driver.usual)
            elif driver.kind == "spread":
                yield Fact(signal.point, "varies_unusually", driver.value, 1.0)
            else:
                yield Fact(signal.point, "does_not_fit", signal.value, None)

    def memory(self) -> bytes | None:
        if self._watcher is None:
            return None
        return msgspec.msgpack.encode(Row(self._row_ms, self._heard, self._watcher.memory()))

    def recall(self, data: bytes) -> None:
        if self._watcher is not None:
            kept = msgspec.msgpack.decode(data, type=Row)
            self._row_ms, self._heard = kept.row_ms, kept.heard
            self._watcher.recall(kept.watcher)


def _value_at(signal: Signal | None, at_ms: int) -> float:
    """The value that holds, NaN where there is none or the point is silent."""
    if signal is None or signal.value is None or signal.at_ms + signal.timeout_ms <= at_ms:
        return math.nan
    return number(signal.value)


def compile_baseline(spec: Baseline, scope: Scope) -> Leaf:
    model = _model(scope, spec.model_name, baseline.decode)
    watcher = None if model is None else baseline.Watcher(model, spec)
    return OnePointLeaf(scope.signal(spec.point), watcher, spec.model_name)


def compile_ewma(spec: Ewma, scope: Scope) -> Leaf:
    model = _model(scope, spec.model_name, ewma.decode)
    watcher = None if model is None else ewma.Watcher(model, spec)
    return OnePointLeaf(scope.signal(spec.point), watcher, spec.model_name)


def compile_multivariate(spec: Multivariate, scope: Scope) -> Leaf:
    model = _model(scope, spec.model_name, multivariate_training.decode)
    watcher = (
        None
        if model is None
        else multivariate.Watcher(model, sensitivity=spec.sensitivity, settle=spec.settle)
    )
    return SeveralPointsLeaf({key: scope.signal(key) for key in spec.points}, watcher, spec.model_name)
