"""Rows of several points out of readings that come one by one: the same live, in replay and in a back-test."""

from __future__ import annotations

import numpy as np

from server.rules.learned.verdict import Bools, Floats, Times

WAIT_STEPS = 2
"""A row is made when every point spoke since the row before, or so many steps after it."""


def held_rows(times: Times, values: Floats, *, step_ms: int, timeouts_ms: Floats) -> tuple[Times, Floats]:
    """Positions in ``times`` at which a row is made, and the rows.

    ``values`` (instants, points): NaN where a point said nothing at that instant. A value holds until the
    next one, and is missing from a row once the point is silent for its timeout.
    """
    fresh: Bools = np.isfinite(values)
    if fresh.all():
        return np.arange(len(times)), values
    positions, rows = [], []
    held = [float("nan")] * values.shape[1]
    held_ms = [-(10**15)] * values.shape[1]
    heard = [False] * values.shape[1]
    last_ms = -1
    limits = timeouts_ms.tolist()
    for index, (at_ms, row, known) in enumerate(
        zip(times.tolist(), values.tolist(), fresh.tolist(), strict=True)
    ):
        if not any(known):
            continue
        for column, is_fresh in enumerate(known):
            if is_fresh:
                held[column], held_ms[column], heard[column] = row[column], at_ms, True
        if all(heard) or at_ms - last_ms >= WAIT_STEPS * step_ms:
            positions.append(index)
            rows.append(
                [
                    value if at_ms - since < limit else float("nan")
                    for value, since, limit in zip(held, held_ms, limits, strict=True)
                ]
            )
            heard = [False] * len(held)
            last_ms = at_ms
    return np.array(positions, dtype=np.int64), np.array(rows, dtype=np.float64).reshape(-1, values.shape[1])


def usual_step_ms(times: Times, values: Floats) -> int:
    """The interval at which the slowest of the regular points speaks: the median of the points' medians."""
    steps = []
    for column in values.T:
        own = times[np.isfinite(column)]
        if len(own) > 1:
            steps.append(float(np.median(np.diff(own))))
    return max(1, int(np.median(steps))) if steps else 1000
