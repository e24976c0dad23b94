"""What crosses HTTP about series."""

from __future__ import annotations

from pydantic import BaseModel

from telemetry.store.contract import Resolution

SampleRow = tuple[int, float | None, float | None, float | None, float | int | str | None, int, int]
"""[at_ms, min, max, mean, last, count, quality]; quality as in ``telemetry.reading``, 0 in minutes and hours"""


class HistoryRead(BaseModel):
    point: int
    resolution: Resolution
    samples: list[SampleRow]
    """Oldest first; a gap is an absence of samples."""
