"""What every learned condition answers, and how it refuses to learn from too little."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.errors import Explained, Label

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Times = NDArray[np.int64]

ROUND_DIGITS = 6
"""Scores are rounded so that the last bits of a sum, which depend on how many rows are summed at once,
never decide an alarm."""


class Driver(NamedTuple):
    """A point that takes part in a deviation."""

    point: str
    share: float
    """Of the deviation, 0 to 1."""
    value: float
    usual: float
    unit_delta: float
    """Smoothed value less what is usual, in the point's unit."""
    kind: str
    """level, spread, swing or together: what about the point is unusual."""


class Verdict(NamedTuple):
    """One sample judged. ``score`` 1 is where abnormal begins; NaN where it could not be judged."""

    score: float
    is_abnormal: bool
    drivers: tuple[Driver, ...]
    explanation: Label


class Scores(NamedTuple):
    """Many samples judged, in the order given. ``score``: NaN where a sample could not be judged."""

    score: Floats
    is_abnormal: Bools


class TooLittleData(Explained):
    """Nothing trustworthy can be learned from this period; the message says what is needed."""


class UnknownModel(ValueError):
    """A stored model of another kind or version."""
