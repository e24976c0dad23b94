"""What is looked at in several points of an asset: what the others do not explain, how much each varies, and
how far what the others do not explain swings.

The part of a point that the others do not explain is its residual in a regression on all of them. All the
residuals come from the precision matrix at once (Whittaker, 1990, section 5.8): with P the inverse of the
covariance, they are P x over the square roots of P's diagonal, of variance 1 when all is well. A pump whose
flow falls with its speed leaves no residual; one whose flow falls alone leaves a large one.
"""

from __future__ import annotations

import numpy as np

from server.rules.learned import windows
from server.rules.learned.verdict import Bools, Floats

CLIP = 6.0
"""Single values farther out than this many deviations count as this far: a spike moves no mean."""
_CLIP_UNEXPLAINED = 8.0


def clipped(scaled: Floats) -> Floats:
    """Without what spikes would do to a mean."""
    return np.clip(scaled, -CLIP, CLIP)


class Features:
    """Rolling features of rows in units of the points. Shapes (rows, points) in, (rows, features) out."""

    def __init__(self, middle: Floats, scale: Floats, window: int) -> None:
        """Precision and floors are learned with these; until then points count as unrelated."""
        size = len(middle)
        self.middle, self.scale = middle, scale
        self.precision = np.eye(size)
        self.floors, self.swing_floors = np.zeros(2 * size), np.full(size, windows.TINY)
        self.window = window

    @property
    def keep(self) -> int:
        """Rows before the first one to be judged that its windows reach."""
        of_swings = self.window + self.window + self.swing_window  # a mean, its move, the moves averaged
        return max(self.spread_window + windows.LAG, of_swings)

    @property
    def spread_window(self) -> int:
        """Spreads take more samples than means to be known as well."""
        return 3 * self.window // 2

    @property
    def swing_window(self) -> int:
        """Over which moves of a level are averaged: twice that of the level, as long as slow swings need."""
        return 2 * self.window

    def scaled(self, values: Floats) -> Floats:
        """In usual deviations from the usual value."""
        found: Floats = (values - self.middle) / self.scale
        return found

    def levels(self, unexplained: Floats) -> Floats:
        """Means over the window, as far as known: to be weighed with ``windows.trust``."""
        return windows.level(unexplained, self.window, least=0.0)

    def spreads(self, scaled: Floats) -> Floats:
        """Logarithms of mean squared steps, first the short ones, then the longer ones, of each point."""
        return windows.log_spread(windows.spreads(scaled, self.spread_window), self.floors)

    def short(self, scaled: Floats, unexplained: Floats) -> Floats:
        """Levels and spreads over shorter windows, side by side: they tell the end of a fault earlier."""
        levels = windows.level(unexplained, self.window // 2)
        spreads = windows.log_spread(windows.spreads(scaled, self.window), self.floors)
        return np.concatenate([levels, spreads], axis=1)

    def swings(self, levels: Floats, trust: Floats, *, window: int) -> Floats:
        """Logarithms of mean squared moves of each level over as many rows as it is a mean of."""
        known = np.where(trust >= 1, levels, np.nan)
        return windows.log_spread(windows.swings(known, self.window, window), self.swing_floors)

    def unexplained(self, scaled: Floats) -> Floats:
        """What the others do not explain of each point. A missing value explains nothing and stays missing."""
        scaled = clipped(scaled)
        known = np.isfinite(scaled)
        if known.all():
            return self._unexplained(scaled, self.precision)
        out = np.full_like(scaled, np.nan)
        for pattern in np.unique(known, axis=0):
            rows = (known == pattern).all(axis=1)
            if pattern.any():
                cells = np.ix_(rows, pattern)
                out[cells] = self._unexplained(scaled[cells], self._marginal(pattern))
        return out

    def _marginal(self, known: Bools) -> Floats:
        """Precision of the known points alone (Schur complement)."""
        both = self.precision[np.ix_(known, ~known)]
        missing = self.precision[np.ix_(~known, ~known)]
        return self.precision[np.ix_(known, known)] - both @ np.linalg.solve(missing, both.T)

    @staticmethod
    def _unexplained(scaled: Floats, precision: Floats) -> Floats:
        whole = scaled @ precision / np.sqrt(np.diag(precision))
        return np.clip(whole, -_CLIP_UNEXPLAINED, _CLIP_UNEXPLAINED)
