"""What crosses HTTP about back-tests, trainings and trained models."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from server.alarms.lifecycle import Severity
from server.db import RowId
from server.errors import Label
from server.rules.schemas import Delay, Steps


class RuleChange(BaseModel):
    """What to try beside the rule as it is."""

    model_config = ConfigDict(extra="forbid")

    condition: dict[str, object] | None = None
    on_delay_s: Delay | None = None
    off_delay_s: Delay | None = None
    severity: Severity | None = None
    steps: Steps | None = None


class RunCreate(BaseModel):
    """A back-test, or a training on a period that was normal; both over [from, to) of one asset."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["backtest", "training"]
    asset_id: RowId
    begin: Annotated[AwareDatetime, Field(alias="from")]
    end: Annotated[AwareDatetime, Field(alias="to")]
    change: RuleChange | None = None


class WouldAlarmRead(BaseModel):
    start: datetime
    since: datetime
    end: datetime | None
    severity: Severity
    reason: Label
    peak: float | None


class VariantRead(BaseModel):
    """One of the two that stand side by side."""

    which: Literal["as_is", "changed"]
    alarm_count: int
    alarms: list[WouldAlarmRead]
    """The first 500."""
    tickets: int
    active_s: float
    longest_s: float
    problem: Label | None = None
    """Why it could not be judged at some times, which raised nothing; null: it always could."""


class ChartPoint(BaseModel):
    id: int
    key: str
    name: Label
    unit: str | None


class RunResult(BaseModel):
    readings: int
    """Instants with readings that were looked at; 0: the period is empty."""
    variants: list[VariantRead] = []
    points: list[ChartPoint] = []
    """That the rule looks at."""
    models: list[int] = []
    """Trained models that were used, or came out of it."""


class RunRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    kind: Literal["backtest", "training"]
    rule_id: int
    asset_id: int
    begin_at: datetime
    end_at: datetime
    rule_version: int
    change: dict[str, object] | None
    status: Literal["queued", "running", "done", "failed"]
    progress: float
    result: RunResult | None
    error: Label | None
    created_at: datetime
    created_by: str
    finished_at: datetime | None


class ModelRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    asset_id: int
    name: str
    version: int
    facts: dict[str, object]
    active: bool
    from_at: datetime
    to_at: datetime
    trained_at: datetime
    trained_by: str
    activated_at: datetime | None
    activated_by: str | None


class ConditionCheck(BaseModel):
    """A condition as it is being typed."""

    model_config = ConfigDict(extra="forbid")

    profile: Annotated[str, Field(max_length=64)]
    asset_id: RowId | None = None
    condition: dict[str, object]


class ConditionChecked(BaseModel):
    problems: list[Label]
    """Sentences, each beginning with a path; none: it can be used."""
