"""A fire zone is switched off: the area is walked every so often until it is on again.

The panel's own signals start and end it: a component status (GB/T 26875.3) whose bit 3 says "disabled".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from server.assets.models import Asset, Point, Space
from server.audit import service as audit
from server.audit.service import SYSTEM, Actor
from server.db import note_change
from server.errors import Conflict, Label, NotFound
from server.notifications import service as notifications
from server.notifications.service import Notice
from server.patrol.checkpoints.models import Checkpoint
from server.patrol.checkpoints.nearby import below, has_checkpoints
from server.patrol.checkpoints.policy import Policy, policy_of
from server.patrol.evidence import log
from server.patrol.rounds import making
from server.patrol.rounds import service as rounds
from server.patrol.rounds.lateness import RoundState
from server.patrol.rounds.models import Round, RouteLeg
from server.patrol.safety.models import FireWatch
from telemetry.reading import Reading

QUANTITY = "component_status"
DISABLED = 1 << 3
WITHIN = timedelta(minutes=30)
"""The window of one round of a fire watch."""


def watch_zones(session: Session, latest: Iterable[Reading], *, now: datetime) -> int:
    """Begin and end fire watches by what the panels say now; gives how many changed."""
    values = {reading.point: reading.value for reading in latest if reading.is_measured}
    zones = session.scalars(select(Point).where(Point.kind == "flags", Point.quantity == QUANTITY)).all()
    under_way = {
        row.point_id: row for row in session.scalars(select(FireWatch).where(FireWatch.ended_at.is_(None)))
    }
    changed = 0
    for zone in zones:
        value = values.get(zone.id)
        if not isinstance(value, int | float):
            continue  # silence says nothing: what was switched off stays so
        is_off = bool(int(value) & DISABLED)
        if is_off and zone.id not in under_way:
            changed += _begin_for_zone(session, zone, now=now)
        elif not is_off and zone.id in under_way:
            end(session, under_way[zone.id], now=now, by=SYSTEM)
            changed += 1
    return changed


def make_rounds(session: Session, *, now: datetime) -> int:
    """The next round of each fire watch whose time has come."""
    made = 0
    for row in session.scalars(
        select(FireWatch).where(FireWatch.ended_at.is_(None), FireWatch.next_at <= now).with_for_update()
    ):
        following = row.next_at + timedelta(seconds=row.every_s)
        if following <= now:  # the server was away: one round now, not all that were missed at once
            following = now + timedelta(seconds=row.every_s)
        claimed = session.execute(
            update(FireWatch)
            .where(FireWatch.id == row.id, FireWatch.next_at == row.next_at)
            .values(next_at=following)
            .returning(FireWatch.id)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if claimed is not None:
            session.refresh(row)
            _round(session, row, now=now)
            made += 1
    return made


def begin(
    session: Session,
    *,
    now: datetime,
    by: Actor,
    asset_id: int,
    point_id: int | None,
    reason: Label,
    every_s: int | None = None,
) -> FireWatch:
    """Start walking. Raises NotFound, Conflict where it is walked already."""
    asset = session.get(Asset, asset_id)
    if asset is None:
        raise NotFound(f"There is no asset number {asset_id}.", f"没有编号为 {asset_id} 的设备。")
    _require_idle(session, asset_id, point_id)
    site_id = _site_above(session, asset.space_id)
    row = FireWatch(
        site_id=site_id,
        asset_id=asset_id,
        point_id=point_id,
        every_s=every_s or policy_of(session, site_id).fire_watch_every_s,
        began_at=now,
        began_by=by.name,
        next_at=now,
        reason=reason,
    )
    session.add(row)
    session.flush()
    _tell(session, row, now=now)
    _record(session, row, "began", now=now, by=by)
    return row


def end(session: Session, row: FireWatch, *, now: datetime, by: Actor) -> FireWatch:
    """The zone is on again."""
    if row.ended_at is None:
        row.ended_at, row.ended_by = now, by.name
        notifications.ended(session, now=now, subject=f"fire_watch:{row.id}")
        for found in session.scalars(
            select(Round).where(
                Round.fire_watch_id == row.id, Round.state == RoundState.DUE, Round.closed_at.is_(None)
            )
        ):
            walk = rounds.get_round(session, found.id)
            for leg in walk.legs:
                leg.state = "excused"
            found.state, found.finished_at = RoundState.FINISHED, now
        _record(session, row, "ended", now=now, by=by)
    return row


def get_watch(session: Session, row_id: int) -> FireWatch:
    """Raises NotFound."""
    row = session.get(FireWatch, row_id, with_for_update=True)
    if row is None:
        raise NotFound(f"There is no fire watch number {row_id}.", f"没有编号为 {row_id} 的消防巡查。")
    return row


def _require_idle(session: Session, asset_id: int, point_id: int | None) -> None:
    """Raises Conflict where it is walked already."""
    running = session.scalar(
        select(FireWatch.id).where(
            FireWatch.ended_at.is_(None),
            FireWatch.asset_id == asset_id,
            FireWatch.point_id.is_not_distinct_from(point_id),
        )
    )
    if running is not None:
        raise Conflict("It is walked already.", "消防巡查已在进行。", code="already_walked")


def _begin_for_zone(session: Session, zone: Point, *, now: datetime) -> int:
    asset = session.get_one(Asset, zone.asset_id)
    if not has_checkpoints(session, _site_above(session, asset.space_id)):
        return 0
    reason = Label(en=f"{zone.name['en']} is switched off", zh=f"{zone.name['zh']}已屏蔽")
    begin(session, now=now, by=SYSTEM, asset_id=asset.id, point_id=zone.id, reason=reason)
    return 1


def _round(session: Session, row: FireWatch, *, now: datetime) -> None:
    policy = policy_of(session, row.site_id)
    window = min(WITHIN, timedelta(seconds=row.every_s))
    found = Round(
        kind="fire_watch",
        site_id=row.site_id,
        fire_watch_id=row.id,
        name=Label(en=f"Fire watch: {row.reason['en']}", zh=f"消防巡查：{row.reason['zh']}"),
        walk="free",
        starts_at=now,
        window_ends_at=now + window,
        state=RoundState.DUE,
        cause={"kind": "fire_zone", "id": row.id, "text": row.reason},
    )
    making.add_round(session, found, _legs(session, row, policy), policy)
    log.note(
        session,
        now=now,
        kind="fire_watch_round",
        detail={"watch": row.id, "round": found.id},
        round_id=found.id,
    )
    note_change(session, "patrol")


def _legs(session: Session, row: FireWatch, policy: Policy) -> list[RouteLeg]:
    """The site's route for it, else all checkpoints of the building, else all of the site."""
    if policy.fire_watch_route_id is not None:
        legs = making.legs_of(session, policy.fire_watch_route_id)
        if legs:
            return legs
    asset = session.get_one(Asset, row.asset_id)
    building = _building_of(session, asset.space_id)
    near = session.scalars(
        select(Checkpoint.id)
        .where(
            Checkpoint.retired_at.is_(None),
            or_(Checkpoint.space_id.in_(below(session, building)), Checkpoint.asset_id == asset.id),
        )
        .order_by(Checkpoint.floor, Checkpoint.id)
    ).all()
    ids = (
        near
        or session.scalars(
            select(Checkpoint.id).where(Checkpoint.retired_at.is_(None), Checkpoint.site_id == row.site_id)
        ).all()
    )
    return [
        RouteLeg(position=position, checkpoint_id=checkpoint_id) for position, checkpoint_id in enumerate(ids)
    ]


def _building_of(session: Session, space_id: int) -> int:
    space = session.get_one(Space, space_id)
    while space.kind not in {"building", "site"} and space.parent_id is not None:
        space = session.get_one(Space, space.parent_id)
    return space.id


def _site_above(session: Session, space_id: int) -> int:
    space = session.get_one(Space, space_id)
    while space.parent_id is not None:
        space = session.get_one(Space, space.parent_id)
    return space.id


def _tell(session: Session, row: FireWatch, *, now: datetime) -> None:
    notifications.notify(
        session,
        now=now,
        notice=Notice(
            subject=f"fire_watch:{row.id}",
            severity="high",
            site_id=row.site_id,
            life_safety=True,
            title=Label(en=f"Fire watch: {row.reason['en']}", zh=f"消防巡查：{row.reason['zh']}"),
            body=Label(
                en=f"Walk the area every {row.every_s // 60} min until it is on again.",
                zh=f"恢复前每 {row.every_s // 60} 分钟巡查一次。",
            ),
            path=f"/patrol/fire-watches/{row.id}",
        ),
    )


def _record(session: Session, row: FireWatch, verb: str, *, now: datetime, by: Actor) -> None:
    note_change(session, "patrol")
    detail: Mapping[str, object] = {"watch": row.id, "by": by.name, "asset": row.asset_id}
    log.note(session, now=now, kind=f"fire_watch_{verb}", detail=detail)
    audit.record(session, now=now, actor=by, action=f"fire_watch.{verb}", subject=("fire_watch", row.id))
