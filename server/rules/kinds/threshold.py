"""One number against one limit with a dead-band: shared by all conditions that work a number out."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from server.errors import Explained
from server.rules.parts import NotNegative, Number, Part


class OneSided(Part):
    """Exactly one of ``high`` and ``low``, in the unit of what is compared."""

    high: Number | None = None
    """True above this."""
    low: Number | None = None
    """True below this."""
    deadband: NotNegative = 0.0
    """How far it must come back to be false again."""

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.high is None) == (self.low is None):
            raise Explained("give exactly one of high and low", "high 和 low 只能填写其中一个")
        return self


class Threshold:
    """Says whether a number is beyond the limit, given what was said before."""

    __slots__ = ("deadband", "is_high", "limit")

    def __init__(self, *, high: float | None, low: float | None, deadband: float) -> None:
        self.is_high = high is not None
        self.limit = high if high is not None else low or 0.0
        self.deadband = deadband

    def beyond(self, value: float, *, was: bool) -> bool:
        """True at value > high, false again at value <= high - deadband; mirrored for low."""
        if self.is_high:
            return value > (self.limit - self.deadband if was else self.limit)
        return value < (self.limit + self.deadband if was else self.limit)


def threshold(spec: OneSided) -> Threshold:
    return Threshold(high=spec.high, low=spec.low, deadband=spec.deadband)
