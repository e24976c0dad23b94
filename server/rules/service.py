"""Verbs on rules, and their only writer: seeding from profiles, changing, reporting what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.profiles import Profile
from server.audit import service as audit
from server.audit.service import Actor
from server.db import note_change
from server.errors import Invalid, NotFound
from server.rules.conditions import InvalidCondition, check_points, parse
from server.rules.models import Rule, RuleVersion
from server.rules.schemas import RuleSpec, RuleUpdate

PROFILE_ACTOR = "profile"
_BODY = (
    "name",
    "severity",
    "condition",
    "on_delay_s",
    "off_delay_s",
    "verify_s",
    "enabled",
    "opens_ticket",
)


class BrokenProfileRules(ValueError):
    """The rules of a profile are wrong; each problem names profile, rule and path."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def rule_specs(profile: Profile) -> list[RuleSpec]:
    """The checked rules of a profile. Raises BrokenProfileRules naming everything that is wrong."""
    kinds = {point.key: point.kind for point in profile.points}
    specs: list[RuleSpec] = []
    problems: list[str] = []
    for position, data in enumerate(profile.rules):
        where = f"{profile.key}: rule {data.get('key', position + 1)}"
        try:
            spec = RuleSpec.model_validate(data)
            check_points(parse(spec.when), kinds)
            specs.append(spec)
        except ValidationError as error:
            problems += [
                f"{where}: {'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
                for problem in error.errors()
            ]
        except InvalidCondition as error:
            problems += [f"{where}: {problem}" for problem in error.problems]
    twice = {spec.key for spec in specs if sum(other.key == spec.key for other in specs) > 1}
    problems += [f"{profile.key}: rule {key} stands here twice" for key in sorted(twice)]
    if problems:
        raise BrokenProfileRules(problems)
    return specs


def seed(session: Session, profiles: Mapping[str, Profile], *, now: datetime) -> int:
    """Bring the profiles' rules into the table; how many changed. Rules that a person changed stay as they are.

    A rule that its profile no longer has is switched off, not deleted: alarms refer to it.
    """
    existing = {
        (rule.profile, rule.key): rule
        for rule in session.scalars(select(Rule).where(Rule.asset_id.is_(None)))
    }
    changed = 0
    for profile in profiles.values():
        for spec in rule_specs(profile):
            rule = existing.pop((profile.key, spec.key), None)
            changed += _seed_one(session, profile.key, spec, rule, now)
    for (profile_key, _), rule in existing.items():
        if profile_key in profiles and rule.enabled and not rule.customised:
            changed += _change(session, rule, {"enabled": False}, now=now, actor=PROFILE_ACTOR)
    if changed:
        note_change(session, "rules")
    return changed


def update_rule(
    session: Session,
    rule_id: int,
    *,
    now: datetime,
    actor: Actor,
    wanted: RuleUpdate,
    kinds: Mapping[str, str],
) -> Rule:
    """Change a rule. ``kinds``: kind of each point that its condition may name. Raises Invalid with the paths."""
    rule = get_rule(session, rule_id)
    values = wanted.model_dump(exclude_none=True)
    if wanted.condition is not None:
        try:
            condition = parse(wanted.condition)
            check_points(condition, kinds)
        except InvalidCondition as error:
            raise Invalid(
                f"The condition is not valid: {error}",
                f"条件无效：{error}",
                code="invalid_condition",
                problems=error.problems,
            ) from error
        values["condition"] = condition.model_dump(mode="json", exclude_defaults=True)
    before = {name: getattr(rule, name) for name in values}
    if _change(session, rule, {**values, "customised": True, "problem": None}, now=now, actor=actor.name):
        audit.record(
            session,
            now=now,
            actor=actor,
            action="rule.updated",
            subject=("rule", rule.id),
            detail={"before": before, "after": values, "version": rule.version},
        )
        note_change(session, "rules")
    return rule


def get_rule(session: Session, rule_id: int) -> Rule:
    """Raises NotFound."""
    rule = session.get(Rule, rule_id)
    if rule is None:
        raise NotFound(f"There is no rule {rule_id}.", f"没有编号为 {rule_id} 的规则。")
    return rule


def rules_of(session: Session, profile: str | None) -> Sequence[Rule]:
    """Rules by profile and key."""
    found = select(Rule).order_by(Rule.profile, Rule.key, Rule.id)
    return session.scalars(found if profile is None else found.where(Rule.profile == profile)).all()


def versions_of(session: Session, rule_id: int) -> Sequence[RuleVersion]:
    """What the rule said, newest first."""
    return session.scalars(
        select(RuleVersion)
        .where(RuleVersion.rule_id == rule_id)
        .order_by(RuleVersion.version.desc())
        .limit(100)
    ).all()


def report_problems(session: Session, problems: Mapping[int, str]) -> None:
    """Say on each rule what is wrong with it, and on no other."""
    for rule in session.scalars(select(Rule)):
        text = problems.get(rule.id)
        if rule.problem != text:
            rule.problem = text
            note_change(session, "rules")


def _seed_one(session: Session, profile: str, spec: RuleSpec, rule: Rule | None, now: datetime) -> int:
    values = {**spec.model_dump(exclude={"key", "when"}), "condition": spec.when, "enabled": True}
    if rule is None:
        rule = Rule(
            key=spec.key, profile=profile, version=1, updated_at=now, updated_by=PROFILE_ACTOR, **values
        )
        session.add(rule)
        session.flush()
        _keep_version(session, rule)
        return 1
    if rule.customised:
        return 0
    return _change(session, rule, values, now=now, actor=PROFILE_ACTOR)


def _change(session: Session, rule: Rule, values: Mapping[str, object], *, now: datetime, actor: str) -> int:
    """1 where one of the values differs from before and a new version was kept, else 0."""
    if all(getattr(rule, name) == value for name, value in values.items() if name in _BODY):
        return 0
    for name, value in values.items():
        setattr(rule, name, value)
    rule.version += 1
    rule.updated_at, rule.updated_by = now, actor
    _keep_version(session, rule)
    return 1


def _keep_version(session: Session, rule: Rule) -> None:
    session.add(
        RuleVersion(
            rule_id=rule.id,
            version=rule.version,
            at=rule.updated_at,
            actor=rule.updated_by,
            body={name: getattr(rule, name) for name in _BODY},
        )
    )
