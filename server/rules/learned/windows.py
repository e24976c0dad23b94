"""Rolling features of several points: mean level, and logarithms of two kinds of spread. Causal."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from server.rules.learned.verdict import Floats

FLOOR = 0.1
"""Part of the usual spread that is added before the logarithm: a value that stands still has one."""
TINY = 1e-9
LAG = 4
_LONGEST_STEP = 8.0
"""In usual deviations: a spike counts as this much."""


def level(scaled: Floats, window: int, *, least: float = 0.5) -> Floats:
    """Mean of the last ``window`` rows; NaN where less than this part of them is known. Same shape."""
    views = _views(scaled, window)
    if np.isfinite(scaled).all() and len(scaled) >= window:
        out: Floats = np.empty_like(scaled)
        out[window - 1 :] = views[window - 1 :].sum(axis=2) / window
        out[: window - 1] = _level(views[: window - 1], window, least)
        return out
    return _level(views, window, least)


def _level(views: Floats, window: int, least: float) -> Floats:
    known = np.isfinite(views)
    count = known.sum(axis=2)
    total = np.where(known, views, 0.0).sum(axis=2)
    return np.where(count >= max(1.0, least * window), total / np.maximum(count, 1), np.nan)


def trust(scaled: Floats, window: int) -> Floats:
    """How far a mean of the last ``window`` rows counts, 0 to 1: in full once half of them are known."""
    counts = np.isfinite(_views(scaled, window)).sum(axis=2)
    found: Floats = np.minimum(1.0, 2.0 * counts / window)
    return found


def spreads(scaled: Floats, window: int) -> Floats:
    """Mean squares of steps from row to row, and over ``LAG`` rows: shape (rows, 2 x points).

    Steps, and not variances, since a level that wanders steadily moves them little.
    """
    found = []
    for lag in (1, LAG):
        steps = np.full_like(scaled, np.nan)
        steps[lag:] = np.clip(scaled[lag:] - scaled[:-lag], -_LONGEST_STEP, _LONGEST_STEP)
        found.append(level(np.square(steps), window))
    return np.concatenate(found, axis=1)


def log_spread(spread: Floats, floors: Floats) -> Floats:
    """Logarithm over the floors: a doubling is the same step wherever it begins."""
    logs: Floats = np.log(spread + floors)
    return logs


def _views(scaled: Floats, window: int) -> Floats:
    padded = np.full((len(scaled) + window - 1, scaled.shape[1]), np.nan)
    padded[window - 1 :] = scaled
    return sliding_window_view(padded, window, axis=0)
