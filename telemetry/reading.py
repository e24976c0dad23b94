"""The one shape a measured value has on its way through Plantroom."""

from __future__ import annotations

from enum import IntEnum

import msgspec

Value = float | int | str | None
"""analog and counter: float; flags: int; state: int code or short text; None: the device sent no value."""


class Quality(IntEnum):
    """How far a reading may be trusted. Only GOOD and SUSPECT readings move live values and rules."""

    GOOD = 0
    SUSPECT = 1
    """Plausible in form, doubtful in content: outside the physical range, an impossible jump."""
    BACKFILLED = 2
    """True but late: sent from a buffer. Stored under its own time, raises no live alarm."""
    BAD = 3
    """The device says so itself, or there is no value."""


class Reading(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One value of one point at one instant.

    (point, at_ms) is the identity: writing the same reading twice changes nothing,
    a second value for the same instant replaces the first.
    """

    point: int
    """Id of the point, as the server's catalogue gives it."""
    at_ms: int
    """Event time, milliseconds since 1970-01-01 UTC."""
    value: Value
    quality: Quality = Quality.GOOD

    @property
    def is_live(self) -> bool:
        """Whether this reading may move live values and rules."""
        return self.quality <= Quality.SUSPECT
