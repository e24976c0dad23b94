"""Which alarm follows from which: the causes as data, and the decision. No database, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from server.assets.profiles import Key, Name
from server.assets.yaml_file import read

FILE = Path(__file__).parent / "causes.yaml"
EARLY = timedelta(minutes=2)
"""An alarm may be this much older than its cause: sensors report at their own pace, and delays differ."""
LATE = timedelta(minutes=5)
"""After the cause is over, alarms this late may still be its doing: machines start up one by one."""
_ANY = "*"

Rules = dict[str, list[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.*-]{1,64}$")]]]


class Cause(BaseModel):
    """One kind of failure."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    name: Name
    spreads: Literal["feeds", "device"]
    """feeds: to the asset itself and all that it feeds; device: to whatever the same device carries."""
    raised_by: Rules
    explains: Rules

    def is_told_by(self, profile: str, rule: str) -> bool:
        """Whether an alarm of this rule tells of this failure."""
        return _names(self.raised_by, profile, rule)

    def accounts_for(self, profile: str, rule: str) -> bool:
        """Whether an alarm of this rule may follow from this failure."""
        return _names(self.explains, profile, rule)


class Node(NamedTuple):
    """An alarm, as far as causes go."""

    alarm_id: int
    asset_id: int
    profile: str
    rule: str
    life_safety: bool
    since: datetime
    over_at: datetime | None
    """When its condition ended; None while it is met."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    causes: Annotated[list[Cause], Field(min_length=1)]


@cache
def shipped_causes() -> Sequence[Cause]:
    """The causes that come with the product. Raises BrokenFile naming the line that is wrong."""
    return tuple(read(FILE, _File).causes)


def follows(cause: Cause, source: Node, effect: Node) -> bool:
    """Whether ``effect`` follows from ``source`` as far as rules and times go; the way between is asked elsewhere."""
    if effect.life_safety or source.alarm_id == effect.alarm_id:
        return False
    if not cause.is_told_by(source.profile, source.rule):
        return False
    if not cause.accounts_for(effect.profile, effect.rule):
        return False
    is_over = source.over_at is not None and effect.since > source.over_at + LATE
    return effect.since >= source.since - EARLY and not is_over


def nearest_common(paths: Sequence[Mapping[int, int]]) -> int | None:
    """The supplier that all have in common with the fewest steps between.

    ``paths``: for each asset its suppliers with the steps up to them, itself (0 steps) left out.
    """
    if not paths:
        return None
    shared = set(paths[0]).intersection(*paths[1:])
    return min(shared, key=lambda node: (sum(path[node] for path in paths), node), default=None)


def _names(rules: Rules, profile: str, rule: str) -> bool:
    patterns = [*rules.get(profile, ()), *rules.get(_ANY, ())]
    return any(fnmatchcase(rule, pattern) for pattern in patterns)
