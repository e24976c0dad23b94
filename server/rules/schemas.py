"""What crosses HTTP about rules, and how a profile writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from server.alarms.lifecycle import Severity
from server.assets.profiles import Key, Name
from server.errors import Label
from server.rules.conditions import Condition

LONGEST_DELAY_S = 24 * 3600
Delay = Annotated[float, Field(ge=0, le=LONGEST_DELAY_S, allow_inf_nan=False)]


class RuleSpec(BaseModel):
    """A rule as a profile writes it; its condition stands under ``when``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    name: Name
    severity: Severity
    when: dict[str, object]
    on_delay_s: Delay = 0
    off_delay_s: Delay = 0
    verify_s: Delay = 300
    opens_ticket: bool = True


class RuleRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    key: str
    profile: str
    asset_id: int | None
    name: Label
    severity: Severity
    condition: Condition
    on_delay_s: float
    off_delay_s: float
    verify_s: float
    enabled: bool
    opens_ticket: bool
    version: int
    customised: bool
    problem: str | None
    updated_at: datetime
    updated_by: str


class RuleVersionRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    version: int
    at: datetime
    actor: str
    body: dict[str, object]


class RuleDetail(RuleRead):
    versions: list[RuleVersionRead]
    """Newest first."""


class RuleUpdate(BaseModel):
    """Only what is given changes. ``condition`` is checked against the points of the profile."""

    model_config = ConfigDict(extra="forbid")

    enabled: bool | None = None
    severity: Severity | None = None
    condition: dict[str, object] | None = None
    on_delay_s: Delay | None = None
    off_delay_s: Delay | None = None
    verify_s: Delay | None = None
    opens_ticket: bool | None = None
