"""What crosses HTTP about live values."""

from __future__ import annotations

from pydantic import BaseModel

ReadingRow = tuple[int, int, float | int | str | None, int]
"""[point, at_ms, value, quality]"""


class LatestRead(BaseModel):
    readings: list[ReadingRow]
    """One for each point that has ever sent a value."""
    now_ms: int
    """The server's clock, to tell the age of a value on a screen whose own clock is wrong."""
