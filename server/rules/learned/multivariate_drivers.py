"""Which points drive a deviation, and in what way."""

from __future__ import annotations

import numpy as np

from server.rules.learned.multivariate_training import Model
from server.rules.learned.verdict import Driver, Floats

_MOST = 4
_LEAST_SHARE, _LEAST_STRENGTH = 0.1, 1.5
_OWN = 2.0
"""Usual deviations from its own usual level from which on a point's level is worth telling."""


def drivers_of(model: Model, *, standard: Floats, means: Floats, tells: float) -> tuple[Driver, ...]:
    """The strongest first.

    ``standard``: levels, short and longer steps and swings of a row in their usual deviations, (4 x points).
    ``means``: over the window, in the units of the points. ``tells``: deviations below which no feature of a
    point stands out by itself.
    """
    kinds = np.abs(standard.reshape(4, len(model.points)))
    strength = kinds.max(axis=0)
    total = float(np.square(strength).sum()) or 1.0
    found: list[Driver] = []
    for index in np.argsort(-strength, kind="stable")[:_MOST].tolist():
        share = float(strength[index] ** 2 / total)
        if found and (share < _LEAST_SHARE or strength[index] < _LEAST_STRENGTH):
            break
        delta = float(means[index]) - model.usual[index]
        kind = _kind(kinds[:, index], delta=delta, usual_deviation=model.usual_deviation[index], tells=tells)
        value, usual = float(means[index]), model.usual[index]
        if kind == "spread":
            value, usual = _times_as_much(model, standard, index), 1.0
        if kind == "swing":
            value, usual = _times_as_far(model, standard, index), 1.0
        found.append(Driver(model.points[index], share, value, usual, delta, kind))
    return tuple(found)


def _kind(kinds: Floats, *, delta: float, usual_deviation: float, tells: float) -> str:
    if kinds[3] > kinds[:3].max():
        return "swing"
    if kinds.max() < tells:
        return "together"
    if kinds[0] < max(kinds[1], kinds[2]):
        return "spread"
    # its level may be usual by itself and still not be what the others say it should be
    return "level" if abs(delta) > _OWN * usual_deviation else "together"


def _times_as_much(model: Model, standard: Floats, index: int) -> float:
    """Of its usual spread: short or longer steps, whichever are the more unusual."""
    size = len(model.points)
    which = index if abs(standard[size + index]) >= abs(standard[2 * size + index]) else size + index
    log = standard[size + which] * np.sqrt(model.spread.covariance[which][which])
    return float(np.exp(0.5 * log))


def _times_as_far(model: Model, standard: Floats, index: int) -> float:
    """Of how far it usually moves against what the others say."""
    log = standard[3 * len(model.points) + index] * np.sqrt(model.swing.covariance[index][index])
    return float(np.exp(0.5 * log))
