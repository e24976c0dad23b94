"""Whether a rule may say what it says: its condition fits its points, and life safety never waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from server.assets.profiles import shipped_profiles
from server.errors import Invalid
from server.rules import safety
from server.rules.binding import ParsedRule, parse_rule
from server.rules.conditions import InvalidCondition, parse
from server.rules.models import Rule
from server.rules.schemas import RuleSpec


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


def checked(rule: Rule, values: Mapping[str, object], kinds: Mapping[str, str]) -> dict[str, object]:
    """What becomes of ``values`` once understood; raises Invalid naming what is wrong by path."""
    changed: dict[str, object] = {}
    if "condition" in values or "steps" in values:
        parsed = _understood(rule, values, kinds)
        if "condition" in values:
            changed["condition"] = parsed.condition.model_dump(mode="json", exclude_defaults=True)
        if safety.shows(parsed.condition, _emergencies(rule.profile)):
            changed["life_safety"] = True
    marked = bool(changed.get("life_safety") or values.get("life_safety", rule.life_safety))
    if safety.is_life_safety(rule.key, marked=marked):
        changed["life_safety"] = True
        if float(str(values.get("on_delay_s", rule.on_delay_s))) > 0:
            raise Invalid(safety.NO_ON_DELAY["en"], safety.NO_ON_DELAY["zh"], code="life_safety_never_waits")
    return changed


def _understood(rule: Rule, values: Mapping[str, object], kinds: Mapping[str, str]) -> ParsedRule:
    """The condition and steps that the rule would have, checked against its points."""
    steps = cast("Sequence[Mapping[str, object]]", values.get("steps", rule.steps) or [])
    try:
        parsed = parse_rule(values.get("condition", rule.condition), steps=steps)
        parsed.check(kinds)
    except InvalidCondition as error:
        raise refused(error) from error
    return parsed


def refused(error: InvalidCondition) -> Invalid:
    """The answer to a condition that cannot be used."""
    return Invalid(
        f"The condition is not valid: {error.label['en']}",
        f"条件无效：{error.label['zh']}",
        code="invalid_condition",
        problems=error.problems,
    )


def _emergencies(profile: str) -> frozenset[safety.Sign]:
    rules = [
        one
        for one in rules_of_profile(profile)
        if safety.is_life_safety(str(one.get("key")), marked=one.get("life_safety") is True)
    ]
    return safety.signs(parse(one["when"]) for one in rules)


def rules_of_profile(profile: str) -> Sequence[Mapping[str, object]]:
    """As its file writes them; none for a profile that does not ship."""
    known = shipped_profiles().get(profile)
    return known.rules if known is not None else []
