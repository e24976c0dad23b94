"""All that a phone needs for a shift without signal."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.assets import queries as asset_queries
from server.assets.models import Space
from server.clock import to_ms
from server.errors import Label
from server.forms.models import Form
from server.forms.pictures import address_of
from server.identity.models import User
from server.identity.person import CurrentUser
from server.patrol.checkpoints.models import Checkpoint, FloorPlan, Tag
from server.patrol.checkpoints.policy import Policy, policies
from server.patrol.on_site.models import Finding, Handover
from server.patrol.on_site.schemas import FindingRead
from server.patrol.phone.schemas import (
    BundleCall,
    BundleCheckpoint,
    BundleHandover,
    BundlePerson,
    BundlePlan,
    BundleRead,
    BundleRound,
    BundleSite,
    FormRead,
    PlanSpot,
)
from server.patrol.planning.places import image_url
from server.patrol.rounds.calling import open_calls
from server.patrol.rounds.models import Round, RoundLeg
from server.patrol.rounds.schemas import leg_read
from server.patrol.rounds.whose import rounds_for, sites_among, teams_of

HANDOVERS = timedelta(days=3)
MOST_FINDINGS = 500


def read(session: Session, *, now: datetime, user: CurrentUser) -> BundleRead:
    """The bundle of one person: their rounds and those their team may take, with all that belongs to them."""
    teams = teams_of(session, user.id)
    rounds = rounds_for(session, now=now, user=user, teams=teams)
    legs = _legs(session, [found.id for found in rounds])
    sites = sites_among(session, rounds, teams)
    wanted = {leg.checkpoint_id for several in legs.values() for leg in several}
    checkpoints = session.scalars(
        select(Checkpoint)
        .where(or_(Checkpoint.id.in_(wanted), Checkpoint.site_id.in_(sites)), Checkpoint.retired_at.is_(None))
        .order_by(Checkpoint.id)
    ).all()
    known = policies(session)
    return BundleRead(
        server_ms=to_ms(now),
        user=BundlePerson(id=user.id, name=user.name, display_name=user.display_name, role=user.role),
        sites=[_site(space, known.get(space.id, Policy())) for space in _spaces(session, sites)],
        rounds=[_round(found, legs.get(found.id, [])) for found in rounds],
        checkpoints=_checkpoints(session, checkpoints),
        plans=_plans(session, {row.plan_id for row in checkpoints if row.plan_id is not None}),
        handover=_handovers(session, sites, now=now),
        findings=_findings(session, sites),
        calls=[BundleCall.model_validate(row) for row in open_calls(session, user.id, now=now)],
    )


def etag_of(bundle: BundleRead) -> str:
    """Changes when anything but the time of asking changes."""
    content = bundle.model_copy(update={"server_ms": 0}).model_dump_json()
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def form_read(form: Form) -> FormRead:
    return FormRead.model_validate(
        {"id": form.id, "key": form.key, "name": form.name, "version": form.version, "items": form.items}
    )


def _legs(session: Session, round_ids: Collection[int]) -> dict[int, list[RoundLeg]]:
    legs: dict[int, list[RoundLeg]] = {}
    rows = session.scalars(
        select(RoundLeg)
        .where(RoundLeg.round_id.in_(round_ids))
        .order_by(RoundLeg.round_id, RoundLeg.position)
    )
    for leg in rows:
        legs.setdefault(leg.round_id, []).append(leg)
    return legs


def _spaces(session: Session, ids: Collection[int]) -> list[Space]:
    return list(session.scalars(select(Space).where(Space.id.in_(ids)).order_by(Space.id)))


def _site(space: Space, policy: Policy) -> BundleSite:
    return BundleSite(
        id=space.id,
        name=space.name,
        time_zone=space.time_zone or "UTC",
        policy=policy,
        emergency=[line.model_dump() for line in policy.emergency],
    )


def _round(found: Round, legs: list[RoundLeg]) -> BundleRound:
    return BundleRound(
        id=found.id,
        kind=found.kind,
        site_id=found.site_id,
        route_id=found.route_id,
        name=found.name,
        starts_at=found.starts_at,
        window_ends_at=found.window_ends_at,
        order=found.walk,
        state=found.state,
        user_id=found.user_id,
        started_at=found.started_at,
        finished_at=found.finished_at,
        cause=found.cause,
        legs=[leg_read(leg) for leg in legs],
    )


def _checkpoints(session: Session, rows: Collection[Checkpoint]) -> list[BundleCheckpoint]:
    places = asset_queries.places(session)
    form_ids = {row.form_id for row in rows if row.form_id is not None}
    forms = {form.id: form for form in session.scalars(select(Form).where(Form.id.in_(form_ids)))}
    codes: dict[int, list[str]] = {}
    tags = session.execute(
        select(Tag.checkpoint_id, Tag.code).where(
            Tag.checkpoint_id.in_([row.id for row in rows]), Tag.revoked_at.is_(None)
        )
    )
    for checkpoint_id, code in tags:
        codes.setdefault(checkpoint_id, []).append(code)
    return [
        _checkpoint(row, places.get(row.space_id, []), forms, sorted(codes.get(row.id, []))) for row in rows
    ]


def _checkpoint(
    row: Checkpoint, place: list[Label], forms: dict[int, Form], codes: list[str]
) -> BundleCheckpoint:
    spot = None
    if row.plan_id is not None and row.x is not None and row.y is not None:
        spot = PlanSpot(id=row.plan_id, x=row.x, y=row.y)
    form = forms.get(row.form_id or 0)
    return BundleCheckpoint(
        id=row.id,
        key=row.key,
        name=row.name,
        site_id=row.site_id,
        space=place,
        floor=row.floor,
        lat_e7=row.lat_e7,
        lng_e7=row.lng_e7,
        plan=spot,
        asset_id=row.asset_id,
        photo_url=address_of(row.photo_id),
        instructions=row.instructions,
        form=form_read(form) if form is not None else None,
        dwell_s=row.dwell_s,
        least_tag=row.least_tag,
        tag_codes=codes,
    )


def _plans(session: Session, ids: Collection[int]) -> list[BundlePlan]:
    rows = session.scalars(select(FloorPlan).where(FloorPlan.id.in_(ids)).order_by(FloorPlan.id))
    return [
        BundlePlan(id=row.id, name=row.name, image_url=image_url(row), width=row.width, height=row.height)
        for row in rows
    ]


def _handovers(session: Session, sites: Collection[int], *, now: datetime) -> list[BundleHandover]:
    rows = session.execute(
        select(Handover, User.display_name)
        .join(User, User.id == Handover.user_id)
        .where(Handover.site_id.in_(sites), Handover.at > now - HANDOVERS)
        .order_by(Handover.at.desc())
        .limit(100)
    )
    return [
        BundleHandover(
            id=row.id, site_id=row.site_id, at=row.at, by=name, text=row.text, photo_ids=row.photo_ids
        )
        for row, name in rows
    ]


def _findings(session: Session, sites: Collection[int]) -> list[FindingRead]:
    rows = session.scalars(
        select(Finding)
        .where(Finding.site_id.in_(sites), Finding.fixed_at.is_(None))
        .order_by(Finding.at.desc())
        .limit(MOST_FINDINGS)
    )
    return [FindingRead.model_validate(row) for row in rows]
