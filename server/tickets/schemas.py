"""What crosses HTTP about tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from server.alarms.lifecycle import Severity
from server.alarms.schemas import AlarmRead, AssetRef, FactRead
from server.db import RowId
from server.errors import Label
from server.tickets.lifecycle import CloseKind, TicketStatus

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class PersonRef(BaseModel):
    id: int
    display_name: str


class TicketRead(BaseModel):
    id: int
    number: str
    title: Label
    asset: AssetRef
    rule_id: int | None
    severity: Severity
    status: TicketStatus
    reported_at: datetime
    respond_by: datetime
    on_site_by: datetime
    due_at: datetime
    missed: str | None
    """Which deadline is over: answer, arrive, solve; null while all is in time."""
    assignee: PersonRef | None
    closed_at: datetime | None
    close_kind: CloseKind | None
    merged_into_id: int | None
    recurrences: int


class TicketEventRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    kind: str
    from_status: TicketStatus
    to_status: TicketStatus
    actor: str
    comment: str | None
    data: dict[str, object]


class Verification(BaseModel):
    """What the sensor says about closing."""

    can_close: bool
    code: str | None
    """out_of_band, not_yet_verified, sensor_silent, not_reset, rules_not_running, store_unavailable; null: it may be
    closed. ``manual``: no sensor is involved, people decide."""
    detail: Label
    in_band_since: datetime | None
    closes_at: datetime | None
    verify_s: float
    facts: list[FactRead]


class TicketDetail(TicketRead):
    description: str | None
    reporter: PersonRef | None
    accepted_at: datetime | None
    on_site_at: datetime | None
    done_at: datetime | None
    closed_by: str | None
    events: list[TicketEventRead]
    """Oldest first; the newest 500."""
    alarms: list[AlarmRead]
    verification: Verification | None
    """Null once it is closed."""


class TicketSummary(BaseModel):
    open: int
    """Not closed, whatever their status."""
    overdue: int
    verifying: int
    by_status: dict[TicketStatus, int]
    mine: int
    """Not closed and given to whoever asks."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Report(_Body):
    """A fault that a person reports."""

    asset_id: RowId
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    description: Text | None = None
    severity: Severity = Severity.MEDIUM


class Assign(_Body):
    user_id: RowId


class Hold(_Body):
    reason: Text


class Close(_Body):
    note: Text | None = None
    when_verified: bool = False
    """Not yet, but by itself as soon as the sensor has agreed long enough."""
    override_reason: Text | None = None
    """Without the sensor's agreement; admins only, and it is recorded."""


class Comment(_Body):
    text: Text
