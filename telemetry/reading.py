"""The one shape a measured value has on its way through Plantroom."""

from __future__ import annotations

from enum import IntEnum

import msgspec

Value = float | int | str | None
"""analog and counter: float; flags: int; state: int code or short text; None: the device sent no value."""


class Quality(IntEnum):
    """How far a reading may be trusted, and who says it. See ``Reading.is_live`` and ``is_measured``.

    The numbers are stored and sent: they never change their meaning.
    """

    GOOD = 0
    SUSPECT = 1
    """Plausible in form, doubtful in content: outside the physical range, an impossible jump."""
    BACKFILLED = 2
    """True but late: sent from a buffer. Stored under its own time, raises no live alarm."""
    BAD = 3
    """The device says so itself, or there is no value."""
    MANUAL = 4
    """Typed by a person who read it off a gauge, whenever it was sent: true to what they read.

    It is the newest that is known of a gauge without a sensor, so it moves live values, and series show it.
    It moves no rule and proves no repair: whoever types it is not independent of what it would prove, it may
    come hours later from a phone without signal, and the form that asked for it has judged it by its limits.
    """


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
        """Whether this reading, if it is the newest, says what is the case now."""
        return self.quality <= Quality.SUSPECT or self.quality == Quality.MANUAL

    @property
    def is_measured(self) -> bool:
        """Whether a device says it of now: only such readings move rules and prove repairs."""
        return self.quality <= Quality.SUSPECT
