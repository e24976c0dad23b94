"""Local time of a site, cheap enough to ask at every step of every machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

DAY_S = 86_400.0
_MONDAY_OFFSET_DAYS = 3
"""1970-01-01 was a Thursday; weekdays count from Monday = 0."""


class SiteClock:
    """Turns epoch seconds into local hour and weekday. The zone's offset is looked up once an hour."""

    def __init__(self, time_zone: str) -> None:
        self.time_zone = time_zone
        self._zone = ZoneInfo(time_zone)
        self._hour = -1
        self._offset_s = 0.0

    def local_s(self, now_s: float) -> float:
        """Epoch seconds shifted by the zone's offset: its remainder by a day is the local time of day."""
        hour = int(now_s // 3600)
        if hour != self._hour:
            offset = datetime.fromtimestamp(now_s, self._zone).utcoffset()
            self._offset_s = offset.total_seconds() if offset else 0.0
            self._hour = hour
        return now_s + self._offset_s

    def hour(self, now_s: float) -> float:
        """Local time of day in hours, 0 <= h < 24."""
        return (self.local_s(now_s) % DAY_S) / 3600.0

    def day(self, now_s: float) -> int:
        """Number of the local day since 1970-01-01."""
        return int(self.local_s(now_s) // DAY_S)

    def is_weekend(self, now_s: float) -> bool:
        """Saturday or Sunday; public holidays are not known here."""
        return (self.day(now_s) + _MONDAY_OFFSET_DAYS) % 7 >= 5

    def next_at(self, time_of_day_s: float, after_s: float) -> float:
        """Epoch seconds of the first moment at or after ``after_s`` with this local time of day."""
        wait = (time_of_day_s - self.local_s(after_s)) % DAY_S
        return after_s + wait


def curve(table: Sequence[float], hour: float) -> float:
    """Value of a 24-value table at a local hour, straight between the full hours, round the clock."""
    whole = int(hour)
    share = hour - whole
    return table[whole % 24] * (1.0 - share) + table[(whole + 1) % 24] * share
