"""When a deviation turns abnormal and when it is over, row by row.

It turns abnormal after ``settle`` rows above 1. It turns normal after ``settle`` rows that lie below ``CLEARS``
or, judged by shorter windows, have come back at least half way along the direction of the episode: a rolling
mean alone would tell the end of a fault a whole window late.
"""

from __future__ import annotations

import msgspec
import numpy as np

from server.rules.learned.verdict import Floats

CLEARS = 0.8
_SLOW = 0.05
_TELLS = 2.0
"""Deviations from which on a feature says in which direction an episode goes."""
_HALF_WAY = 0.5


class State(msgspec.Struct):
    """What is kept over restarts. ``direction`` as bytes of little-endian float64."""

    above: int
    below: int
    is_abnormal: bool
    direction: bytes | None


class Episodes:
    """``forgets``: rows after an episode in which the windows still hold it and cannot tell a new one."""

    def __init__(self, *, settle: int, forgets: int) -> None:
        self.is_abnormal = False
        self._settle, self._forgets = settle, forgets
        self._above = self._below = 0
        self._direction: Floats | None = None

    def restart(self) -> None:
        """After a gap: an episode goes on, but rows before it count no longer."""
        self._above = self._below = 0

    def quiet(self, rows: int) -> None:
        """Rows of which none was above 1, outside of an episode."""
        self._above = min(self._above + rows, 0)

    def judge(self, score: float, standard: Floats, recent: Floats) -> bool:
        """The next row. ``standard``, ``recent``: its features in usual deviations, over the long and the
        shorter windows."""
        if np.isnan(score):
            return self.is_abnormal  # what cannot be judged counts neither way
        self._above = self._above + 1 if score > 1 else min(self._above + 1, 0)
        if not self.is_abnormal:
            if self._above >= self._settle:
                self.is_abnormal, self._below = True, 0
                self._direction = np.nan_to_num(standard)
            return self.is_abnormal
        direction = self._direction if self._direction is not None else np.nan_to_num(standard)
        self._direction = direction + _SLOW * (np.nan_to_num(standard) - direction)
        is_back = score < CLEARS or _is_half_way_back(self._direction, recent)
        self._below = self._below + 1 if is_back else 0
        if self._below >= self._settle:
            # the long windows still hold the fault: they must first forget it
            self.is_abnormal, self._above, self._direction = False, -self._forgets, None
        return self.is_abnormal

    def memory(self) -> State:
        direction = None if self._direction is None else self._direction.tobytes()
        return State(self._above, self._below, self.is_abnormal, direction)

    def recall(self, kept: State) -> None:
        self._above, self._below, self.is_abnormal = kept.above, kept.below, kept.is_abnormal
        self._direction = None if kept.direction is None else np.frombuffer(kept.direction).copy()


def _is_half_way_back(direction: Floats, recent: Floats) -> bool:
    """Whether the short windows have come back at least half way along what the episode deviates by."""
    weight = np.sign(direction) * np.maximum(np.abs(direction) - _TELLS, 0.0)
    known = np.isfinite(recent)
    whole = float(weight[known] @ direction[known])
    return whole > 0 and float(weight[known] @ recent[known]) < _HALF_WAY * whole
