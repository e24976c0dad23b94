"""What the rules process reads: which rules watch which points, and how an alarm of each is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.alarms.lifecycle import Severity
from server.alarms.service import RuleLabel
from server.assets.models import Asset, Point
from server.assets.queries import catalogue_revision
from server.errors import Label
from server.rules.conditions import Condition, InvalidCondition, leaves, parse, point_keys
from server.rules.models import Rule
from server.rules.plan import BoundRule, Plan, WatchedPoint


class RuleInfo(NamedTuple):
    """What follows from a rule besides its evaluation."""

    label: RuleLabel
    verify_s: float
    opens_ticket: bool


class Watchlist(NamedTuple):
    """The plan for the engine, and the words for what it finds."""

    plan: Plan
    rules: Mapping[int, RuleInfo]
    assets: Mapping[int, Label]
    problems: Mapping[int, str]
    """By rule: why it cannot be used at all, or not on some asset. The others are used."""
    revision: tuple[int, ...]

    @property
    def longest_delay_ms(self) -> int:
        return max((max(r.on_delay_ms, r.off_delay_ms) for r in self.plan.rules), default=0)


def revision(session: Session) -> tuple[int, ...]:
    """Differs after any change of rules or points."""
    rules = session.execute(select(func.count(), func.coalesce(func.sum(Rule.version), 0))).one()
    assets = session.execute(select(func.count(), func.coalesce(func.max(Asset.id), 0))).one()
    return (*rules, *assets, catalogue_revision(session))


def watchlist(session: Session) -> Watchlist:
    """All enabled rules bound to the assets they apply to. One that cannot be used is a problem, not a stop."""
    seen = revision(session)
    assets = session.execute(select(Asset.id, Asset.key, Asset.name, Asset.profile)).all()
    points = [
        WatchedPoint(*row)
        for row in session.execute(
            select(Point.id, Point.asset_id, Point.key, Point.kind, Point.interval_s).order_by(Point.id)
        )
    ]
    of_asset: dict[int, dict[str, WatchedPoint]] = {}
    for point in points:
        of_asset.setdefault(point.asset, {})[point.key] = point
    problems: dict[int, str] = {}
    bound: list[BoundRule] = []
    infos: dict[int, RuleInfo] = {}
    by_profile = _usable(session, infos, problems)
    for asset in assets:
        known = of_asset.get(asset.id, {})
        for rule, condition in _rules_for(by_profile.get(asset.profile, []), asset.id):
            missing = point_keys(condition) - known.keys()
            if missing:
                problems[rule.id] = f"{asset.key} has no point {', '.join(sorted(missing))}"
            if known and _applies(condition, missing):
                bound.append(_bind(rule, condition, asset.id, known))
    return Watchlist(
        plan=Plan(points, bound),
        rules=infos,
        assets={asset.id: asset.name for asset in assets},
        problems=problems,
        revision=seen,
    )


def _usable(
    session: Session, infos: dict[int, RuleInfo], problems: dict[int, str]
) -> dict[str, list[tuple[Rule, Condition]]]:
    """Enabled rules whose condition can be read, by profile."""
    found: dict[str, list[tuple[Rule, Condition]]] = {}
    for rule in session.scalars(select(Rule).order_by(Rule.id)):
        infos[rule.id] = RuleInfo(
            RuleLabel(rule.id, rule.key, rule.name, Severity(rule.severity)),
            # the alarm itself is not over before its off-delay is
            max(rule.verify_s, rule.off_delay_s),
            rule.opens_ticket,
        )
        if not rule.enabled:
            continue
        try:
            found.setdefault(rule.profile, []).append((rule, parse(rule.condition)))
        except InvalidCondition as error:
            problems[rule.id] = str(error)
    return found


def _rules_for(candidates: list[tuple[Rule, Condition]], asset_id: int) -> Iterator[tuple[Rule, Condition]]:
    """A rule of the asset's own stands in for the profile's rule of the same key."""
    own = {rule.key for rule, _ in candidates if rule.asset_id == asset_id}
    for rule, condition in candidates:
        if rule.asset_id == asset_id or (rule.asset_id is None and rule.key not in own):
            yield rule, condition


def _applies(condition: Condition, missing: set[str]) -> bool:
    """Whether anything of the condition can be judged on an asset without these points."""
    return any(all(need.key not in missing for need in leaf.needs()) for _, leaf in leaves(condition))


def _bind(rule: Rule, condition: Condition, asset_id: int, known: Mapping[str, WatchedPoint]) -> BoundRule:
    return BoundRule(
        rule=rule.id,
        asset=asset_id,
        condition=condition,
        on_delay_ms=round(rule.on_delay_s * 1000),
        off_delay_ms=round(rule.off_delay_s * 1000),
        points={key: known[key].id for key in sorted(point_keys(condition)) if key in known},
    )
