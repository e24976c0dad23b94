"""The multivariate deviation at work: several points of an asset together, against their normal period.

Causal: a row is judged by itself and the rows before it, and nothing is learned while watching. ``score`` is
the largest of four ratios of deviation to limit (``multivariate_limits``), of levels and of spreads; it turns
abnormal after ``settle`` rows above 1. It turns normal after ``settle`` rows that lie below ``CLEARS`` or,
judged by shorter windows, have come back at least half way along the direction of the episode: a rolling mean
alone would tell the end of a fault a whole window late.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import numpy as np

from server.errors import Label
from server.rules.learned import windows
from server.rules.learned.explain import together
from server.rules.learned.multivariate_drivers import drivers_of
from server.rules.learned.multivariate_features import clipped
from server.rules.learned.multivariate_limits import Limits
from server.rules.learned.multivariate_training import VERSION, Model, features_of
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
_MOST_ROWS = 4096
_GAP_STEPS = 10
_SLOW = 0.05
_TELLS = 2.0
"""Deviations from which on a feature says in which direction an episode goes."""
_HALF_WAY = 0.5


class State(msgspec.Struct):
    """All that changes while watching; kept over restarts. Arrays as bytes of little-endian float64."""

    tail: bytes
    above: int
    below: int
    is_abnormal: bool
    episode: bytes | None
    last_ms: int
    latest: bytes
    score: float
    """Below 0: it could not be judged."""
    v: int = VERSION


class Watcher:
    """Judges rows in time order; rows at or before the last one are given its verdict again."""

    def __init__(self, model: Model, *, sensitivity: float = 1.0, settle: int = 4) -> None:
        self.model = model
        self._settle = settle
        self._features = features_of(model)
        self._level, self._spread = Limits(model.level, sensitivity), Limits(model.spread, sensitivity)
        self._reference = np.concatenate([self._level.reference, self._spread.reference])
        self._sigma = np.concatenate([self._level.sigma, self._spread.sigma])
        size = len(model.points)
        self._tail = np.empty((0, size))
        self._above = self._below = 0
        self._is_abnormal = False
        self._episode: Floats | None = None
        self._last_ms = -1
        self._latest = np.full(3 * size, np.nan)
        self._score = np.nan

    # -- judging --

    def feed(self, times: Times, values: Floats) -> Scores:
        """``values``: (rows, points of the model), NaN for missing; ``times`` strictly rising."""
        scaled = self._features.scaled(values)
        score, abnormal = np.empty(len(times)), np.empty(len(times), dtype=np.bool_)
        gaps = np.flatnonzero(np.diff(times, prepend=self._last_ms) > _GAP_STEPS * self.model.step_ms)
        cuts = sorted({0, len(times), *gaps.tolist(), *range(0, len(times), _MOST_ROWS)})
        gap_starts = set(gaps.tolist())
        for begin, end in pairwise(cuts):
            if begin in gap_starts:  # what was before a gap is no neighbour of what comes after it
                self._tail, self._above, self._below = self._tail[:0], 0, 0
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

    def _feed_part(self, scaled: Floats, score: Floats, abnormal: Bools) -> None:
        """Rows without a gap between them; fills ``score`` and ``abnormal``."""
        features, skip = self._features, len(self._tail)
        joined = np.concatenate([self._tail, scaled])
        unexplained = features.unexplained(joined)
        trust = windows.trust(joined, features.window)[skip:]
        level = (features.levels(unexplained)[skip:] - self._level.reference) * trust
        spread = features.spreads(joined)[skip:] - self._spread.reference
        score[:] = np.round(np.fmax(self._level.score(level), self._spread.score(spread)), ROUND_DIGITS)
        standard = np.concatenate([level, spread], axis=1) / self._sigma
        if not self._is_abnormal and not (score > 1).any():
            self._above = min(self._above + int(np.isfinite(score).sum()), 0)
            abnormal[:] = False
        else:
            recent = (features.short(joined, unexplained)[skip:] - self._reference) / self._sigma
            for row in range(len(score)):
                abnormal[row] = self._settle_row(float(score[row]), standard[row], recent[row])
        self._latest = standard[-1]
        self._tail = joined[-features.keep :].copy()

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
            # the long window still holds the fault: it must first forget it
            self._is_abnormal, self._above, self._episode = False, -self._features.spread_window, None
        return self._is_abnormal

    # -- saying why --

    def drivers(self) -> tuple[Driver, ...]:
        """The points that make the latest row unusual, the strongest first."""
        levels = windows.level(clipped(self._tail), self._features.window, least=0.0)[-1:]
        means = self._features.middle + levels * self._features.scale
        return drivers_of(
            self.model,
            standard=np.nan_to_num(self._latest),
            means=np.nan_to_num(means[-1] if len(means) else self._features.middle),
            tells=0.6 * self._level.single_limit,
        )

    def explanation(self, drivers: tuple[Driver, ...]) -> Label:
        """The latest row in a sentence, in both languages."""
        return together(drivers)

    # -- over restarts --

    def memory(self) -> bytes:
        return msgspec.msgpack.encode(
            State(
                np.ascontiguousarray(self._tail).tobytes(),
                self._above,
                self._below,
                self._is_abnormal,
                None if self._episode is None else self._episode.tobytes(),
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
        if kept.v != VERSION:
            raise UnknownModel(f"a memory of version {kept.v}")
        self._tail = _array(kept.tail).reshape(-1, len(self.model.points))
        self._above, self._below = kept.above, kept.below
        self._is_abnormal, self._last_ms = kept.is_abnormal, kept.last_ms
        self._episode = None if kept.episode is None else _array(kept.episode)
        self._latest = _array(kept.latest)
        self._score = kept.score if kept.score >= 0 else np.nan


def _is_half_way_back(episode: Floats, recent: Floats) -> bool:
    """Whether the short windows have come back at least half way along what the episode deviates by."""
    weight = np.sign(episode) * np.maximum(np.abs(episode) - _TELLS, 0.0)
    known = np.isfinite(recent)
    whole = float(weight[known] @ episode[known])
    return whole > 0 and float(weight[known] @ recent[known]) < _HALF_WAY * whole


def _array(data: bytes) -> Floats:
    return np.frombuffer(data, dtype=np.float64).copy()
