"""The multivariate deviation at work: several points of an asset together, against their normal period.

Causal: a row is judged by itself and the rows before it, and nothing is learned from abnormal rows.
``score`` is the largest of four ratios of deviation to limit (see ``multivariate_training``); it turns
abnormal after ``settle`` rows above 1. It turns normal after ``settle`` rows that lie below ``CLEARS`` or,
judged by a window half as long, have come back at least half way along the direction of the episode:
a rolling mean alone would tell the end of a fault a whole window late.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np

from server.errors import Label
from server.rules.learned import windows
from server.rules.learned.explain import together
from server.rules.learned.multivariate_training import BLOCK, CLIP, Model, Part
from server.rules.learned.robust import distances, inverse
from server.rules.learned.verdict import (
    ROUND_DIGITS,
    Bools,
    Driver,
    Floats,
    Scores,
    Times,
    UnknownModel,
    Verdict,
)

CLEARS = 0.8
_LEARNS_BELOW = 0.9
_MOST_ROWS = 4096
_CAP = 3.0
"""A followed reference never gets less certain than this many variances of the levels themselves."""
_GAP_STEPS = 10
_UNTOUCHED = 1.5
"""Deviations of its own up to which a point has no part in what is abnormal."""
_SLOW = 0.05
_TELLS = 2.0
"""Deviations from which on a feature says in which direction an episode goes."""
_MOST_DRIVERS = 4


class State(msgspec.Struct):
    """All that changes while watching; kept over restarts. Arrays as bytes of little-endian float64."""

    reference: bytes
    variance: bytes
    tail: bytes
    block_sum: bytes
    block_rows: int
    block_learns: bool
    above: int
    below: int
    is_abnormal: bool
    episode: bytes | None
    last_ms: int
    latest: bytes
    score: float
    v: int = 1


class _Limits:
    """A part of the model as arrays."""

    def __init__(self, part: Part, sensitivity: float) -> None:
        self.reference = np.array(part.reference)
        self.covariance = np.array(part.covariance)
        self.precision = inverse(self.covariance)
        self.sigma = np.sqrt(np.diag(self.covariance))
        self.distance_limit = part.distance_limit / sensitivity
        self.single_limit = part.single_limit / sensitivity
        self._partial: dict[bytes, Floats] = {}

    def score(self, deviations: Floats) -> Floats:
        """Ratio of deviation to limit; where features are missing the rest is judged, NaN below a half."""
        known = np.isfinite(deviations)
        single = np.where(known, np.abs(deviations), 0.0) / self.sigma
        out: Floats = single.max(axis=1) / self.single_limit
        whole = known.all(axis=1)
        if whole.all():
            return np.maximum(out, distances(deviations, self.precision) / self.distance_limit)
        for pattern in np.unique(known, axis=0):
            rows = (known == pattern).all(axis=1)
            if 2 * pattern.sum() < len(pattern):
                out[rows] = np.nan
                continue
            far = distances(deviations[rows][:, pattern], self._marginal(pattern))
            out[rows] = np.maximum(out[rows], far / self.distance_limit)
        return out

    def _marginal(self, pattern: Bools) -> Floats:
        key = pattern.tobytes()
        if key not in self._partial:
            if len(self._partial) > 256:
                self._partial.clear()
            self._partial[key] = inverse(self.covariance[np.ix_(pattern, pattern)])
        return self._partial[key]


class Watcher:
    """Judges rows in time order; rows at or before the last one are given its verdict again."""

    def __init__(self, model: Model, *, sensitivity: float = 1.0, settle: int = 4) -> None:
        self.model = model
        self._settle = settle
        self._level, self._spread = _Limits(model.level, sensitivity), _Limits(model.spread, sensitivity)
        self._middle, self._scale = np.array(model.middle), np.array(model.scale)
        self._floors = np.array(model.floors)
        self._drift, self._noise = np.array(model.drift), np.array(model.noise)
        self._reference, self._variance = np.array(model.level.reference), np.array(model.uncertain)
        self._most = np.maximum(self._variance, _CAP * self._level.sigma**2)
        self._spread_window = 3 * model.window // 2
        self._keep = self._spread_window + 1
        size = len(model.points)
        self._tail = np.empty((0, size))
        self._block_sum, self._block_rows, self._block_learns = np.zeros(size), 0, True
        self._above = self._below = 0
        self._is_abnormal = False
        self._episode: Floats | None = None
        self._last_ms = model.to_ms
        self._latest = np.full(3 * size, np.nan)
        self._score = np.nan

    def begin_with_training(self) -> None:
        """Judge the rows of the training period: with the levels of its beginning."""
        self._reference = np.array(self.model.began)
        self._last_ms = self.model.from_ms

    def begin_after(self, times: Times, values: Floats) -> None:
        """Take these rows, which are not judged, as those before the first one that is."""
        if len(times):
            self._tail = self._scaled(values[-self._keep :])
            self._last_ms = int(times[-1])

    # -- judging --

    def _scaled(self, values: Floats) -> Floats:
        return np.clip((values - self._middle) / self._scale, -CLIP, CLIP)

    def feed(self, times: Times, values: Floats) -> Scores:
        """``values``: (rows, points of the model), NaN for missing; ``times`` strictly rising."""
        scaled = self._scaled(values)
        score, abnormal = np.empty(len(times)), np.empty(len(times), dtype=np.bool_)
        gaps = np.flatnonzero(np.diff(times, prepend=self._last_ms) > _GAP_STEPS * self.model.step_ms)
        cuts = sorted({0, len(times), *gaps.tolist(), *range(0, len(times), _MOST_ROWS)})
        gap_starts = set(gaps.tolist())
        for begin, end in pairwise(cuts):
            if begin in gap_starts:
                self._after_gap(int(times[begin]))
            self._feed_part(scaled[begin:end], score[begin:end], abnormal[begin:end])
            self._last_ms = int(times[end - 1])
        if len(times):
            self._score = float(score[-1])
        return Scores(score, abnormal)

    def update(self, at_ms: int, values: Sequence[float]) -> Verdict:
        """One row."""
        if at_ms > self._last_ms:
            self.feed(np.array([at_ms]), np.array([values], dtype=np.float64))
        drivers = self.drivers() if self._is_abnormal else ()
        return Verdict(self._score, self._is_abnormal, drivers, self.explanation(drivers))

    def verdict(self, at_ms: int, value: Floats) -> Verdict:
        """One row as an array."""
        return self.update(at_ms, value.tolist())

    def _after_gap(self, at_ms: int) -> None:
        """What was before a gap is no neighbour of what comes after it."""
        rows = (at_ms - self._last_ms) / self.model.step_ms
        self._variance = np.minimum(self._variance + self._drift * rows, self._most)
        self._tail = self._tail[:0]
        self._above = self._below = 0
        self._block_sum[:] = 0
        self._block_rows, self._block_learns = 0, True

    def _feed_part(self, scaled: Floats, score: Floats, abnormal: Bools) -> None:
        joined = np.concatenate([self._tail, scaled])
        skip = len(self._tail)
        window = self.model.window
        levels = windows.level(joined, window, least=0.0)[skip:]
        trust = windows.trust(joined, window)[skip:]
        short_levels = windows.level(joined, window // 2)[skip:]
        raw, raw_short = windows.spreads(joined, self._spread_window), windows.spreads(joined, window)
        spread = windows.log_spread(raw, self._floors)[skip:] - self._spread.reference
        short_spread = windows.log_spread(raw_short, self._floors)[skip:] - self._spread.reference
        row = 0
        while row < len(scaled):
            end = min(len(scaled), row + BLOCK - self._block_rows)
            part = slice(row, end)
            self._judge(
                (levels[part], spread[part]),
                trust[part],
                (short_levels[part], short_spread[part]),
                score[part],
                abnormal[part],
            )
            row = end
        self._tail = joined[-self._keep :].copy()

    def _judge(
        self,
        long: tuple[Floats, Floats],
        trust: Floats,
        short: tuple[Floats, Floats],
        score: Floats,
        abnormal: Bools,
    ) -> None:
        """Rows within one block, with what was known before it."""
        wider = np.sqrt(1 + self._variance / self._level.sigma**2)
        off = (long[0] - self._reference) * trust
        deviation = off / wider
        found = np.fmax(self._level.score(deviation), self._spread.score(long[1]))
        score[:] = np.round(found, ROUND_DIGITS)
        standard = np.concatenate([deviation / self._level.sigma, long[1] / self._spread.sigma], axis=1)
        if not self._is_abnormal and not (score > 1).any():
            self._above = min(self._above + int(np.isfinite(score).sum()), 0)
            abnormal[:] = False
        else:
            recent = np.concatenate(
                [(short[0] - self._reference) / wider / self._level.sigma, short[1] / self._spread.sigma],
                axis=1,
            )
            for row in range(len(score)):
                abnormal[row] = self._settle_row(float(score[row]), standard[row], recent[row])
        self._latest = standard[-1]
        self._learn(off, learns=not (abnormal.any() or (score > _LEARNS_BELOW).any()))

    def _settle_row(self, score: float, standard: Floats, recent: Floats) -> bool:
        if np.isnan(score):
            return self._is_abnormal  # what cannot be judged counts neither way
        self._above = self._above + 1 if score > 1 else min(self._above + 1, 0)
        if not self._is_abnormal:
            if self._above >= self._settle:
                self._is_abnormal, self._below = True, 0
                self._episode = np.nan_to_num(standard)
            return self._is_abnormal
        episode = self._episode if self._episode is not None else np.nan_to_num(standard)
        self._episode = episode + _SLOW * (np.nan_to_num(standard) - episode)
        is_back = score < CLEARS or _is_half_way_back(self._episode, recent)
        self._below = self._below + 1 if is_back else 0
        if self._below >= self._settle:
            # the long window still holds the fault: it must first forget it, unless it goes on rising
            self._is_abnormal, self._above, self._episode = False, -self._spread_window, None
        return self._is_abnormal

    def _learn(self, off: Floats, *, learns: bool) -> None:
        self._block_rows += len(off)
        self._block_sum = self._block_sum + np.nan_to_num(off).sum(axis=0)
        self._block_learns = self._block_learns and learns
        if self._block_rows < BLOCK:
            return
        self._variance = np.minimum(self._variance + self._drift * BLOCK, self._most)
        step = self._block_sum / BLOCK
        followed: Bools = self._drift > 0
        if not self._block_learns:  # points that have no part in the deviation are still followed
            followed = followed & (np.abs(step) < _UNTOUCHED * self._level.sigma)
        gain = np.where(followed, self._variance / (self._variance + self._noise), 0.0)
        self._reference = self._reference + gain * step
        self._variance = (1 - gain) * self._variance
        self._block_sum = np.zeros_like(self._block_sum)
        self._block_rows, self._block_learns = 0, True

    # -- saying why --

    def drivers(self) -> tuple[Driver, ...]:
        """The points that make the latest row unusual, the strongest first."""
        size = len(self.model.points)
        standard = np.nan_to_num(self._latest)
        kinds = np.abs(standard.reshape(3, size))
        strength = kinds.max(axis=0)
        total = float(np.square(strength).sum()) or 1.0
        found: list[Driver] = []
        for index in np.argsort(-strength, kind="stable")[:_MOST_DRIVERS]:
            share = float(strength[index] ** 2 / total)
            if found and (share < 0.1 or strength[index] < 1.5):
                break
            found.append(self._driver(int(index), share, kinds[:, index]))
        return tuple(found)

    def _driver(self, index: int, share: float, kinds: Floats) -> Driver:
        wider = np.sqrt(1 + self._variance[index] / self._level.sigma[index] ** 2)
        deviation = np.nan_to_num(self._latest)[index] * self._level.sigma[index] * wider
        scale = self._scale[index]
        usual = self._middle[index] + self._reference[index] * scale
        delta = float(deviation * scale)
        kind = "level" if kinds[0] >= max(kinds[1], kinds[2]) else "spread"
        if kinds.max() < self._level.single_limit * 0.6:
            kind = "together"
        if kind == "spread":
            which = int(np.argmax(kinds[1:])) + 1
            logs = np.nan_to_num(self._latest)[which * len(self.model.points) + index]
            factor = np.exp(0.5 * logs * self._spread.sigma[(which - 1) * len(self.model.points) + index])
            return Driver(self.model.points[index], share, float(factor), 1.0, delta, kind)
        return Driver(self.model.points[index], share, float(usual + delta), float(usual), delta, kind)

    def explanation(self, drivers: tuple[Driver, ...]) -> Label:
        """The latest row in a sentence, in both languages."""
        return together(drivers)

    # -- over restarts --

    def memory(self) -> bytes:
        episode = None if self._episode is None else self._episode.tobytes()
        return msgspec.msgpack.encode(
            State(
                self._reference.tobytes(),
                self._variance.tobytes(),
                np.ascontiguousarray(self._tail).tobytes(),
                self._block_sum.tobytes(),
                self._block_rows,
                self._block_learns,
                self._above,
                self._below,
                self._is_abnormal,
                episode,
                self._last_ms,
                self._latest.tobytes(),
                self._score if np.isfinite(self._score) else -1.0,
            )
        )

    def recall(self, data: bytes) -> None:
        """Raises UnknownModel where these are not the bytes of ``memory`` of an equal watcher."""
        try:
            kept = msgspec.msgpack.decode(data, type=State)
        except msgspec.DecodeError as error:
            raise UnknownModel(str(error)) from None
        self._reference, self._variance = _array(kept.reference), _array(kept.variance)
        self._tail = _array(kept.tail).reshape(-1, len(self.model.points))
        self._block_sum, self._block_rows = _array(kept.block_sum), kept.block_rows
        self._block_learns, self._above, self._below = kept.block_learns, kept.above, kept.below
        self._is_abnormal, self._last_ms = kept.is_abnormal, kept.last_ms
        self._episode = None if kept.episode is None else _array(kept.episode)
        self._latest = _array(kept.latest)
        self._score = kept.score if kept.score >= 0 else np.nan


def _is_half_way_back(episode: Floats, recent: Floats) -> bool:
    """Whether the short window has come back at least half way along what the episode deviates by."""
    weight = np.sign(episode) * np.maximum(np.abs(episode) - _TELLS, 0.0)
    known = np.isfinite(recent)
    whole = float(weight[known] @ episode[known])
    return whole > 0 and float(weight[known] @ recent[known]) < 0.5 * whole


def _array(data: bytes) -> Floats:
    return np.frombuffer(data, dtype=np.float64).copy()
