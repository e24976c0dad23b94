"""A rule goes live only once somebody has seen what it would have raised."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import Conflict
from server.rules.backtest import learned_of
from server.rules.backtest_models import BacktestSeen, LearnedModel
from server.rules.binding import parse_rule
from server.rules.conditions import InvalidCondition
from server.rules.models import Rule

DECIDES = ("condition", "on_delay_s", "off_delay_s", "steps")
"""The fields of a rule on which it depends when it raises and for how long."""


def fingerprint(body: Mapping[str, object]) -> str:
    """The same for two rules that raise the same alarms at the same times."""
    text = json.dumps(_canonical({name: body.get(name) for name in DECIDES}), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def body_of(rule: Rule) -> dict[str, object]:
    """What decides about a rule's alarms, as it is now."""
    return {name: getattr(rule, name) for name in (*DECIDES, "severity", "remind_s")}


def require_seen(session: Session, rule: Rule, changes: Mapping[str, object] | None = None) -> None:
    """Raises Conflict unless somebody saw a back-test of the rule with these changes, and it is trained."""
    body = {**body_of(rule), **(changes or {})}
    wanted = fingerprint(body)
    seen = session.scalar(
        select(BacktestSeen.id)
        .where(BacktestSeen.rule_id == rule.id, BacktestSeen.fingerprint == wanted)
        .limit(1)
    )
    if seen is None:
        raise Conflict(
            "Nobody has seen a back-test of this rule as it is now: run one and look at it first.",
            "尚无人查看过该规则当前内容的回测结果：请先运行回测并查看。",
            code="backtest_not_seen",
            rule=rule.id,
        )
    _require_trained(session, rule, body)


def _require_trained(session: Session, rule: Rule, body: Mapping[str, object]) -> None:
    try:
        needed = learned_of(parse_rule(body["condition"]))
    except InvalidCondition:
        return
    if not needed:
        return
    active = set(
        session.scalars(select(LearnedModel.name).where(LearnedModel.rule_id == rule.id, LearnedModel.active))
    )
    missing = sorted(needed.keys() - active)
    if missing:
        raise Conflict(
            f"This rule learns, and no trained model is in use for {missing[0]}: train one and put it to use.",
            f"该规则需要训练，{missing[0]} 尚无启用的模型：请先训练并启用。",
            code="not_trained",
            rule=rule.id,
        )


def _canonical(value: object) -> object:
    """Whole numbers and floats are one; what is null or not said is one."""
    if isinstance(value, Mapping):
        return {str(key): _canonical(part) for key, part in value.items() if part is not None}
    if isinstance(value, list | tuple):
        return [_canonical(part) for part in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
