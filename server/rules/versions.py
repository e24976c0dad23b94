"""What a rule said at each time: every change is a version that is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.rules.models import Rule, RuleVersion

BODY = (
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


def change(session: Session, rule: Rule, values: Mapping[str, object], *, now: datetime, actor: str) -> int:
    """1 where one of the values differs from before and a new version was kept, else 0."""
    if all(getattr(rule, name) == value for name, value in values.items() if name in BODY):
        return 0
    for name, value in values.items():
        setattr(rule, name, value)
    rule.version += 1
    rule.updated_at, rule.updated_by = now, actor
    keep_version(session, rule)
    return 1


def keep_version(session: Session, rule: Rule) -> None:
    session.add(
        RuleVersion(
            rule_id=rule.id,
            version=rule.version,
            at=rule.updated_at,
            actor=rule.updated_by,
            body={name: getattr(rule, name) for name in BODY},
        )
    )


def versions_of(session: Session, rule_id: int) -> Sequence[RuleVersion]:
    """What the rule said, newest first."""
    return session.scalars(
        select(RuleVersion)
        .where(RuleVersion.rule_id == rule_id)
        .order_by(RuleVersion.version.desc())
        .limit(100)
    ).all()
