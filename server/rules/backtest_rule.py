"""A rule for a back-test from its YAML file: a rule as profiles write it, or only its condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from server.rules.binding import ParsedRule
from server.rules.checking import parse_spec
from server.rules.conditions import InvalidCondition, leaves
from server.rules.schemas import RuleSpec
from server.web.validation import sentence

_KINDS = ("analog", "state", "flags", "counter")


class BadRule(ValueError):
    """The rule cannot be used; the message says where it is wrong."""


def read_rules(path: Path, points: Sequence[str]) -> list[tuple[RuleSpec, ParsedRule]]:
    """The rules of a file: one, a list, or a profile's ``rules``. Raises BadRule.

    A learned condition that names no points takes all of ``points``: together where it looks at several,
    else any of them.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadRule(f"{path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadRule(f"{path.name} is not YAML: {error}") from None
    if isinstance(data, dict) and isinstance(data.get("rules"), list):
        data = data["rules"]
    rules = data if isinstance(data, list) else [data]
    if not rules:
        raise BadRule(f"{path.name} has no rule")
    return [_rule(one, f"{path.name}, rule {number}", points) for number, one in enumerate(rules, 1)]


def _rule(data: object, where: str, points: Sequence[str]) -> tuple[RuleSpec, ParsedRule]:
    if not isinstance(data, dict):
        raise BadRule(f"{where}: a rule is a mapping with `when`")
    whole = dict(data) if "when" in data else {"when": data} if "type" in data else dict(data)
    whole.setdefault("key", "backtest")
    whole.setdefault("severity", "medium")
    name = whole.get("name", whole["key"])
    whole["name"] = {"en": name, "zh": name} if isinstance(name, str) else name
    whole["when"] = _filled(whole.get("when"), points)
    try:
        spec = RuleSpec.model_validate(whole)
        parsed = parse_spec(spec)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadRule(f"{where}: {'.'.join(map(str, first['loc']))}: {sentence(first)['en']}") from None
    except InvalidCondition as error:
        raise BadRule(f"{where}: {error}") from None
    missing = sorted(parsed.needs - set(points))
    if missing:
        raise BadRule(f"{where}: {', '.join(missing)} is not among the points ({', '.join(points)})")
    return spec, parsed


def _filled(when: object, points: Sequence[str]) -> object:
    if not isinstance(when, Mapping):
        return when
    filled = dict(when)
    if isinstance(filled.get("of"), list):
        filled["of"] = [_filled(part, points) for part in filled["of"]]
    if filled.get("type") == "multivariate" and not filled.get("points"):
        filled["points"] = list(points)
    if filled.get("type") in ("baseline", "ewma") and not filled.get("point"):
        of_each = [{**filled, "point": point} for point in points]
        return of_each[0] if len(of_each) == 1 else {"type": "any", "of": of_each}
    return filled


def kinds_of(rules: Sequence[ParsedRule], points: Sequence[str]) -> dict[str, str]:
    """What kind each point must be for the rules to read it. Raises BadRule where two of them disagree."""
    fits = {key: list(_KINDS) for key in points}
    for rule in rules:
        for condition in rule.conditions:
            for _, leaf in leaves(condition):
                for need in leaf.needs():
                    fits[need.key] = [kind for kind in fits[need.key] if kind in need.kinds]
    clash = [key for key, kinds in fits.items() if not kinds]
    if clash:
        raise BadRule(f"{clash[0]} is compared as a number in one place and as a state in another")
    return {key: kinds[0] for key, kinds in fits.items()}
