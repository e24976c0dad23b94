"""What crosses HTTP about the control room: rounds of a day, exceptions, findings, fire watches."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from server.db import RowId
from server.errors import Label
from server.patrol.checkpoints.policy import Strength
from server.patrol.people import PersonRead
from server.patrol.proof.schemas import ReasonRead
from server.patrol.rounds.schemas import LegRead


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RoundRead(BaseModel):
    id: int
    kind: str
    site_id: int
    route_id: int | None
    name: Label
    order: str
    state: str
    """due, started, suspended, finished, incomplete, missed."""
    starts_at: datetime
    window_ends_at: datetime
    closes_at: datetime
    """With grace and suspensions: when what is missing is missed."""
    team_id: int | None
    person: PersonRead | None
    started_at: datetime | None
    finished_at: datetime | None
    is_late: bool
    late_since: datetime | None
    """While its alarm stands."""
    suspended_at: datetime | None
    cause: dict[str, JsonValue] | None
    done: int
    missed: int
    total: int
    exceptions: int
    """Not settled."""
    legs: list[LegRead]


class ScanRead(BaseModel):
    id: str
    at: datetime
    received_at: datetime
    uncertain_s: int
    person: PersonRead
    round_id: int | None
    checkpoint_id: int | None
    how: str
    strength: Strength
    counts: bool
    reasons: list[ReasonRead]
    photo_ids: list[str]
    lat_e7: int | None
    lng_e7: int | None
    accuracy_m: int | None


class AnswersRead(BaseModel):
    event_id: str
    checkpoint_id: int | None
    form_id: int
    form_version: int
    at: datetime
    answers: dict[str, JsonValue]
    problems: list[dict[str, JsonValue]]


class GaugeRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    event_id: str
    item: str
    point_id: int | None
    at: datetime
    value: float
    unit: str | None
    live_point_id: int | None
    live_value: float | None
    live_at: datetime | None
    tolerance: float | None


class HistoryRow(BaseModel):
    number: int
    at: datetime
    kind: str
    origin: str
    detail: dict[str, JsonValue]


class ContestRead(BaseModel):
    id: str
    round_id: int
    checkpoint_id: int
    person: PersonRead
    at: datetime
    reason: str
    decided_at: datetime | None
    decided_by: str | None
    is_granted: bool | None
    comment: str | None


class ExceptionRead(BaseModel):
    id: int
    at: datetime
    recorded_at: datetime
    code: str
    site_id: int | None
    person: PersonRead | None
    phone_id: str | None
    round_id: int | None
    checkpoint_id: int | None
    event_id: str | None
    detail: Label
    settled_at: datetime | None
    settled_by: str | None
    settled_as: str | None
    comment: str | None


class RoundDetail(RoundRead):
    signature_id: str | None
    scans: list[ScanRead]
    answers: list[AnswersRead]
    gauges: list[GaugeRead]
    contests: list[ContestRead]
    history: list[HistoryRow]
    digest: str | None
    """Hash of the newest row of the log of evidence that belongs to this round."""
    shown_exceptions: list[ExceptionRead]


class Settle(_Body):
    settled_as: Literal["innocent", "confirmed", "excused"]
    comment: Annotated[str, Field(max_length=2000)] | None = None


class Suspend(_Body):
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class Reassign(_Body):
    user_id: RowId | None


class InsertCheckpoint(_Body):
    checkpoint_id: RowId
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    within_s: Annotated[int, Field(ge=60, le=14_400)] = 900


class CallGuard(_Body):
    text: Annotated[str, Field(min_length=1, max_length=160)]


class Excuse(_Body):
    checkpoint_id: RowId
    comment: Annotated[str, Field(max_length=2000)] | None = None


class Decide(_Body):
    is_granted: bool
    comment: Annotated[str, Field(max_length=2000)] | None = None


class FireWatchIn(_Body):
    asset_id: RowId
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    every_s: Annotated[int, Field(ge=300, le=86_400)] | None = None


class FireWatchRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    site_id: int
    asset_id: int
    point_id: int | None
    every_s: int
    began_at: datetime
    began_by: str
    ended_at: datetime | None
    ended_by: str | None
    next_at: datetime
    reason: Label


class FireWatchDetail(FireWatchRead):
    rounds: list[RoundRead]


class WhereRead(BaseModel):
    """Where a person on a round scanned last."""

    person: PersonRead
    round_id: int
    checkpoint_id: int | None
    at: datetime | None
    battery_percent: int | None
