"""EWMA deviation of one point: a quick average against a slow one, in units of its usual distance.

The exponentially weighted control chart of Roberts (1959), with the scale of the smoothed value estimated
from the data themselves, since readings of machines are far from independent. The slow average and the
scale adapt to normal samples only: a fault that lasts a week does not become normal.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np

from server.rules.learned.explain import against_level
from server.rules.learned.robust import NORMAL_MEAN_ABS, median_scale
from server.rules.learned.specs import Ewma
from server.rules.learned.verdict import (
    ROUND_DIGITS,
    Driver,
    Floats,
    Scores,
    Times,
    TooLittleData,
    UnknownModel,
    Verdict,
)

CLEARS = 0.8
LEAST_SAMPLES = 60
SMOOTH_SAMPLES = 8
_CLIP = 8.0
"""A single value counts as at most this many deviations of single values: one spike raises nothing."""
_ADAPTS_BELOW = 0.8
_GAP_STEPS = 10


class Model(msgspec.Struct, frozen=True):
    """Version 1 of a trained EWMA deviation."""

    usual: float
    scale: float
    """Usual deviation of the smoothed value from the slow level."""
    single: float
    """Usual deviation of single values."""
    step_ms: int
    smooth_ms: float
    memory_ms: float
    rows: int
    from_ms: int
    to_ms: int
    kind: str = "ewma"
    v: int = 1


def encode(model: Model) -> bytes:
    return msgspec.msgpack.encode(model)


def decode(data: bytes) -> Model:
    """Raises UnknownModel."""
    try:
        model = msgspec.msgpack.decode(data, type=Model)
    except msgspec.DecodeError as error:
        raise UnknownModel(f"not a trained EWMA: {error}") from None
    if (model.kind, model.v) != ("ewma", 1):
        raise UnknownModel(f"a model of kind {model.kind} and version {model.v}")
    return model


def train(times: Times, values: Floats, spec: Ewma) -> Model:
    """Learn from values in time order, NaN for missing. Raises TooLittleData."""
    known = np.isfinite(values)
    times, values = times[known], values[known]
    if len(values) < LEAST_SAMPLES:
        raise TooLittleData(
            f"{len(values)} values are too few to learn from: at least {LEAST_SAMPLES} are needed.",
            f"只有 {len(values)} 个数值，不足以训练：至少需要 {LEAST_SAMPLES} 个。",
        )
    middle, spread = median_scale(values[:, None])
    usual, single = float(middle[0]), float(spread[0])
    if single <= 0:
        raise TooLittleData(
            "The value did not change in this period: nothing can be said about how much it usually varies.",
            "该时段内数值没有变化，无法得知其正常波动范围。",
        )
    step = max(1, int(np.median(np.diff(times))))
    smooth = spec.smooth_s * 1000 if spec.smooth_s is not None else SMOOTH_SAMPLES * step
    memory = spec.memory_s * 1000 if spec.memory_s is not None else float(times[-1] - times[0])
    clipped = np.clip(values, usual - _CLIP * single, usual + _CLIP * single)
    fast = _smoothed(times, clipped, smooth)
    slow = _smoothed(times, clipped, max(memory, 4 * smooth), begin=usual)
    _, scale = median_scale((fast - slow)[len(fast) // 8 :, None])
    floor = 0.05 * single
    return Model(
        usual,
        max(float(scale[0]), floor),
        single,
        step,
        smooth,
        max(memory, 4 * smooth),
        len(times),
        int(times[0]),
        int(times[-1]),
    )


def _smoothed(times: Times, values: Floats, tau_ms: float, *, begin: float | None = None) -> Floats:
    now = float(values[0]) if begin is None else begin
    out = []
    for value, weight in zip(
        values.tolist(), _weights(np.diff(times, prepend=times[0]), tau_ms), strict=True
    ):
        now += weight * (value - now)
        out.append(now)
    return np.array(out)


def _weights(steps_ms: Times, tau_ms: float) -> list[float]:
    if tau_ms <= 0:
        return [1.0] * len(steps_ms)
    weights: list[float] = (-np.expm1(-steps_ms / tau_ms)).tolist()
    return weights


class State(msgspec.Struct, array_like=True):
    fast: float
    slow: float
    scale: float
    is_abnormal: bool
    last_ms: int
    v: int = 1


class Watcher:
    """Judges samples in time order."""

    def __init__(self, model: Model, spec: Ewma, *, unit: str = "") -> None:
        self.model = model
        self._unit = unit
        self._sign = {"above": 1, "below": -1}.get(spec.side, 0)
        self._beyond, self._least = spec.beyond, spec.at_least
        self._state = State(model.usual, model.usual, model.scale, False, model.to_ms)

    @property
    def is_abnormal(self) -> bool:
        return self._state.is_abnormal

    def feed(self, times: Times, values: Floats) -> Scores:
        """``values``: (samples,), NaN for missing; ``times`` strictly rising."""
        steps = np.diff(times, prepend=self._state.last_ms)
        known = np.isfinite(values)
        steps = np.clip(steps, 0, _GAP_STEPS * self.model.step_ms)  # nothing is known of a gap
        score = self._score(
            values.tolist(),
            _weights(steps, self.model.smooth_ms),
            _weights(steps, self.model.memory_ms),
        )
        found = np.array(score)
        abnormal = np.array([value < 0 for value in score], dtype=np.bool_)
        if len(times):
            self._state.last_ms = int(times[-1])
        return Scores(np.where(known, np.abs(found), np.nan), abnormal)

    def _score(self, values: list[float], quick: list[float], slowly: list[float]) -> list[float]:
        """The recursion, written out for speed. Scores of abnormal samples are given below zero."""
        state = self._state
        fast, slow, scale, abnormal = state.fast, state.slow, state.scale, state.is_abnormal
        single, beyond, least = _CLIP * self.model.single, self._beyond, self._least
        floor, most = 0.25 * self.model.scale, 4.0 * self.model.scale
        sign = self._sign
        out: list[float] = []
        add = out.append
        for value, weight, adapts in zip(values, quick, slowly, strict=True):
            if value != value:  # noqa: PLR0124 - a NaN is what differs from itself, quicker than isnan
                add(-1.0 if abnormal else 0.0)
                continue
            off = value - slow
            if off > single:
                off = single
            elif off < -single:
                off = -single
            fast += weight * (slow + off - fast)
            off = fast - slow
            size = off if off >= 0 else -off
            limit = beyond * scale
            score = size / (max(least, limit))
            one_sided = 0.0 if sign and sign * off < 0 else score
            abnormal = one_sided > (CLEARS if abnormal else 1.0)
            if score < _ADAPTS_BELOW:
                slow += adapts * off
                scale += adapts * (NORMAL_MEAN_ABS * size - scale)
                if scale < floor:
                    scale = floor
                elif scale > most:
                    scale = most
            add(-one_sided if abnormal else one_sided)
        self._state = State(fast, slow, scale, abnormal, state.last_ms)
        return out

    def update(self, at_ms: int, value: float) -> Verdict:
        """One sample."""
        scores = self.feed(np.array([at_ms]), np.array([value], dtype=np.float64))
        state = self._state
        delta = state.fast - state.slow
        text = against_level(delta, abs(delta) / state.scale, unit=self._unit)
        score = float(scores.score[0])
        rounded = score if math.isnan(score) else round(score, ROUND_DIGITS)
        return Verdict(rounded, state.is_abnormal, (self.latest(),), text)

    def verdict(self, at_ms: int, value: Floats) -> Verdict:
        """One sample as an array of no dimension."""
        return self.update(at_ms, float(value))

    def latest(self) -> Driver:
        """The smoothed value against the slow one."""
        state = self._state
        return Driver("", 1.0, state.fast, state.slow, state.fast - state.slow, "level")

    def memory(self) -> bytes:
        return msgspec.msgpack.encode(self._state)

    def recall(self, data: bytes) -> None:
        """Raises UnknownModel where these are not the bytes of ``memory``."""
        try:
            self._state = msgspec.msgpack.decode(data, type=State)
        except msgspec.DecodeError as error:
            raise UnknownModel(str(error)) from None
