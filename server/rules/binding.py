"""From a rule as people write it to one bound to the points of one asset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from msgspec import structs

from server.rules.conditions import Condition, check_points, leaves, mentioned, parse, point_keys
from server.rules.expression import FED_BY, FEEDS, variable
from server.rules.kinds.expected import Expected
from server.rules.kinds.schedule import Schedule
from server.rules.plan import BoundRule, BoundStep
from server.rules.site_time import ANYWHERE, SiteTime


class ParsedStep(NamedTuple):
    severity: str
    condition: Condition | None
    after_s: float


class ParsedRule(NamedTuple):
    """A rule whose conditions were read and understood. Times in seconds."""

    condition: Condition
    severity: str = "medium"
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    steps: tuple[ParsedStep, ...] = ()
    remind_s: float = 0.0

    @property
    def conditions(self) -> list[Condition]:
        """Its own and those of its steps."""
        return [self.condition, *(step.condition for step in self.steps if step.condition is not None)]

    @property
    def needs(self) -> set[str]:
        """Points without which it cannot be judged in full."""
        return set().union(*(point_keys(condition) for condition in self.conditions))

    @property
    def mentions(self) -> frozenset[str]:
        """Names in its expressions that may be points of the asset or of its neighbours."""
        return frozenset().union(*(mentioned(condition) for condition in self.conditions))

    @property
    def asks_the_time(self) -> bool:
        return any(
            isinstance(leaf, Schedule | Expected)
            for condition in self.conditions
            for _, leaf in leaves(condition)
        )

    def check(self, kinds: Mapping[str, str]) -> None:
        """Raises InvalidCondition where a point does not exist or does not fit; kinds by point key."""
        check_points(self.condition, kinds)
        for number, step in enumerate(self.steps):
            if step.condition is not None:
                check_points(step.condition, kinds, f"steps[{number}].when")


class Around(NamedTuple):
    """What lies around one asset. Points by key."""

    points: Mapping[str, int]
    fed: Mapping[str, list[int]] = {}
    fed_by: Mapping[str, list[int]] = {}
    site: SiteTime = ANYWHERE


def parse_rule(
    when: object,
    *,
    severity: str = "medium",
    on_delay_s: float = 0.0,
    off_delay_s: float = 0.0,
    steps: Sequence[Mapping[str, object]] = (),
    remind_s: float = 0.0,
) -> ParsedRule:
    """``steps``: severity, when or null, after_s. Raises InvalidCondition naming everything wrong by path."""
    parsed = tuple(
        ParsedStep(
            str(step["severity"]),
            None if step.get("when") is None else parse(step["when"], f"steps[{number}].when"),
            float(str(step.get("after_s", 0))),
        )
        for number, step in enumerate(steps)
    )
    return ParsedRule(parse(when), severity, on_delay_s, off_delay_s, parsed, remind_s)


class Bindable:
    """A rule made ready to be bound to one asset after the other."""

    def __init__(self, number: int, rule: ParsedRule) -> None:
        self._rule = rule
        self.needs, self._mentions, self._asks_the_time = rule.needs, rule.mentions, rule.asks_the_time
        self._plain = BoundRule(
            rule=number,
            asset=0,
            condition=rule.condition,
            on_delay_ms=round(rule.on_delay_s * 1000),
            off_delay_ms=round(rule.off_delay_s * 1000),
            points={},
            severity=rule.severity,
            steps=tuple(
                BoundStep(step.severity, step.condition, round(step.after_s * 1000)) for step in rule.steps
            ),
            remind_ms=round(rule.remind_s * 1000),
        )

    def to(self, asset: int, around: Around, learned: Mapping[str, bytes] | None = None) -> BoundRule:
        """Bound to an asset. Points that the asset does not have are left out."""
        return structs.replace(
            self._plain,
            asset=asset,
            points=_wanted(around.points, self.needs, self._mentions),
            learned=dict(learned or {}),
            fed=_near(around.fed, FEEDS, self._mentions),
            fed_by=_near(around.fed_by, FED_BY, self._mentions),
            site=around.site if self._asks_the_time else ANYWHERE,
        )

    def applies(self, missing: Set[str]) -> bool:
        """Whether anything of it can be judged on an asset without these points."""
        return any(
            all(need.key not in missing for need in leaf.needs())
            for condition in self._rule.conditions
            for _, leaf in leaves(condition)
        )


def bind(
    number: int,
    asset: int,
    rule: ParsedRule,
    around: Around,
    *,
    learned: Mapping[str, bytes] | None = None,
) -> BoundRule:
    """The rule ``number`` on one asset. Points that the asset does not have are left out."""
    return Bindable(number, rule).to(asset, around, learned)


def _wanted(points: Mapping[str, int], needs: Set[str], mentions: frozenset[str]) -> dict[str, int]:
    if not mentions:
        return {key: points[key] for key in sorted(needs) if key in points}
    return {key: points[key] for key in sorted(points) if key in needs or variable(key) in mentions}


def _near(points: Mapping[str, list[int]], prefix: str, mentions: frozenset[str]) -> dict[str, list[int]]:
    if not any(name.startswith(prefix) for name in mentions):
        return {}
    return {key: points[key] for key in sorted(points) if prefix + variable(key) in mentions}
