"""What crosses HTTP about rules, and how a profile writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from server.alarms.lifecycle import Severity
from server.alarms.schemas import AssetRef
from server.assets.profiles import Key, Name
from server.db import RowId
from server.errors import Explained, Label
from server.rules.conditions import Condition

LONGEST_DELAY_S = 24 * 3600
Delay = Annotated[float, Field(ge=0, le=LONGEST_DELAY_S, allow_inf_nan=False)]


Remind = Annotated[float, Field(ge=0, le=7 * 24 * 3600, allow_inf_nan=False)]


class StepSpec(BaseModel):
    """While the alarm is raised it has at least this severity once ``when`` is met for ``after_s``; without
    ``when``, once it is raised for ``after_s``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    severity: Severity
    when: dict[str, object] | None = None
    after_s: Delay = 0

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if self.when is None and self.after_s == 0:
            raise Explained(
                "a step without a condition needs a time after which it is reached",
                "没有条件的级别需要填写多久后到达",
            )
        return self


Steps = Annotated[list[StepSpec], Field(max_length=8)]


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
    steps: Steps = []
    remind_s: Remind = 0
    latched: bool = False
    life_safety: bool = False
    opens_ticket: bool = True


KeptCondition = Annotated[Condition | dict[str, object], Field(union_mode="left_to_right")]
"""As it was kept, where this version cannot read it: ``problem`` says why, and the other rules are read."""


class StepRead(BaseModel):
    severity: Severity
    when: KeptCondition | None
    after_s: float


class RuleFields(BaseModel):
    """What stands in a rule's own row."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    key: str
    profile: str
    asset_id: int | None
    name: Label
    severity: Severity
    condition: KeptCondition
    on_delay_s: float
    off_delay_s: float
    verify_s: float
    steps: list[StepRead]
    remind_s: float
    latched: bool
    life_safety: bool
    enabled: bool
    opens_ticket: bool
    version: int
    customised: bool
    problem: Label | None
    """Why it cannot be used, or cannot be judged on some asset, in a sentence."""
    updated_at: datetime
    updated_by: str


class RuleRead(RuleFields):
    asset: AssetRef | None
    """The one asset that it is for; null: all of its profile."""


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

    version: Annotated[int, Field(ge=1)] | None = None
    """The version that the change was made from: 409 changed_meanwhile where it is another by now."""
    name: Name | None = None
    enabled: bool | None = None
    severity: Severity | None = None
    condition: dict[str, object] | None = None
    on_delay_s: Delay | None = None
    off_delay_s: Delay | None = None
    verify_s: Delay | None = None
    steps: Steps | None = None
    remind_s: Remind | None = None
    latched: bool | None = None
    life_safety: bool | None = None
    opens_ticket: bool | None = None


class RuleCreate(BaseModel):
    """A new rule, switched off; on all assets of a profile, or on one of them."""

    model_config = ConfigDict(extra="forbid")

    key: Key
    profile: Key
    asset_id: RowId | None = None
    name: Name
    severity: Severity
    condition: dict[str, object]
    on_delay_s: Delay = 0
    off_delay_s: Delay = 0
    verify_s: Delay = 300
    steps: Steps = []
    remind_s: Remind = 0
    latched: bool = False
    life_safety: bool = False
    opens_ticket: bool = True
