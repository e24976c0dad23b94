"""When a value was measured, in the styles devices use, as milliseconds since 1970-01-01 UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

TimeForm = Literal["iso", "epoch_s", "epoch_ms", "epoch_us", "epoch_ns"]
FORMS: Final = get_args(TimeForm)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LATEST_S: Final = 253_402_300_799
"""9999-12-31: beyond it nothing is a time."""
_PER_S = {"epoch_s": 1, "epoch_ms": 1_000, "epoch_us": 1_000_000, "epoch_ns": 1_000_000_000}

TimeReader = Callable[[object], int]
"""From the value in the payload to milliseconds; raises ValueError with a sentence."""


def time_reader(form: TimeForm, zone: ZoneInfo | None) -> TimeReader:
    """How to read one style. ``zone``: where an ISO time without a zone was written down."""
    if form == "iso":
        return lambda value: _read_iso(value, zone)
    per_s = _PER_S[form]
    return lambda value: _read_epoch(value, per_s)


def either(texts: TimeReader, numbers: TimeReader) -> TimeReader:
    """For devices that can be set to either style: a text is read the one way, a number the other."""
    return lambda value: (texts if type(value) is str else numbers)(value)


def _read_iso(value: object, zone: ZoneInfo | None) -> int:
    if type(value) is not str:
        raise ValueError(f"{value!r:.80} is no ISO 8601 text")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value!r:.80} is no ISO 8601 time") from None
    if moment.tzinfo is None:
        if zone is None:
            raise ValueError(f"{value!r:.80} says no time zone, and the mapping states none")
        moment = moment.replace(tzinfo=zone)
    try:
        elapsed = moment - _EPOCH
    except OverflowError:
        raise ValueError(f"{value!r:.80} is outside of the calendar") from None
    return (elapsed.days * 86_400 + elapsed.seconds) * 1000 + elapsed.microseconds // 1000


def _read_epoch(value: object, per_s: int) -> int:
    if type(value) is str:
        try:
            value = float(value)
        except ValueError:
            raise ValueError(f"{value!r:.80} is no number") from None
    if (type(value) is not int and type(value) is not float) or not 0 <= value <= LATEST_S * per_s:
        raise ValueError(f"{value!r:.80} is no time since 1970")
    return value * 1000 // per_s if type(value) is int else round(value * 1000 / per_s)
