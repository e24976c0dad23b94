"""The shortest walk through some checkpoints across floors. Pure.

Nearest neighbour from every start, then 2-opt and or-opt until neither helps. At 40 points that is
what an exact solver finds, in hundredths of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

MOST_STARTS = 12
"""Starts that are tried; more hardly ever find anything better."""
Matrix = Sequence[Sequence[float]]
"""Seconds from row to column; need not be the same both ways."""


def shortest_walk(seconds: Matrix, *, fixed_start: bool = False) -> list[int]:
    """An order of 0 ... n-1 with a short way in all, not returning. ``fixed_start``: 0 comes first."""
    count = len(seconds)
    if count <= 2:
        return list(range(count))
    starts = [0] if fixed_start else list(range(min(count, MOST_STARTS)))
    best: list[int] | None = None
    for start in starts:
        found = _improve(_nearest(seconds, start), seconds, fixed_start=fixed_start)
        if best is None or length(found, seconds) < length(best, seconds) - 1e-9:
            best = found
    assert best is not None
    return best


def length(order: Sequence[int], seconds: Matrix) -> float:
    """Seconds of a walk in this order."""
    return sum(seconds[a][b] for a, b in pairwise(order))


def _nearest(seconds: Matrix, start: int) -> list[int]:
    order, left = [start], set(range(len(seconds))) - {start}
    while left:
        here = seconds[order[-1]]
        order.append(min(left, key=lambda there: (here[there], there)))
        left.remove(order[-1])
    return order


def _improve(order: list[int], seconds: Matrix, *, fixed_start: bool) -> list[int]:
    """Take the best single step until none helps."""
    first = 1 if fixed_start else 0
    while True:
        gain, candidate = min(_reversals(order, seconds, first), _shifts(order, seconds, first))
        if gain >= -1e-9:
            return order
        order = candidate


def _reversals(order: list[int], seconds: Matrix, first: int) -> tuple[float, list[int]]:
    """(what the best 2-opt step adds, the order after it)."""
    count = len(order)
    turned = [0.0]
    """What walking backwards adds, up to here."""
    for a, b in pairwise(order):
        turned.append(turned[-1] + seconds[b][a] - seconds[a][b])
    best, at = 0.0, (0, 0)
    for i in range(first, count - 1):
        before = order[i - 1] if i else None
        for j in range(i + 1, count):
            added = turned[j] - turned[i]
            if before is not None:
                added += seconds[before][order[j]] - seconds[before][order[i]]
            if j + 1 < count:
                added += seconds[order[i]][order[j + 1]] - seconds[order[j]][order[j + 1]]
            if added < best:
                best, at = added, (i, j)
    i, j = at
    return best, order[:i] + order[i : j + 1][::-1] + order[j + 1 :] if best < 0 else order


def _shifts(order: list[int], seconds: Matrix, first: int) -> tuple[float, list[int]]:
    """(what the best or-opt step adds, the order after it): up to three neighbours move elsewhere."""
    best, found = 0.0, order
    for size in (1, 2, 3):
        for i in range(first, len(order) - size + 1):
            piece, rest = order[i : i + size], order[:i] + order[i + size :]
            taken = _between(order, i - 1, i, seconds) + _between(order, i + size - 1, i + size, seconds)
            closed = _between(rest, i - 1, i, seconds)
            for j in range(first, len(rest) + 1):
                added = closed - taken + _inserted(rest, j, piece, seconds)
                if j != i and added < best:
                    best, found = added, rest[:j] + piece + rest[j:]
    return best, found


def _between(order: list[int], a: int, b: int, seconds: Matrix) -> float:
    return seconds[order[a]][order[b]] if a >= 0 and b < len(order) else 0.0


def _inserted(rest: list[int], at: int, piece: list[int], seconds: Matrix) -> float:
    added = -_between(rest, at - 1, at, seconds)
    if at > 0:
        added += seconds[rest[at - 1]][piece[0]]
    if at < len(rest):
        added += seconds[piece[-1]][rest[at]]
    return added
