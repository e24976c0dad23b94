"""When a point counts as silent: one rule, for alarms of missing data and for the proof of a repair."""

from __future__ import annotations

INTERVALS = 3
LEAST_S = 60.0


def silence_after_s(interval_s: float) -> float:
    """Seconds without a live reading after which a point is silent, from its expected interval in seconds."""
    return max(INTERVALS * interval_s, LEAST_S)
