"""Rolling features of several points: mean level, and logarithms of three kinds of spread. Causal."""

from __future__ import annotations

import numpy as np

from server.rules.learned.verdict import Bools, Floats

FLOOR = 0.1
"""Part of the usual spread that is added before the logarithm: a value that stands still has one."""
TINY = 1e-9
LAG = 4
_LONGEST_STEP = 8.0
"""In usual deviations: a spike counts as this much."""
_LONGEST_MOVE = 4.0


def level(scaled: Floats, window: int, *, least: float = 0.5) -> Floats:
    """Mean of the last ``window`` rows; NaN where less than this part of them is known. Same shape."""
    known = np.isfinite(scaled)
    counts = _counts(known, window)
    total = _sums(scaled if known.all() else np.where(known, scaled, 0.0), window)
    out: Floats = np.where(counts >= max(1.0, least * window), total / np.maximum(counts, 1.0), np.nan)
    return out


def trust(scaled: Floats, window: int) -> Floats:
    """How far a mean of the last ``window`` rows counts, 0 to 1: in full once half of them are known."""
    found: Floats = np.minimum(1.0, 2.0 * _counts(np.isfinite(scaled), window) / window)
    return np.broadcast_to(found, scaled.shape)


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


def swings(levels: Floats, lag: int, window: int) -> Floats:
    """Mean squares, over ``window`` rows, of how far a level moved in ``lag`` rows. Same shape.

    Not of how far it is from its usual value: a level that wanders off, or was shifted, would then swing.
    """
    moved = np.full_like(levels, np.nan)
    moved[lag:] = np.clip(levels[lag:] - levels[:-lag], -_LONGEST_MOVE, _LONGEST_MOVE)
    return level(np.square(moved), window)


def log_spread(spread: Floats, floors: Floats) -> Floats:
    """Logarithm over the floors: a doubling is the same step wherever it begins."""
    logs: Floats = np.log(spread + floors)
    return logs


def _counts(known: Bools, window: int) -> Floats:
    """How many of the last ``window`` rows are known: (rows, points), or (rows, 1) where all are."""
    if not known.all():
        return _sums(known.astype(np.float64), window)
    counts: Floats = np.minimum(np.arange(1.0, len(known) + 1), window)[:, None]
    return counts


def _sums(values: Floats, window: int) -> Floats:
    """Over the last ``window`` rows, fewer at the beginning, by doubling: the same additions in the same order
    for a row, however many rows are summed at once."""
    power = np.concatenate([np.zeros((window - 1, values.shape[1])), values])
    total, begin, size = np.zeros_like(values), 0, 1
    while size <= window:
        if window & size:
            total += power[begin : begin + len(values)]
            begin += size
        power = power[size:] + power[:-size]
        size *= 2
    return total
