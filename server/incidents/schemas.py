"""What crosses HTTP about incidents."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from server.alarms.lifecycle import Severity
from server.alarms.schemas import AlarmRead, AssetRef
from server.db import RowId
from server.errors import Label

Kind = Literal["caused", "inferred", "declared"]
Status = Literal["open", "merged", "ended"]


class TicketRef(BaseModel):
    id: int
    number: str
    status: str


class IncidentRead(BaseModel):
    id: int
    kind: Kind
    status: Status
    title: Label
    severity: Severity
    site_id: int | None
    began_at: datetime
    recovered_at: datetime | None
    """Since when its cause is over; it ends once nothing of it is left."""
    ended_at: datetime | None
    ticket: TicketRef | None
    alarms: int
    """How many are or were in it, the cause included."""
    present: int
    """How many of these are still present."""
    merged_into_id: int | None


class IncidentEventRead(BaseModel):
    id: int
    at: datetime
    kind: str
    actor: str
    comment: str | None
    data: dict[str, object]


class Member(BaseModel):
    part: Literal["cause", "effect"]
    joined_at: datetime
    left_at: datetime | None
    alarm: AlarmRead


class Node(BaseModel):
    """An asset in the picture of an incident."""

    asset: AssetRef
    profile: str
    steps: int
    """From the cause down to it."""
    fed_by: int | None
    """The asset above it in the picture; null: the cause, or nobody said what feeds it."""
    alarms: int
    present: int
    worst: Severity | None


class IncidentDetail(IncidentRead):
    description: str | None
    declared_by: str | None
    cause: Label | None
    """What happened, in a few words."""
    why: Label | None
    """Why this is the most likely cause."""
    cause_asset: AssetRef | None
    cause_alarm_id: int | None
    members: list[Member]
    """The cause first; at most 500."""
    nodes: list[Node]
    events: list[IncidentEventRead]
    """Oldest first; joining alarms are left out, they stand under ``members``."""


class Declare(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=2, max_length=200)]
    description: Annotated[str, Field(max_length=4000)] | None = None
    severity: Severity = Severity.CRITICAL
    site_id: RowId | None = None
    life_safety: bool = False
    """People are in danger: also those in their quiet hours are told."""
    asset_id: RowId | None = None
    """The equipment it is about, if any."""
    opens_ticket: bool = False
    """Also open a ticket on that equipment."""

    @model_validator(mode="after")
    def _a_ticket_is_on_equipment(self) -> Self:
        if self.opens_ticket and self.asset_id is None:
            raise ValueError("a ticket needs asset_id")
        return self


class Comment(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=1, max_length=4000)]
