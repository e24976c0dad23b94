"""What crosses HTTP about the health of the alarm system."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from server.alarms.lifecycle import Severity
from server.alarms.schemas import AssetRef, RuleRef


class Targets(BaseModel):
    """What is usually aimed at, per operator. Defaults of common practice, not a law."""

    fine_per_ten_minutes: float = 1
    most_per_ten_minutes: float = 2
    flood_begins_at: float = 10
    chatter_cycles: int = 3
    chatter_s: int = 60
    stale_h: int = 24
    low_share: float = 0.80
    medium_share: float = 0.15
    high_share: float = 0.05
    """High and critical together."""
    answer_s: int = 900
    """The service handbooks' quarter of an hour."""


class Bucket(BaseModel):
    at: datetime
    announced: int
    quiet: int
    peak: int
    """Announced in its worst ten minutes."""


class Flood(BaseModel):
    at: datetime
    minutes: int
    alarms: int
    peak: int
    """In its worst ten minutes."""


class PriorityShare(BaseModel):
    severity: Severity
    count: int
    share: float


class Frequent(BaseModel):
    rule: RuleRef
    asset: AssetRef
    count: int
    share: float
    """Of all."""


class StaleAlarm(BaseModel):
    id: int
    rule: RuleRef
    asset: AssetRef
    severity: Severity
    raised_at: datetime


class Answering(BaseModel):
    """From raised to acknowledged, of alarms that were acknowledged in the range."""

    acknowledged: int
    median_s: float | None
    p90_s: float | None
    longest_s: float | None
    in_time_share: float | None


class AlarmHealth(BaseModel):
    start: datetime
    end: datetime
    operators: int
    targets: Targets
    announced: int
    quiet: int
    """Came while shelved, suppressed or out of service."""
    per_ten_minutes: float
    """Mean per operator."""
    peak: float
    """Per operator, in the worst ten minutes."""
    over_most_share: float
    """Share of the ten minutes with more than the most that is manageable."""
    flood_share: float
    """Share of the time in flood."""
    bar_s: int
    bars: list[Bucket]
    floods: list[Flood]
    """The largest first; at most 20."""
    flood_count: int
    priorities: list[PriorityShare]
    frequent: list[Frequent]
    chattering: list[Frequent]
    stale: list[StaleAlarm]
    """Of now, the oldest first; at most 20."""
    stale_total: int
    answering: Answering
