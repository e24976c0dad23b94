"""Finding rules: by type, asset, words, and how they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from server.alarms.queries import asset_refs
from server.assets.models import Asset
from server.rules.models import Rule
from server.rules.schemas import RuleFields, RuleRead

Standing = Literal["on", "off", "broken"]


class Wanted(NamedTuple):
    """Which rules to list; None leaves a side open."""

    profile: str | None = None
    asset_id: int | None = None
    """Those that watch this asset: its own, and its type's that none of its own stands in for."""
    text: str | None = None
    standing: Standing | None = None


def find_rules(session: Session, wanted: Wanted, *, limit: int, offset: int) -> tuple[list[RuleRead], int]:
    """(rules by type and key, how many match)."""
    matching = list(_matching(wanted))
    found = select(Rule).outerjoin(Asset, Asset.id == Rule.asset_id).where(*matching)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    page = found.order_by(Rule.profile, Rule.key, Rule.id).limit(limit).offset(offset)
    return read_rules(session, session.scalars(page).all()), total


def read_rules(session: Session, rules: Sequence[Rule]) -> list[RuleRead]:
    """Rules as people read them, in the order given."""
    assets = asset_refs(session, {rule.asset_id for rule in rules if rule.asset_id is not None})
    return [
        RuleRead(**dict(RuleFields.model_validate(rule)), asset=assets.get(rule.asset_id or 0))
        for rule in rules
    ]


def _matching(wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    yield Rule.removed_at.is_(None)
    if wanted.profile is not None:
        yield Rule.profile == wanted.profile
    if wanted.asset_id is not None:
        yield _watches(wanted.asset_id)
    if wanted.standing == "broken":
        yield Rule.problem.is_not(None)
    elif wanted.standing is not None:
        yield Rule.enabled == (wanted.standing == "on")
    if wanted.text:
        yield _named(wanted.text)


def _watches(asset_id: int) -> ColumnElement[bool]:
    own = aliased(Rule)
    stands_in = select(own.id).where(
        own.asset_id == asset_id, own.key == Rule.key, own.enabled, own.removed_at.is_(None)
    )
    profile = select(Asset.profile).where(Asset.id == asset_id).scalar_subquery()
    of_type = and_(Rule.asset_id.is_(None), Rule.profile == profile, ~stands_in.exists())
    return or_(Rule.asset_id == asset_id, of_type)


def _named(text: str) -> ColumnElement[bool]:
    """Part of its name or key, or of the name of the asset that it is on."""
    said = [Rule.name, Asset.name]
    names = [name[language].as_string() for name in said for language in ("en", "zh")]
    return or_(*(name.icontains(text, autoescape=True) for name in (Rule.key, *names)))
