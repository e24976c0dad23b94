"""Whether a value can be true, and whether its time can."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.decoders.decoded import Part
from gateway.stages import Surroundings
from telemetry.reading import Quality

MOST_AHEAD_MS = 5 * 60 * 1000
"""A device clock further ahead is wrong: its readings would stay the newest ones for that long."""
LIVE_MS = 10 * 60 * 1000
"""Older values come out of a buffer: true, but not what is the case now."""
YEAR_2000_MS = 946_684_800_000
"""Before this a clock was never set."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Check:
    """Impossible times are refused; late values become BACKFILLED, impossible ones SUSPECT.

    All times are compared with the time of receipt. BACKFILLED goes before SUSPECT: it keeps
    a late and impossible value away from live alarms. What was typed stays MANUAL, late or not: it moves
    no rule, and who reads the series should see that a person says so.
    """

    def __init__(self, around: Surroundings) -> None:
        self._refuse = around.refuse
        self._counters = around.counters
        self._keep_ms = around.raw_retention_ms

    def __call__(self, parts: list[Part]) -> list[Part]:
        possible = []
        for part in parts:
            if not -MOST_AHEAD_MS <= part.origin.received_ms - part.at_ms <= LIVE_MS and not self._place(
                part
            ):
                continue
            value, point = part.value, part.point
            if type(value) is float and not point.low <= value <= point.high:  # only numbers have a range
                self._suspect(part)
            possible.append(part)
        return possible

    def _place(self, part: Part) -> bool:
        """Whether a value that is not of now can be kept."""
        age_ms = part.origin.received_ms - part.at_ms
        if age_ms < 0:
            detail = f"is {-age_ms // 1000} s ahead of the gateway's clock; at most 300 s are accepted"
            self._refuse(part, "future_timestamp", f"the time {_written(part.at_ms)} {detail}")
            return False
        if age_ms > self._keep_ms or part.at_ms < YEAR_2000_MS:
            detail = (
                f"is {age_ms // 86_400_000} days old; raw readings are kept {self._keep_ms // 86_400_000}"
            )
            self._refuse(part, "ancient_timestamp", f"the time {_written(part.at_ms)} {detail}")
            return False
        self._counters.backfilled += 1
        if part.quality not in (Quality.BAD, Quality.MANUAL):
            part.quality = Quality.BACKFILLED
        return True

    def _suspect(self, part: Part) -> None:
        self._counters.suspect += 1
        if part.quality == Quality.GOOD:
            part.quality = Quality.SUSPECT


def _written(at_ms: int) -> str:
    """As a date where the calendar has one."""
    try:
        return (_EPOCH + timedelta(milliseconds=at_ms)).isoformat(timespec="seconds")
    except OverflowError:
        return f"{at_ms} ms since 1970"
