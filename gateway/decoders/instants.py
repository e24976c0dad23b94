"""The instants devices write: ISO 8601 with an offset, or a number of seconds or milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

SECONDS_BELOW = 1e11
"""Smaller numbers are seconds (until the year 5138), larger ones milliseconds (since 1973)."""
LARGEST_MS = 253_402_300_799_999
"""The end of the year 9999; beyond it no date can be written."""


class BadInstant(ValueError):
    """Not an instant; the message says what was given and what is expected."""


def read_instant(given: object) -> int:
    """Milliseconds since 1970-01-01 UTC. Raises BadInstant for anything that does not name one instant."""
    if isinstance(given, str):
        return _read_text(given)
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise BadInstant(f"the time is {shorten(given)}, neither a text nor a number")
    if not -LARGEST_MS <= given <= LARGEST_MS:  # also so for NaN
        raise BadInstant(f"the time {shorten(given)} is no number of seconds or milliseconds since 1970")
    return int(given * 1000 if abs(given) < SECONDS_BELOW else given)


def _read_text(given: str) -> int:
    try:
        at = datetime.fromisoformat(given)
        if at.tzinfo is not None:
            return (at - _EPOCH) // _MILLISECOND
    except (ValueError, OverflowError):
        raise BadInstant(
            f"the time {shorten(given)} is not ISO 8601, e.g. 2026-01-31T08:00:00+08:00"
        ) from None
    raise BadInstant(f"the time {shorten(given)} has no offset: end it with Z or, say, +08:00")


def shorten(given: object) -> str:
    """A value as it can stand in a sentence: ASCII, 60 characters at most, no container spelled out."""
    if isinstance(given, dict | list):
        return "an object" if isinstance(given, dict) else "an array"
    if isinstance(given, bool) or given is None:
        return {True: "true", False: "false", None: "null"}[given]
    if isinstance(given, int) and given.bit_length() > 4000:  # Python refuses to write out such numbers
        return "a number of more than 1000 digits"
    text = ascii(given)
    return text if len(text) <= 60 else text[:57] + "..."
