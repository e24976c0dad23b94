"""Verbs on rules, and their only writer: seeding from profiles, changing, reporting what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.profiles import Profile, shipped_profiles
from server.audit import service as audit
from server.audit.service import Actor
from server.db import note_change
from server.errors import Conflict, Invalid, NotFound
from server.rules import safety
from server.rules.backtest_seen import DECIDES, require_seen
from server.rules.binding import ParsedRule, parse_rule
from server.rules.conditions import InvalidCondition, parse
from server.rules.models import Rule, RuleVersion
from server.rules.schemas import RuleCreate, RuleSpec, RuleUpdate

PROFILE_ACTOR = "profile"
_BODY = (
    "name",
    "severity",
    "condition",
    "on_delay_s",
    "off_delay_s",
    "verify_s",
    "steps",
    "remind_s",
    "latched",
    "life_safety",
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
            parse_spec(spec).check(kinds)
            specs.append(spec)
            if safety.is_life_safety(spec.key, marked=spec.life_safety) and spec.on_delay_s > 0:
                problems.append(f"{where}: on_delay_s: {safety.NO_ON_DELAY['en']}")
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


def parse_spec(spec: RuleSpec) -> ParsedRule:
    """Raises InvalidCondition naming everything wrong by path."""
    return parse_rule(
        spec.when,
        severity=spec.severity,
        on_delay_s=spec.on_delay_s,
        off_delay_s=spec.off_delay_s,
        steps=[step.model_dump() for step in spec.steps],
        remind_s=spec.remind_s,
    )


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
    """Change a rule. ``kinds``: kind of each point that its condition may name. Raises Invalid with the paths,
    Conflict where somebody else changed it meanwhile."""
    rule = get_rule(session, rule_id)
    if wanted.version is not None and wanted.version != rule.version:
        raise _changed_meanwhile(rule)
    values = wanted.model_dump(exclude_none=True, exclude={"version", "enabled"}, mode="json")
    values |= _checked(rule, values, kinds)
    if wanted.enabled is False:
        values["enabled"] = False
    if rule.enabled and wanted.enabled is not False and not values.keys().isdisjoint(DECIDES):
        require_seen(session, rule, values)
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
    if wanted.enabled and not rule.enabled:
        enable(session, rule, now=now, actor=actor)
    return rule


def create_rule(
    session: Session, *, now: datetime, actor: Actor, wanted: RuleCreate, kinds: Mapping[str, str]
) -> Rule:
    """A new rule, switched off. Raises Invalid with the paths, Conflict where its key is taken there."""
    where = (
        Rule.profile == wanted.profile,
        Rule.key == wanted.key,
        Rule.asset_id.is_not_distinct_from(wanted.asset_id),
    )
    rule = session.scalar(select(Rule).where(*where))
    if rule is not None and rule.removed_at is None:
        raise Conflict(
            f"There is a rule {wanted.key} for this already.",
            f"此处已有规则 {wanted.key}。",
            code="rule_exists",
            rule=rule.id,
        )
    values = wanted.model_dump(mode="json", exclude={"key", "profile", "asset_id"})
    if rule is None:
        rule = Rule(key=wanted.key, profile=wanted.profile, asset_id=wanted.asset_id, version=0)
        session.add(rule)
    values |= _checked(rule, values, kinds)
    for name, value in values.items():
        setattr(rule, name, value)
    rule.enabled, rule.customised, rule.removed_at, rule.problem = False, True, None, None
    rule.version, rule.updated_at, rule.updated_by = rule.version + 1, now, actor.name
    session.flush()
    _keep_version(session, rule)
    audit.record(
        session,
        now=now,
        actor=actor,
        action="rule.created",
        subject=("rule", rule.id),
        detail={"after": values},
    )
    note_change(session, "rules")
    return rule


def remove_rule(session: Session, rule_id: int, *, now: datetime, actor: Actor, version: int) -> None:
    """Take a rule away; its alarms are withdrawn. Raises Conflict for one that comes with its profile."""
    rule = get_rule(session, rule_id)
    if version != rule.version:
        raise _changed_meanwhile(rule)
    if rule.asset_id is None and any(one.get("key") == rule.key for one in _profile_rules(rule.profile)):
        raise Conflict(
            "This rule comes with the profile: switch it off instead.",
            "该规则随设备类型提供，请改为停用。",
            code="rule_of_profile",
        )
    rule.enabled, rule.removed_at, rule.problem = False, now, None
    rule.version, rule.updated_at, rule.updated_by = rule.version + 1, now, actor.name
    _keep_version(session, rule)
    audit.record(
        session,
        now=now,
        actor=actor,
        action="rule.removed",
        subject=("rule", rule.id),
        detail={"key": rule.key},
    )
    note_change(session, "rules")


def enable(session: Session, rule: Rule, *, now: datetime, actor: Actor) -> None:
    """Switch a rule on as it is now: the one place that decides whether it may be. Raises Conflict if not."""
    if rule.removed_at is not None:
        raise Conflict("This rule was taken away.", "该规则已被删除。", code="rule_removed")
    require_seen(session, rule)
    if _change(session, rule, {"enabled": True, "customised": True}, now=now, actor=actor.name):
        audit.record(
            session,
            now=now,
            actor=actor,
            action="rule.enabled",
            subject=("rule", rule.id),
            detail={"version": rule.version},
        )
        note_change(session, "rules")


def _checked(rule: Rule, values: Mapping[str, object], kinds: Mapping[str, str]) -> dict[str, object]:
    """What becomes of ``values`` once understood; raises Invalid naming what is wrong by path."""
    now_is = {name: values.get(name, getattr(rule, name)) for name in ("condition", "steps", "on_delay_s")}
    steps: Sequence[Mapping[str, object]] = now_is["steps"] or []  # type: ignore[assignment]
    changed: dict[str, object] = {}
    if "condition" in values or "steps" in values:
        try:
            parsed = parse_rule(now_is["condition"], steps=steps)
            parsed.check(kinds)
        except InvalidCondition as error:
            raise Invalid(
                f"The condition is not valid: {error}",
                f"条件无效：{error}",
                code="invalid_condition",
                problems=error.problems,
            ) from error
        if "condition" in values:
            changed["condition"] = parsed.condition.model_dump(mode="json", exclude_defaults=True)
        if safety.shows(parsed.condition, _emergencies(rule.profile)):
            changed["life_safety"] = True
    marked = bool(changed.get("life_safety") or values.get("life_safety", rule.life_safety))
    if safety.is_life_safety(rule.key, marked=marked):
        changed["life_safety"] = True
        if float(str(now_is["on_delay_s"])) > 0:
            raise Invalid(safety.NO_ON_DELAY["en"], safety.NO_ON_DELAY["zh"], code="life_safety_never_waits")
    return changed


def _emergencies(profile: str) -> frozenset[safety.Sign]:
    rules = [
        one
        for one in _profile_rules(profile)
        if safety.is_life_safety(str(one.get("key")), marked=one.get("life_safety") is True)
    ]
    return safety.signs(parse(one["when"]) for one in rules)


def _profile_rules(profile: str) -> Sequence[Mapping[str, object]]:
    known = shipped_profiles().get(profile)
    return known.rules if known is not None else []


def _changed_meanwhile(rule: Rule) -> Conflict:
    return Conflict(
        f"{rule.updated_by} has changed this rule meanwhile (version {rule.version}); look at it again.",
        f"{rule.updated_by} 刚刚修改了该规则（版本 {rule.version}），请重新查看。",
        code="changed_meanwhile",
        version=rule.version,
    )


def get_rule(session: Session, rule_id: int) -> Rule:
    """Raises NotFound."""
    rule = session.get(Rule, rule_id)
    if rule is None or rule.removed_at is not None:
        raise NotFound(f"There is no rule {rule_id}.", f"没有编号为 {rule_id} 的规则。")
    return rule


def rules_of(session: Session, profile: str | None) -> Sequence[Rule]:
    """Rules by profile and key."""
    found = select(Rule).where(Rule.removed_at.is_(None)).order_by(Rule.profile, Rule.key, Rule.id)
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
    values = {
        **spec.model_dump(exclude={"key", "when"}, mode="json"),
        "condition": spec.when,
        "enabled": True,
    }
    values["life_safety"] = safety.is_life_safety(spec.key, marked=spec.life_safety)
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
