"""Places to be visited: checkpoints, the tags that mark them, the plans they are drawn on."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.models import Asset, Space
from server.audit.service import Actor
from server.errors import Conflict, Invalid, Label
from server.forms.models import Form
from server.forms.pictures import LARGEST, get_picture, read_image
from server.patrol.checkpoints.models import Checkpoint, FloorPlan, Tag
from server.patrol.house import PatrolHouse
from server.patrol.planning.rows import change, find, record, require_free
from server.patrol.planning.schemas import CheckpointIn, TagIn


def create_checkpoint(session: Session, wanted: CheckpointIn, *, now: datetime, by: Actor) -> Checkpoint:
    """Raises Conflict for a taken key, NotFound for what does not exist."""
    require_free(session, Checkpoint, wanted.key)
    row = Checkpoint(**_checkpoint_values(session, wanted))
    session.add(row)
    session.flush()
    record(session, "checkpoint.created", ("checkpoint", row.id), {"key": row.key}, now=now, by=by)
    return row


def change_checkpoint(
    session: Session, row: Checkpoint, wanted: CheckpointIn, *, now: datetime, by: Actor
) -> Checkpoint:
    """All of it anew. Raises Conflict, NotFound."""
    if wanted.key != row.key:
        require_free(session, Checkpoint, wanted.key)
    change(session, row, _checkpoint_values(session, wanted), "checkpoint", now=now, by=by)
    return row


def retire_checkpoint(session: Session, row: Checkpoint, *, now: datetime, by: Actor) -> Checkpoint:
    """It is not visited any more, and its tags prove nothing."""
    if row.retired_at is None:
        row.retired_at = now
        for tag in session.scalars(select(Tag).where(Tag.checkpoint_id == row.id, Tag.revoked_at.is_(None))):
            tag.revoked_at, tag.revoked_reason = now, "checkpoint retired"
        record(session, "checkpoint.retired", ("checkpoint", row.id), {}, now=now, by=by)
    return row


def create_tag(session: Session, house: PatrolHouse, wanted: TagIn, *, now: datetime, by: Actor) -> Tag:
    """A tag for a checkpoint; its code is drawn. Raises NotFound, Conflict for a chip that is in use."""
    checkpoint = find(session, Checkpoint, wanted.checkpoint_id)
    uid = wanted.uid.upper() if wanted.uid else None
    if uid is not None and session.scalar(select(Tag.id).where(Tag.uid == uid)) is not None:
        raise Conflict("This chip is a tag already.", "该芯片已登记为标签。", code="uid_taken")
    row = Tag(
        code=house.keys.new_code(),
        checkpoint_id=checkpoint.id,
        kind=wanted.kind,
        uid=uid,
        mac_covers=wanted.mac_covers,
        created_at=now,
    )
    session.add(row)
    session.flush()
    detail: dict[str, object] = {"checkpoint": checkpoint.id, "kind": wanted.kind}
    record(session, "tag.created", ("tag", row.id), detail, now=now, by=by)
    return row


def revoke_tag(session: Session, tag: Tag, *, now: datetime, by: Actor, reason: str) -> Tag:
    """It proves nothing from now on."""
    if tag.revoked_at is None:
        tag.revoked_at, tag.revoked_reason = now, reason
        record(session, "tag.revoked", ("tag", tag.id), {"reason": reason}, now=now, by=by)
    return tag


def add_plan(
    session: Session,
    *,
    now: datetime,
    by: Actor,
    space_id: int,
    name: Label,
    image: bytes,
    millimetres_a_pixel: int | None,
) -> FloorPlan:
    """The picture of a floor. Raises Invalid for what is no picture or too large, NotFound for the space."""
    find(session, Space, space_id)
    if len(image) > LARGEST:
        raise Invalid("A plan has 1 MB at most.", "平面图不能超过 1 MB。", code="too_large")
    media_type, width, height = read_image(image)
    row = FloorPlan(
        space_id=space_id,
        name=name,
        media_type=media_type,
        width=width,
        height=height,
        millimetres_a_pixel=millimetres_a_pixel,
        sha256=hashlib.sha256(image).hexdigest(),
        image=image,
        created_at=now,
    )
    session.add(row)
    session.flush()
    record(session, "plan.added", ("plan", row.id), {"space": space_id}, now=now, by=by)
    return row


def _checkpoint_values(session: Session, wanted: CheckpointIn) -> dict[str, object]:
    site_id = _site_above(session, find(session, Space, wanted.space_id))
    for kind, row_id in ((Asset, wanted.asset_id), (Form, wanted.form_id), (FloorPlan, wanted.plan_id)):
        if row_id is not None:
            find(session, kind, row_id)
    if wanted.photo_id is not None:
        get_picture(session, wanted.photo_id)
    return {**wanted.model_dump(), "site_id": site_id}


def _site_above(session: Session, space: Space) -> int:
    current = space
    while current.parent_id is not None:
        current = find(session, Space, current.parent_id)
    return current.id


def image_url(plan: FloorPlan) -> str:
    """Changes with the picture, so that it may be kept for ever."""
    return f"/api/v1/patrol/plans/{plan.id}/image?v={plan.sha256[:12]}"
