"""What people do with rules: write, change, switch on and off, take away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.audit.service import Actor
from server.db import note_change
from server.errors import Conflict, Label, NotFound
from server.rules.backtest_seen import DECIDES, require_seen
from server.rules.checking import checked, rules_of_profile
from server.rules.models import Rule
from server.rules.schemas import RuleCreate, RuleUpdate
from server.rules.versions import change, keep_version


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
    _require_version(rule, wanted.version)
    values = wanted.model_dump(exclude_none=True, exclude={"version", "enabled"}, mode="json")
    values |= checked(rule, values, kinds)
    if wanted.enabled is False:
        values["enabled"] = False
    if rule.enabled and wanted.enabled is not False and not values.keys().isdisjoint(DECIDES):
        require_seen(session, rule, values)
    before = {name: getattr(rule, name) for name in values}
    if change(session, rule, {**values, "customised": True, "problem": None}, now=now, actor=actor.name):
        detail = {"before": before, "after": values, "version": rule.version}
        _note(session, rule, "rule.updated", detail, now=now, actor=actor)
    if wanted.enabled and not rule.enabled:
        enable(session, rule, now=now, actor=actor)
    return rule


def create_rule(
    session: Session, *, now: datetime, actor: Actor, wanted: RuleCreate, kinds: Mapping[str, str]
) -> Rule:
    """A new rule, switched off. Raises Invalid with the paths, Conflict where its key is taken there."""
    rule = _free_place(session, wanted)
    values = wanted.model_dump(mode="json", exclude={"key", "profile", "asset_id"})
    values |= checked(rule, values, kinds)
    for name, value in values.items():
        setattr(rule, name, value)
    rule.enabled, rule.customised, rule.removed_at, rule.problem = False, True, None, None
    rule.version, rule.updated_at, rule.updated_by = rule.version + 1, now, actor.name
    session.add(rule)
    session.flush()
    keep_version(session, rule)
    _note(session, rule, "rule.created", {"after": values}, now=now, actor=actor)
    return rule


def remove_rule(session: Session, rule_id: int, *, now: datetime, actor: Actor, version: int) -> None:
    """Take a rule away; its alarms are withdrawn. Raises Conflict for one that comes with its profile."""
    rule = get_rule(session, rule_id)
    _require_version(rule, version)
    if rule.asset_id is None and any(one.get("key") == rule.key for one in rules_of_profile(rule.profile)):
        raise Conflict(
            "This rule comes with the profile: switch it off instead.",
            "该规则随设备类型提供，请改为停用。",
            code="rule_of_profile",
        )
    rule.enabled, rule.removed_at, rule.problem = False, now, None
    rule.version, rule.updated_at, rule.updated_by = rule.version + 1, now, actor.name
    keep_version(session, rule)
    _note(session, rule, "rule.removed", {"key": rule.key}, now=now, actor=actor)


def enable(session: Session, rule: Rule, *, now: datetime, actor: Actor) -> None:
    """Switch a rule on as it is now: the one place that decides whether it may be. Raises Conflict if not."""
    if rule.removed_at is not None:
        raise Conflict("This rule was taken away.", "该规则已被删除。", code="rule_removed")
    require_seen(session, rule)
    if change(session, rule, {"enabled": True, "customised": True}, now=now, actor=actor.name):
        _note(session, rule, "rule.enabled", {"version": rule.version}, now=now, actor=actor)


def get_rule(session: Session, rule_id: int) -> Rule:
    """Raises NotFound."""
    rule = session.get(Rule, rule_id)
    if rule is None or rule.removed_at is not None:
        raise NotFound(f"There is no rule {rule_id}.", f"没有编号为 {rule_id} 的规则。")
    return rule


def report_problems(session: Session, problems: Mapping[int, Label]) -> None:
    """Say on each rule what is wrong with it, and on no other."""
    for rule in session.scalars(select(Rule)):
        problem = problems.get(rule.id)
        if rule.problem != problem:
            rule.problem = problem
            note_change(session, "rules")


def _free_place(session: Session, wanted: RuleCreate) -> Rule:
    """Where it goes: a new row, or that of one that was taken away. Raises Conflict where there is one already."""
    rule = session.scalar(
        select(Rule).where(
            Rule.profile == wanted.profile,
            Rule.key == wanted.key,
            Rule.asset_id.is_not_distinct_from(wanted.asset_id),
        )
    )
    if rule is None:
        return Rule(
            key=wanted.key, profile=wanted.profile, asset_id=wanted.asset_id, version=0, life_safety=False
        )
    if rule.removed_at is None:
        raise Conflict(
            f"There is a rule {wanted.key} for this already.",
            f"此处已有规则 {wanted.key}。",
            code="rule_exists",
            rule=rule.id,
        )
    return rule


def _require_version(rule: Rule, version: int | None) -> None:
    """Raises Conflict where somebody else changed it since ``version``; None: whatever it is now."""
    if version not in (None, rule.version):
        raise Conflict(
            f"{rule.updated_by} has changed this rule meanwhile (version {rule.version}); look at it again.",
            f"{rule.updated_by} 刚刚修改了该规则（版本 {rule.version}），请重新查看。",
            code="changed_meanwhile",
            version=rule.version,
        )


def _note(
    session: Session, rule: Rule, action: str, detail: dict[str, object], *, now: datetime, actor: Actor
) -> None:
    """In the audit trail, and to those who watch."""
    audit.record(session, now=now, actor=actor, action=action, subject=("rule", rule.id), detail=detail)
    note_change(session, "rules")
