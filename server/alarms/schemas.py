"""What crosses HTTP about alarms."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from server.alarms.availability import Availability
from server.alarms.lifecycle import AlarmState, Severity
from server.db import RowId
from server.errors import Label

Relation = Literal[
    "above",
    "below",
    "is",
    "is_not",
    "has_bit",
    "silent",
    "rises_faster",
    "falls_faster",
    "differs",
    "count_above",
    "stuck",
    "overdue",
    "expression",
    "cannot_judge",
    "above_usual",
    "below_usual",
    "varies_unusually",
    "does_not_fit",
]


class RuleRef(BaseModel):
    id: int
    key: str
    name: Label


class AssetRef(BaseModel):
    id: int
    key: str
    name: Label


class FactRead(BaseModel):
    """One point against its limit."""

    point_id: int
    point: Label
    value: float | int | str | None
    value_label: Label | None
    """The name of the state, where the value is a code that has one; or what is said where there is no value."""
    unit: str | None
    relation: Relation
    limit: float | list[int | str] | None
    """A number in ``unit``; codes; bit numbers; seconds where the relation is silent."""
    limit_labels: list[Label] | None
    """Names of the codes or bits in ``limit``."""


class StandingRead(BaseModel):
    """Whether it speaks to people now, and if not, why and until when."""

    kind: Availability
    reason: Label | None
    until: datetime | None
    by: str | None
    source: str | None
    """outage, shelf:3, window:4, cause."""


class AlarmRead(BaseModel):
    id: int
    rule: RuleRef
    asset: AssetRef
    severity: Severity
    state: AlarmState
    since: datetime
    raised_at: datetime
    returned_at: datetime | None
    in_band_since: datetime | None
    occurrences: int
    facts: list[FactRead]
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    ticket_id: int | None
    incident_id: int | None
    availability: StandingRead
    life_safety: bool
    latched: bool
    chattering: bool
    """Came three times within a minute, lately."""
    stale: bool
    """Present for over 24 hours."""
    discipline: str


class AlarmEventRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    recorded_at: datetime
    kind: str
    from_state: AlarmState
    to_state: AlarmState
    actor: str
    comment: str | None
    data: dict[str, object]


class AlarmDetail(AlarmRead):
    acknowledge_comment: str | None
    events: list[AlarmEventRead]
    """Oldest first; the newest 500."""


class Acknowledge(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[RowId], Field(min_length=1, max_length=1000)]
    comment: Annotated[str, Field(max_length=2000)] | None = None


class Refused(BaseModel):
    id: int
    code: str
    detail: str


class ShelveAlarms(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[RowId], Field(min_length=1, max_length=1000)]
    ends_at: AwareDatetime
    reason: Annotated[str, Field(min_length=2, max_length=2000)]
    confirm_life_safety: bool = False
    """Say it only after the person has confirmed that fire, entrapment or panic may be silent."""


class Shelved(BaseModel):
    shelved: list[int]
    refused: list[Refused]


class Reset(BaseModel):
    model_config = ConfigDict(extra="forbid")

    comment: Annotated[str, Field(max_length=2000)] | None = None


class Acknowledged(BaseModel):
    acknowledged: list[int]
    refused: list[Refused]


class AssetAlarms(BaseModel):
    worst: Severity
    open: int


class AlarmSummary(BaseModel):
    assets: dict[int, AssetAlarms]
    """Assets with open alarms that speak to people, by id."""
    by_severity: dict[Severity, int]
    unacknowledged: int
    quiet: int
    """Open, and shelved, suppressed or out of service."""
