"""What crosses HTTP about sending people to alarms."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from server.db import RowId
from server.errors import Label
from server.patrol.people import PersonRead


class SendTo(BaseModel):
    model_config = ConfigDict(extra="forbid")

    alarm_id: RowId
    checkpoint_id: RowId | None = None
    user_id: RowId | None = None
    """Null: the nearest."""


class DispatchRead(BaseModel):
    """Whom an alarm sent, or why nobody."""

    alarm_id: int
    text: Label
    severity: str
    asset_id: int
    asset_name: Label
    at: datetime
    by: str
    person: PersonRead | None
    why: Label
    checkpoint_id: int | None
    round_id: int | None
    suspended_id: int | None
    is_under_way: bool
    """They are still to come."""
    arrived_at: datetime | None
    """When the checkpoint was scanned."""


class CandidateRead(BaseModel):
    """Somebody who could go, the nearest first."""

    person: PersonRead
    is_on_shift: bool
    round_id: int | None
    round_name: Label | None
    is_sent: bool
    """Another alarm sent them already."""
    last_id: int | None
    """Checkpoint where they were proven last."""
    way_s: int | None
    """From there, seconds; null: not known."""


class DispatchOutlook(BaseModel):
    """Who would be sent to an alarm, before anybody is."""

    sent: DispatchRead | None
    checkpoint_id: int | None
    """Where they would go; null: there is none near it."""
    is_suspending: bool
    """Whether the round they walk would wait meanwhile; else it gets one more checkpoint."""
    people: list[CandidateRead]
