"""The one place that asks what time it is. Everything below the edge gets ``now`` as an argument."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def utc_now() -> datetime:
    return datetime.now(UTC)


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970-01-01 UTC of an aware time; exact, unlike a float timestamp."""
    return (at - _EPOCH) // _MILLISECOND


def from_ms(at_ms: int) -> datetime:
    """The aware UTC time of milliseconds since 1970-01-01 UTC."""
    return _EPOCH + timedelta(milliseconds=at_ms)
