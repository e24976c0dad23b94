"""The multivariate deviation at work: several points of an asset together, against their normal period.

Causal: a row is judged by itself and the rows before it, and nothing is learned while watching. ``score`` is
the largest of the ratios of deviation to limit (``multivariate_limits``), of levels, of spreads and of swings.
Levels and spreads make their own episodes and swings make theirs (``multivariate_episodes``): what begins or
ends a deviation of a level moves it, so that swings are heard only once no such move is in their windows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import msgspec
import numpy as np

from server.errors import Label
from server.rules.learned import windows
from server.rules.learned.explain import together
from server.rules.learned.multivariate_drivers import drivers_of
from server.rules.learned.multivariate_episodes import Episodes
from server.rules.learned.multivariate_episodes import State as Episode
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

_MOST_ROWS = 4096
_GAP_STEPS = 10


class State(msgspec.Struct):
    """All that changes while watching; kept over restarts. Arrays as bytes of little-endian float64."""

    tail: bytes
    main: Episode
    swing: Episode
    deaf: int
    last_ms: int
    latest: bytes
    score: float
    """Below 0: it could not be judged."""
    v: int = VERSION


class Watcher:
    """Judges rows in time order; rows at or before the last one are given its verdict again."""

    def __init__(self, model: Model, *, sensitivity: float = 1.0, settle: int = 4) -> None:
        self.model = model
        self._features = features_of(model)
        self._level, self._spread, self._swing = (
            Limits(part, sensitivity) for part in (model.level, model.spread, model.swing)
        )
        self._reference = np.concatenate([self._level.reference, self._spread.reference])
        self._sigma = np.concatenate([self._level.sigma, self._spread.sigma])
        self._main = Episodes(settle=settle, forgets=self._features.spread_window)
        self._swings = Episodes(settle=settle, forgets=self._features.swing_window)
        self._deaf = 0
        """Rows for which swings are not heard."""
        size = len(model.points)
        self._tail = np.empty((0, size))
        self._last_ms = -1
        self._latest = np.full(4 * size, np.nan)
        self._score = np.nan

    @property
    def _is_abnormal(self) -> bool:
        return self._main.is_abnormal or self._swings.is_abnormal

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
                self._tail, self._deaf = self._tail[:0], 0
                self._main.restart()
                self._swings.restart()
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
        trust = windows.trust(joined, features.window)
        levels = features.levels(unexplained)
        level = (levels[skip:] - self._level.reference) * trust[skip:]
        spread = features.spreads(joined)[skip:] - self._spread.reference
        score[:] = np.round(np.fmax(self._level.score(level), self._spread.score(spread)), ROUND_DIGITS)
        standard = np.concatenate([level, spread], axis=1) / self._sigma
        self._judge_main(
            score,
            abnormal,
            standard,
            lambda: (features.short(joined, unexplained)[skip:] - self._reference) / self._sigma,
        )

        def swing(window: int) -> Floats:
            """One that swings less than usual is none: it may have had more to follow in the training."""
            swings = features.swings(levels, trust, window=window)[skip:] - self._swing.reference
            found: Floats = np.maximum(swings, 0.0) / self._swing.sigma
            return found

        swings = swing(features.swing_window)
        self._judge_swings(score, abnormal, swings, lambda: swing(features.swing_window // 2))
        self._latest = np.concatenate([standard[-1], swings[-1] * self._swings.is_abnormal])
        self._tail = joined[-features.keep :].copy()

    def _judge_main(
        self, score: Floats, abnormal: Bools, standard: Floats, recent: Callable[[], Floats]
    ) -> None:
        """By levels and spreads."""
        if not self._main.is_abnormal and not (score > 1).any():
            self._main.quiet(int(np.isfinite(score).sum()))
            abnormal[:] = False
            return
        short = recent()
        for row in range(len(score)):
            abnormal[row] = self._main.judge(float(score[row]), standard[row], short[row])

    def _judge_swings(
        self, score: Floats, abnormal: Bools, standard: Floats, recent: Callable[[], Floats]
    ) -> None:
        """Adds what swings, where it is heard, to what levels and spreads found."""
        swing = np.round(self._swing.score(standard * self._swing.sigma), ROUND_DIGITS)
        swing[np.isnan(score)] = np.nan  # the rows before it alone do not judge a row
        if not (self._swings.is_abnormal or self._deaf or abnormal.any() or (swing > 1).any()):
            self._swings.quiet(int(np.isfinite(swing).sum()))
            score[:] = np.fmax(score, swing)
            return
        short = recent()
        for row in range(len(score)):
            self._deaf = self._features.keep if abnormal[row] else max(0, self._deaf - 1)
            if self._deaf and not self._swings.is_abnormal:
                self._swings.restart()
                continue
            score[row] = np.fmax(score[row], swing[row])
            abnormal[row] |= self._swings.judge(float(swing[row]), standard[row], short[row])

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
                self._main.memory(),
                self._swings.memory(),
                self._deaf,
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
        self._main.recall(kept.main)
        self._swings.recall(kept.swing)
        self._deaf, self._last_ms = kept.deaf, kept.last_ms
        self._latest = _array(kept.latest)
        self._score = kept.score if kept.score >= 0 else np.nan


def _array(data: bytes) -> Floats:
    return np.frombuffer(data, dtype=np.float64).copy()
