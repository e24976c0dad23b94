"""Escalation as data: who is told after how many minutes without an answer, and by which ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from server.identity.roles import Role

Severity = Literal["critical", "high", "medium", "low"]
RANK: Mapping[str, int] = {"low": 0, "medium": 1, "high": 2, "critical": 3}

Way = Literal["in_app", "push", "email", "webhook", "dingtalk", "wecom", "feishu"]
PersonalWay = Literal["push", "email"]
"""Besides the app itself, which always shows it."""

MOST_STEPS = 10
LONGEST = timedelta(days=2)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OnCall(_Model):
    """Whoever is on shift then, at the site or in one team of it."""

    type: Literal["on_call"] = "on_call"
    team_id: int | None = None


class ByRole(_Model):
    """Everybody with this very role."""

    type: Literal["role"] = "role"
    role: Role


class Person(_Model):
    type: Literal["person"] = "person"
    user_id: int


Who = Annotated[OnCall | ByRole | Person, Field(discriminator="type")]


class Step(_Model):
    """What is done when nobody has answered for ``after_min`` minutes."""

    after_min: Annotated[float, Field(ge=0, le=LONGEST.total_seconds() / 60)]
    who: Annotated[list[Who], Field(min_length=1, max_length=20)]
    ways: Annotated[list[PersonalWay], Field(max_length=5)] = ["push", "email"]
    """To each person, in order: the next one where the one before fails."""
    groups: Annotated[list[int], Field(max_length=20)] | Literal["all"] = []
    """Ids of group channels, in order: the first that works takes it. ``all``: those that are set up."""


class Plan(_Model):
    """A whole escalation."""

    steps: Annotated[list[Step], Field(min_length=1, max_length=MOST_STEPS)]
    repeat_min: Annotated[float, Field(ge=1, le=LONGEST.total_seconds() / 60)] | None = None
    """The last step again each so many minutes until somebody answers; null: once is enough."""


_ON_CALL: list[Who] = [OnCall()]
_ENGINEERS: list[Who] = [OnCall(), ByRole(role=Role.ENGINEER)]
_EVERYONE: list[Who] = [OnCall(), ByRole(role=Role.ENGINEER), ByRole(role=Role.ADMIN)]

DEFAULTS: Mapping[str, Plan] = {
    # default: editable per site. 5, 15 and 30 minutes; an answer is due within 15 (service handbooks)
    "critical": Plan(
        steps=[
            Step(after_min=0, who=_ON_CALL, groups="all"),
            Step(after_min=5, who=_ENGINEERS, groups="all"),
            Step(after_min=15, who=_EVERYONE, groups="all"),
            Step(after_min=30, who=_EVERYONE, groups="all"),
        ],
        repeat_min=15,
    ),
    "high": Plan(
        steps=[
            Step(after_min=0, who=_ON_CALL, groups="all"),
            Step(after_min=15, who=_ENGINEERS, groups="all"),
            Step(after_min=30, who=_EVERYONE, groups="all"),
        ],
        repeat_min=30,
    ),
    "medium": Plan(
        steps=[Step(after_min=0, who=_ON_CALL), Step(after_min=30, who=_ENGINEERS)], repeat_min=120
    ),
    "low": Plan(steps=[Step(after_min=0, who=_ON_CALL, ways=[])]),
}


def stored(steps: Sequence[Step]) -> list[dict[str, object]]:
    """As it is kept in the database."""
    return [step.model_dump(mode="json") for step in steps]


def loaded(steps: Sequence[Mapping[str, object]]) -> list[Step]:
    return [Step.model_validate(step) for step in steps]
