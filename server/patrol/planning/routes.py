"""HTTP of planning: checkpoints, tags, floor plans, what a site decided."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets import queries as asset_queries
from server.assets.models import Space
from server.audit import service as audit
from server.db import RowId
from server.errors import Label, NotFound
from server.identity.access import Admin, Engineer, Guard
from server.patrol.checkpoints.models import Checkpoint, FloorPlan, Tag
from server.patrol.checkpoints.policy import Policy, policies
from server.patrol.planning import labels, places
from server.patrol.planning import service as planning
from server.patrol.planning.rows import find
from server.patrol.planning.schemas import (
    CheckpointDetail,
    CheckpointIn,
    CheckpointRead,
    PlanRead,
    PolicyChange,
    RevokeTag,
    SitePolicy,
    TagIn,
    TagRead,
)
from server.patrol.requests import House
from server.web.paging import Page
from server.web.requests import Now, ReadSession, WriteSession

router = APIRouter(tags=["patrol planning"])

Id = Annotated[RowId, Path()]
SiteQuery = Annotated[RowId | None, Query(description="Only of this site")]


@router.get("/patrol/policies", response_model=Page[SitePolicy])
def list_patrol_policies(_user: Engineer, session: ReadSession) -> Page[SitePolicy]:
    """What each site decided about its rounds."""
    known = policies(session)
    sites = session.scalars(select(Space).where(Space.kind == "site").order_by(Space.id))
    items = [SitePolicy(site_id=row.id, name=row.name, policy=known.get(row.id, Policy())) for row in sites]
    return Page(items=items, total=len(items), next=None)


@router.put("/patrol/policies/{site_id}", response_model=SitePolicy)
def set_patrol_policy(
    user: Admin, session: WriteSession, now: Now, site_id: Annotated[RowId, Path()], wanted: Policy
) -> SitePolicy:
    """What a site decides, all of it anew."""
    planning.set_policy(session, site_id, wanted, now=now, by=user.actor)
    return SitePolicy(site_id=site_id, name=find(session, Space, site_id).name, policy=wanted)


@router.get("/patrol/policies/{site_id}/changes", response_model=list[PolicyChange])
def list_policy_changes(
    _user: Engineer, session: ReadSession, site_id: Annotated[RowId, Path()]
) -> list[PolicyChange]:
    """Who changed what of it, newest first, 50 at most; from the audit trail, so that none can be left out."""
    find(session, Space, site_id)
    rows, _ = audit.find(
        session,
        action=planning.POLICY_CHANGED,
        subject_type="space",
        subject_id=str(site_id),
        before_id=None,
        limit=50,
    )
    return [
        PolicyChange.model_validate({"at": row.at, "by": row.actor, "changes": row.detail}) for row in rows
    ]


@router.get("/patrol/checkpoints", response_model=Page[CheckpointDetail])
def list_checkpoints(_user: Guard, session: ReadSession, site: SiteQuery = None) -> Page[CheckpointDetail]:
    """The checkpoints in use, with their tags."""
    rows = select(Checkpoint).where(Checkpoint.retired_at.is_(None)).order_by(Checkpoint.key)
    if site is not None:
        rows = rows.where(Checkpoint.site_id == site)
    items = _details(session, list(session.scalars(rows)))
    return Page(items=items, total=len(items), next=None)


@router.get("/patrol/checkpoints/{row_id}", response_model=CheckpointDetail)
def read_checkpoint(_user: Guard, session: ReadSession, row_id: Id) -> CheckpointDetail:
    """One checkpoint with its tags."""
    return _details(session, [find(session, Checkpoint, row_id)])[0]


@router.post("/patrol/checkpoints", response_model=CheckpointDetail, status_code=201)
def create_checkpoint(
    user: Engineer, session: WriteSession, now: Now, wanted: CheckpointIn
) -> CheckpointDetail:
    """A new place to be visited."""
    return _details(session, [places.create_checkpoint(session, wanted, now=now, by=user.actor)])[0]


@router.put("/patrol/checkpoints/{row_id}", response_model=CheckpointDetail)
def change_checkpoint(
    user: Engineer, session: WriteSession, now: Now, row_id: Id, wanted: CheckpointIn
) -> CheckpointDetail:
    """All of it anew."""
    row = find(session, Checkpoint, row_id)
    return _details(session, [places.change_checkpoint(session, row, wanted, now=now, by=user.actor)])[0]


@router.delete("/patrol/checkpoints/{row_id}", response_model=CheckpointDetail)
def retire_checkpoint(user: Engineer, session: WriteSession, now: Now, row_id: Id) -> CheckpointDetail:
    """It is not visited any more; what happened there stays."""
    row = find(session, Checkpoint, row_id)
    return _details(session, [places.retire_checkpoint(session, row, now=now, by=user.actor)])[0]


@router.get("/patrol/tags", response_model=Page[TagRead])
def list_tags(_user: Engineer, session: ReadSession) -> Page[TagRead]:
    """All tags, revoked ones as well; never their keys."""
    items = [TagRead.model_validate(row) for row in session.scalars(select(Tag).order_by(Tag.id))]
    return Page(items=items, total=len(items), next=None)


@router.post("/patrol/tags", response_model=TagRead, status_code=201)
def create_tag(user: Engineer, session: WriteSession, house: House, now: Now, wanted: TagIn) -> TagRead:
    """A tag for a checkpoint. Its label is printed by ``plantroom labels``."""
    return TagRead.model_validate(places.create_tag(session, house, wanted, now=now, by=user.actor))


@router.post("/patrol/tags/{row_id}/revoke", response_model=TagRead)
def revoke_tag(user: Engineer, session: WriteSession, now: Now, row_id: Id, wanted: RevokeTag) -> TagRead:
    """Lost, damaged or copied: it proves nothing from now on."""
    tag = find(session, Tag, row_id)
    return TagRead.model_validate(
        places.revoke_tag(session, tag, now=now, by=user.actor, reason=wanted.reason)
    )


@router.get("/patrol/labels.pdf", response_class=Response)
def read_labels(_user: Engineer, session: ReadSession, house: House, site: SiteQuery = None) -> Response:
    """The labels of all printed tags in use, as A4 pages."""
    found = labels.stickers(session, house, site_id=site)
    if not found:
        raise NotFound("There is no tag to print a label for.", "没有需要打印标签的巡更点。")
    headers = {"content-disposition": 'attachment; filename="labels.pdf"', "cache-control": "no-store"}
    return Response(labels.pdf(found), media_type="application/pdf", headers=headers)


@router.get("/patrol/plans", response_model=Page[PlanRead])
def list_floor_plans(_user: Guard, session: ReadSession) -> Page[PlanRead]:
    """The pictures of floors."""
    items = [_plan(row) for row in session.scalars(select(FloorPlan).order_by(FloorPlan.id))]
    return Page(items=items, total=len(items), next=None)


@router.post("/patrol/plans", response_model=PlanRead, status_code=201)
def add_floor_plan(
    *,
    user: Engineer,
    session: WriteSession,
    now: Now,
    space_id: Annotated[RowId, Query()],
    en: Annotated[str, Query(min_length=1, max_length=200)],
    zh: Annotated[str, Query(min_length=1, max_length=200)],
    millimetres_a_pixel: Annotated[int | None, Query(ge=1, le=10_000)] = None,
    image: Annotated[bytes, Body(media_type="application/octet-stream")],
) -> PlanRead:
    """Add a picture (JPEG, PNG or WebP, 1 MB at most) as the raw body."""
    row = places.add_plan(
        session,
        now=now,
        by=user.actor,
        space_id=space_id,
        name=Label(en=en, zh=zh),
        image=image,
        millimetres_a_pixel=millimetres_a_pixel,
    )
    return _plan(row)


@router.get("/patrol/plans/{row_id}/image", response_class=Response)
def read_floor_plan_image(_user: Guard, session: ReadSession, row_id: Id) -> Response:
    """The picture itself; its address changes with it."""
    row = find(session, FloorPlan, row_id)
    headers = {"cache-control": "private, max-age=31536000, immutable"}
    return Response(row.image, media_type=row.media_type, headers=headers)


def _details(session: Session, rows: list[Checkpoint]) -> list[CheckpointDetail]:
    places = asset_queries.places(session)
    tags: dict[int, list[TagRead]] = {}
    ids = [row.id for row in rows]
    for tag in session.scalars(select(Tag).where(Tag.checkpoint_id.in_(ids)).order_by(Tag.id)):
        tags.setdefault(tag.checkpoint_id, []).append(TagRead.model_validate(tag))
    return [
        CheckpointDetail(
            **CheckpointRead.model_validate(row).model_dump(),
            place=places.get(row.space_id, []),
            tags=tags.get(row.id, []),
        )
        for row in rows
    ]


def _plan(row: FloorPlan) -> PlanRead:
    return PlanRead(
        id=row.id,
        space_id=row.space_id,
        name=row.name,
        image_url=places.image_url(row),
        width=row.width,
        height=row.height,
        millimetres_a_pixel=row.millimetres_a_pixel,
    )
