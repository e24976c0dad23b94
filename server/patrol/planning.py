"""The verbs of planning: checkpoints, tags, floor plans, routes, schedules, what a site decided."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.assets.models import Asset, Space
from server.audit import service as audit
from server.audit.service import Actor
from server.db import Base, note_change
from server.errors import Conflict, Invalid, Label, NotFound
from server.forms.models import Form
from server.forms.pictures import LARGEST, get_picture, read_image
from server.identity.models import User
from server.patrol import making
from server.patrol.house import PatrolHouse
from server.patrol.models import Checkpoint, FloorPlan, PatrolSite, Route, RouteLeg, Schedule, Tag
from server.patrol.planning_schemas import CheckpointIn, RouteIn, ScheduleIn, TagIn
from server.patrol.policy import Policy
from server.patrol.schedule import check_table
from server.shifts.models import Team

M = TypeVar("M", bound=Base)
POLICY_CHANGED = "patrol.policy_changed"


def set_policy(session: Session, site_id: int, policy: Policy, *, now: datetime, by: Actor) -> None:
    """What a site decides. Raises NotFound, Invalid for a walk of a fire watch on another site."""
    space = find(session, Space, site_id)
    if space.kind != "site":
        raise NotFound(f"There is no site {site_id}.", f"没有编号为 {site_id} 的项目。")
    walk = policy.fire_watch_route_id
    if walk is not None and find(session, Route, walk).site_id != site_id:
        raise Invalid(
            "The walk of a fire watch is on another site.", "消防巡查路线属于其他项目。", code="other_site"
        )
    row = session.get(PatrolSite, site_id)
    before = Policy.model_validate(row.policy) if row is not None else Policy()
    values: dict[str, object] = policy.model_dump(mode="json")
    if row is None:
        session.add(PatrolSite(site_id=site_id, policy=values))
    else:
        row.policy = values
    old = before.model_dump(mode="json")
    changed = {key: [old[key], value] for key, value in values.items() if old[key] != value}
    if changed:
        _record(session, POLICY_CHANGED, ("space", site_id), changed, now=now, by=by)


def create_checkpoint(session: Session, wanted: CheckpointIn, *, now: datetime, by: Actor) -> Checkpoint:
    """Raises Conflict for a taken key, NotFound for what does not exist."""
    _require_free(session, Checkpoint, wanted.key)
    row = Checkpoint(**_checkpoint_values(session, wanted))
    session.add(row)
    session.flush()
    _record(session, "checkpoint.created", ("checkpoint", row.id), {"key": row.key}, now=now, by=by)
    return row


def change_checkpoint(
    session: Session, row: Checkpoint, wanted: CheckpointIn, *, now: datetime, by: Actor
) -> Checkpoint:
    """All of it anew. Raises Conflict, NotFound."""
    if wanted.key != row.key:
        _require_free(session, Checkpoint, wanted.key)
    _set(session, row, _checkpoint_values(session, wanted), "checkpoint", now=now, by=by)
    return row


def retire_checkpoint(session: Session, row: Checkpoint, *, now: datetime, by: Actor) -> Checkpoint:
    """It is not visited any more, and its tags prove nothing."""
    if row.retired_at is None:
        row.retired_at = now
        for tag in session.scalars(select(Tag).where(Tag.checkpoint_id == row.id, Tag.revoked_at.is_(None))):
            tag.revoked_at, tag.revoked_reason = now, "checkpoint retired"
        _record(session, "checkpoint.retired", ("checkpoint", row.id), {}, now=now, by=by)
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
    _record(session, "tag.created", ("tag", row.id), detail, now=now, by=by)
    return row


def revoke_tag(session: Session, tag: Tag, *, now: datetime, by: Actor, reason: str) -> Tag:
    """It proves nothing from now on."""
    if tag.revoked_at is None:
        tag.revoked_at, tag.revoked_reason = now, reason
        _record(session, "tag.revoked", ("tag", tag.id), {"reason": reason}, now=now, by=by)
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
    _record(session, "plan.added", ("plan", row.id), {"space": space_id}, now=now, by=by)
    return row


def create_route(session: Session, wanted: RouteIn, *, now: datetime, by: Actor) -> Route:
    """Raises Conflict, Invalid, NotFound."""
    _require_free(session, Route, wanted.key)
    _check_legs(session, wanted)
    row = Route(key=wanted.key, name=wanted.name, site_id=wanted.site_id, walk=wanted.walk)
    session.add(row)
    session.flush()
    _write_legs(session, row, wanted)
    _record(session, "route.created", ("route", row.id), {"key": row.key}, now=now, by=by)
    return row


def change_route(session: Session, row: Route, wanted: RouteIn, *, now: datetime, by: Actor) -> Route:
    """All of it anew; rounds that did not begin follow. Raises Conflict, Invalid, NotFound."""
    if wanted.key != row.key:
        _require_free(session, Route, wanted.key)
    _check_legs(session, wanted)
    row.key, row.name, row.walk = wanted.key, wanted.name, wanted.walk
    session.execute(delete(RouteLeg).where(RouteLeg.route_id == row.id))
    _write_legs(session, row, wanted)
    for schedule in session.scalars(select(Schedule).where(Schedule.route_id == row.id)):
        making.drop_future(session, schedule, now=now)
    making.generate(session, now=now)
    _record(session, "route.changed", ("route", row.id), {"key": row.key}, now=now, by=by)
    return row


def retire_route(session: Session, row: Route, *, now: datetime, by: Actor) -> Route:
    """It is not walked any more; rounds that did not begin are gone."""
    if row.retired_at is None:
        row.retired_at = now
        for schedule in session.scalars(select(Schedule).where(Schedule.route_id == row.id)):
            making.drop_future(session, schedule, now=now)
        _record(session, "route.retired", ("route", row.id), {}, now=now, by=by)
    return row


def create_schedule(session: Session, wanted: ScheduleIn, *, now: datetime, by: Actor) -> Schedule:
    """Rounds are made at once. Raises Invalid with what is wrong, NotFound."""
    row = Schedule(**_schedule_values(session, wanted))
    check_table(making.table_of(row))
    session.add(row)
    session.flush()
    making.generate(session, now=now)
    detail = wanted.model_dump(mode="json")
    _record(session, "schedule.created", ("schedule", row.id), detail, now=now, by=by)
    return row


def draft_schedule(session: Session, wanted: ScheduleIn) -> Schedule:
    """The timetable as a row that is not added. Raises Invalid with what is wrong, NotFound."""
    row = Schedule(**_schedule_values(session, wanted))
    check_table(making.table_of(row))
    return row


def change_schedule(
    session: Session, row: Schedule, wanted: ScheduleIn, *, now: datetime, by: Actor
) -> Schedule:
    """All of it anew; rounds that did not begin are made anew. Raises Invalid, NotFound."""
    values = _schedule_values(session, wanted)
    check_table(making.table_of(Schedule(**values)))
    _set(session, row, values, "schedule", now=now, by=by)
    making.drop_future(session, row, now=now)
    making.generate(session, now=now)
    return row


def find(session: Session, kind: type[M], row_id: int) -> M:
    """The row of this number. Raises NotFound."""
    row = session.get(kind, row_id)
    if row is None:
        en, zh = _NAMES.get(kind.__tablename__, (kind.__tablename__, kind.__tablename__))
        raise NotFound(f"There is no {en} number {row_id}.", f"没有编号为 {row_id} 的{zh}。")
    return row


_NAMES = {
    "spaces": ("space", "空间"),
    "assets": ("asset", "设备"),
    "checkpoints": ("checkpoint", "巡更点"),
    "tags": ("tag", "标签"),
    "floor_plans": ("floor plan", "平面图"),
    "patrol_routes": ("route", "路线"),
    "patrol_schedules": ("schedule", "排班"),
    "forms": ("form", "表单"),
    "rounds": ("round", "巡更任务"),
    "fire_watches": ("fire watch", "消防巡查"),
    "users": ("user", "用户"),
    "teams": ("team", "班组"),
}


def _checkpoint_values(session: Session, wanted: CheckpointIn) -> dict[str, object]:
    site_id = _site_above(session, find(session, Space, wanted.space_id))
    for kind, row_id in ((Asset, wanted.asset_id), (Form, wanted.form_id), (FloorPlan, wanted.plan_id)):
        if row_id is not None:
            find(session, kind, row_id)
    if wanted.photo_id is not None:
        get_picture(session, wanted.photo_id)
    return {**wanted.model_dump(), "site_id": site_id}


def _schedule_values(session: Session, wanted: ScheduleIn) -> dict[str, object]:
    find(session, Route, wanted.route_id)
    if wanted.team_id is not None:
        find(session, Team, wanted.team_id)
    if wanted.user_id is not None:
        find(session, User, wanted.user_id)
    return wanted.model_dump()


def _site_above(session: Session, space: Space) -> int:
    current = space
    while current.parent_id is not None:
        current = find(session, Space, current.parent_id)
    return current.id


def _check_legs(session: Session, wanted: RouteIn) -> None:
    ids = [leg.checkpoint_id for leg in wanted.legs]
    rows = {row.id: row for row in session.scalars(select(Checkpoint).where(Checkpoint.id.in_(ids)))}
    for checkpoint_id in ids:
        row = rows.get(checkpoint_id)
        if row is None or row.retired_at is not None:
            raise Invalid(
                f"There is no checkpoint number {checkpoint_id} in use.",
                f"没有编号为 {checkpoint_id} 的在用巡更点。",
                code="unknown_checkpoint",
            )
        if row.site_id != wanted.site_id:
            raise Invalid(
                f"{row.name['en']} is on another site.", f"{row.name['zh']}属于其他项目。", code="other_site"
            )


def _write_legs(session: Session, route: Route, wanted: RouteIn) -> None:
    for position, leg in enumerate(wanted.legs):
        session.add(RouteLeg(route_id=route.id, position=position, **leg.model_dump()))
    session.flush()


def _require_free(session: Session, kind: type[Checkpoint] | type[Route], key: str) -> None:
    if session.scalar(select(kind.id).where(kind.key == key)) is not None:
        raise Conflict(f"The key {key} is taken.", f"编号 {key} 已被使用。", code="key_taken")


def _set(
    session: Session,
    row: Checkpoint | Schedule,
    values: Mapping[str, object],
    noun: str,
    *,
    now: datetime,
    by: Actor,
) -> None:
    changed: dict[str, object] = {}
    for key, value in values.items():
        before = getattr(row, key)
        if before != value:
            setattr(row, key, value)
            changed[key] = [str(before), str(value)]
    if changed:
        _record(session, f"{noun}.changed", (noun, row.id), changed, now=now, by=by)


def _record(
    session: Session,
    action: str,
    subject: tuple[str, object],
    detail: Mapping[str, object],
    *,
    now: datetime,
    by: Actor,
) -> None:
    note_change(session, "patrol")
    audit.record(session, now=now, actor=by, action=action, subject=subject, detail=detail)
