"""What crosses HTTP about the health of the alarm system."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from server.alarms.lifecycle import Severity
from server.alarms.schemas import AssetRef, RuleRef


class Targets(BaseModel):
    """What is usually aimed at, per operator. Defaults of common practice, not a law."""

    fine_per_ten_minutes: float
    most_per_ten_minutes: float
    flood_begins_at: float
    chatter_cycles: int
    chatter_s: int
    stale_h: int
    low_share: float
    medium_share: float
    high_share: float
    """High and critical together."""
    answer_s: int
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


TARGETS = Targets(
    fine_per_ten_minutes=1,
    most_per_ten_minutes=2,
    flood_begins_at=10,
    chatter_cycles=3,
    chatter_s=60,
    stale_h=24,
    low_share=0.80,
    medium_share=0.15,
    high_share=0.05,
    answer_s=900,
)
"""ISA-18.2 practice, and the service handbooks' time to answer."""
