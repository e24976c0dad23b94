"""HTTP of rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.models import Asset, Point
from server.assets.profiles import shipped_profiles
from server.db import RowId
from server.forms.typed_points import TYPED_DEVICE
from server.identity.access import Admin, Viewer
from server.rules import service
from server.rules.listing import Standing, Wanted, find_rules, read_rules
from server.rules.models import Rule
from server.rules.schemas import RuleCreate, RuleDetail, RuleRead, RuleUpdate, RuleVersionRead
from server.rules.versions import versions_of
from server.web.paging import Limit, Offset, Page, next_offset
from server.web.requests import Now, ReadSession, WriteSession

router = APIRouter(tags=["rules"])

RuleId = Annotated[RowId, Path()]


@router.get("/rules", response_model=Page[RuleRead])
def list_rules(
    *,
    _user: Viewer,
    session: ReadSession,
    profile: Annotated[str | None, Query(max_length=64)] = None,
    asset: Annotated[RowId | None, Query(description="Those that watch this asset")] = None,
    q: Annotated[str | None, Query(max_length=100, description="Part of a name or key")] = None,
    standing: Annotated[
        Standing | None, Query(description="broken: cannot be used, or judged on some asset")
    ] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Page[RuleRead]:
    """Rules by profile and key."""
    wanted = Wanted(profile=profile, asset_id=asset, text=q, standing=standing)
    items, total = find_rules(session, wanted, limit=limit, offset=offset)
    return Page(items=items, total=total, next=next_offset(offset, len(items), total))


@router.get("/rules/{rule_id}", response_model=RuleDetail)
def read_rule(_user: Viewer, session: ReadSession, rule_id: RuleId) -> RuleDetail:
    """One rule with what it said before."""
    return _detail(session, service.get_rule(session, rule_id))


@router.patch("/rules/{rule_id}", response_model=RuleDetail)
def update_rule(
    user: Admin, session: WriteSession, now: Now, rule_id: RuleId, wanted: RuleUpdate
) -> RuleDetail:
    """Change a rule; each change is a new version. 422 invalid_condition names what is wrong, by path."""
    rule = service.get_rule(session, rule_id)
    service.update_rule(
        session,
        rule_id,
        now=now,
        actor=user.actor,
        wanted=wanted,
        kinds=kinds_of(session, rule.profile, rule.asset_id),
    )
    session.flush()
    return _detail(session, rule)


@router.post("/rules", response_model=RuleDetail, status_code=201)
def create_rule(user: Admin, session: WriteSession, now: Now, wanted: RuleCreate) -> RuleDetail:
    """A new rule, switched off. 422 invalid_condition names what is wrong, by path; 409 rule_exists."""
    kinds = kinds_of(session, wanted.profile, wanted.asset_id)
    rule = service.create_rule(session, now=now, actor=user.actor, wanted=wanted, kinds=kinds)
    session.flush()
    return _detail(session, rule)


@router.delete("/rules/{rule_id}", status_code=204)
def remove_rule(
    user: Admin, session: WriteSession, now: Now, rule_id: RuleId, version: Annotated[int, Query(ge=1)]
) -> None:
    """Take a rule of one's own away. 409 rule_of_profile, changed_meanwhile."""
    service.remove_rule(session, rule_id, now=now, actor=user.actor, version=version)


def _detail(session: Session, rule: Rule) -> RuleDetail:
    versions = [RuleVersionRead.model_validate(one) for one in versions_of(session, rule.id)]
    return RuleDetail(**dict(read_rules(session, [rule])[0]), versions=versions)


def kinds_of(session: Session, profile_key: str, asset_id: int | None) -> Mapping[str, str]:
    """Points that the rule's condition may name: of its profile, and what its assets measure besides."""
    profile = shipped_profiles().get(profile_key)
    kinds = {point.key: str(point.kind) for point in profile.points} if profile else {}
    wanted = Asset.profile == profile_key if asset_id is None else Asset.id == asset_id
    rows = session.execute(
        select(Point.key, Point.kind)
        .join(Asset, Asset.id == Point.asset_id)
        .where(wanted, Point.device_id != TYPED_DEVICE)
        .distinct()
    )
    return kinds | {row.key: row.kind for row in rows}
