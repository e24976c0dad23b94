"""The rules that come with profiles: checked as a whole, and brought into the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.profiles import Profile
from server.db import note_change
from server.errors import Label
from server.rules import safety
from server.rules.checking import parse_spec
from server.rules.conditions import InvalidCondition
from server.rules.models import Rule
from server.rules.problems import at
from server.rules.schemas import RuleSpec
from server.rules.versions import change, keep_version
from server.web.validation import sentence

PROFILE_ACTOR = "profile"


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
        except (ValidationError, InvalidCondition) as error:
            problems += [f"{where}: {problem['en']}" for problem in _what_is_wrong(error)]
            continue
        specs.append(spec)
        if safety.is_life_safety(spec.key, marked=spec.life_safety) and spec.on_delay_s > 0:
            problems.append(f"{where}: on_delay_s: {safety.NO_ON_DELAY['en']}")
    twice = {spec.key for spec in specs if sum(other.key == spec.key for other in specs) > 1}
    problems += [f"{profile.key}: rule {key} stands here twice" for key in sorted(twice)]
    if problems:
        raise BrokenProfileRules(problems)
    return specs


def _what_is_wrong(error: ValidationError | InvalidCondition) -> Sequence[Label]:
    if isinstance(error, InvalidCondition):
        return error.problems
    return [at(".".join(str(part) for part in one["loc"]), sentence(one)) for one in error.errors()]


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
            changed += change(session, rule, {"enabled": False}, now=now, actor=PROFILE_ACTOR)
    if changed:
        note_change(session, "rules")
    return changed


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
        keep_version(session, rule)
        return 1
    if rule.customised:
        return 0
    return change(session, rule, values, now=now, actor=PROFILE_ACTOR)
