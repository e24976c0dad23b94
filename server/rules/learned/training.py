"""One way to train any learned condition, and to judge a whole period by it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import numpy as np

from server.errors import Label
from server.rules.learned import baseline, ewma, multivariate, multivariate_training
from server.rules.learned.rows import held_rows, usual_step_ms
from server.rules.learned.specs import Baseline, Ewma, Learned, Multivariate
from server.rules.learned.verdict import Bools, Floats, Scores, Times, TooLittleData, Verdict


class Period(NamedTuple):
    """Readings of one asset on common instants, which rise. NaN: the point said nothing at that instant."""

    times: Times
    values: Mapping[str, Floats]
    timeouts_ms: Mapping[str, float]
    """From when on a point counts as silent."""
    zone: str = "UTC"
    units: Mapping[str, str] = {}

    def part(self, rows: Bools) -> Period:
        """Only these instants."""
        return self._replace(times=self.times[rows], values={key: v[rows] for key, v in self.values.items()})


class _Watcher(Protocol):
    def feed(self, times: Times, values: Floats) -> Scores: ...
    def verdict(self, at_ms: int, value: Floats) -> Verdict: ...


class Judged(NamedTuple):
    """A learned condition over a period, at the instants at which it could judge."""

    times: Times
    score: Floats
    is_abnormal: Bools
    explain: Callable[[int], Label]
    """Why it was as it was at a time."""
    holds_ms: float
    """How long a verdict stands when none follows: until its points count as silent."""


def train(spec: Learned, period: Period) -> bytes:
    """A model, encoded. Raises TooLittleData."""
    if isinstance(spec, Multivariate):
        times, rows = _rows(spec, period, step_ms=None)
        return multivariate_training.encode(
            multivariate_training.train(spec.points, times, rows, spec.window)
        )
    times, values = _own(spec.point, period)
    if isinstance(spec, Baseline):
        return baseline.encode(baseline.train(times, values, period.zone))
    return ewma.encode(ewma.train(times, values, spec))


def judge(spec: Learned, model: bytes, period: Period) -> Judged:
    """Judge every instant of a period, that of the training as well. Raises UnknownModel."""
    fresh: Callable[[], _Watcher]
    if isinstance(spec, Multivariate):
        trained = multivariate_training.decode(model)
        points = tuple(trained.points)
        of_model = spec.model_copy(update={"points": points})
        times, values = _rows(of_model, period, step_ms=trained.step_ms)

        def fresh() -> _Watcher:
            return multivariate.Watcher(trained, sensitivity=spec.sensitivity, settle=spec.settle)
    else:
        points = (spec.point,)
        times, values = _own(spec.point, period)
        fresh = _of_one_point(spec, model, period.units.get(spec.point, ""))
    follower = _Follower(fresh, times, values)

    def explain(at_ms: int) -> Label:
        text = follower.verdict_at(at_ms).explanation
        return text if isinstance(spec, Multivariate) else _named(spec.point, text)

    scores = fresh().feed(times, values)
    holds_ms = min(period.timeouts_ms[key] for key in points)
    return Judged(times, scores.score, scores.is_abnormal, explain, holds_ms)


def _of_one_point(spec: Baseline | Ewma, model: bytes, unit: str) -> Callable[[], _Watcher]:
    if isinstance(spec, Ewma):
        one = ewma.decode(model)
        return lambda: ewma.Watcher(one, spec, unit=unit)
    week = baseline.decode(model)
    return lambda: baseline.Watcher(week, spec, unit=unit)


def _rows(spec: Multivariate, period: Period, *, step_ms: int | None) -> tuple[Times, Floats]:
    values = np.stack([period.values[key] for key in spec.points], axis=1)
    if not len(period.times):
        raise TooLittleData("There is no value in this period.", "该时段内没有数据。")
    step = usual_step_ms(period.times, values) if step_ms is None else step_ms
    timeouts = np.array([period.timeouts_ms[key] for key in spec.points])
    positions, rows = held_rows(period.times, values, step_ms=step, timeouts_ms=timeouts)
    return period.times[positions], rows


def _own(point: str, period: Period) -> tuple[Times, Floats]:
    known = np.isfinite(period.values[point])
    return period.times[known], period.values[point][known]


class _Follower:
    """Asks again what was found at some times, in one more pass as long as they are asked in order."""

    def __init__(self, fresh: Callable[[], _Watcher], times: Times, values: Floats) -> None:
        self._fresh = fresh
        self._times, self._values = times, values
        self._watcher = fresh()
        self._next = 0

    def verdict_at(self, at_ms: int) -> Verdict:
        """Of the last sample up to ``at_ms``."""
        last = max(0, int(np.searchsorted(self._times, at_ms, side="right")) - 1)
        if last < self._next:
            self._watcher, self._next = self._fresh(), 0
        self._watcher.feed(self._times[self._next : last], self._values[self._next : last])
        self._next = last + 1
        return self._watcher.verdict(int(self._times[last]), self._values[last])


def _named(point: str, text: Label) -> Label:
    return {"en": f"{point}: {text['en']}", "zh": f"{point}：{text['zh']}"}
