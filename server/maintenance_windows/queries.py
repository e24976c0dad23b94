"""Reading maintenance windows and outages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from server.assets.models import Asset, Space
from server.identity.models import User
from server.maintenance_windows.covers import Window
from server.maintenance_windows.models import MaintenanceWindow, Outage
from server.maintenance_windows.schemas import NodeRef, OutageRead, OwnerRef, WindowRead, WindowState

Which = Literal["current", "active", "planned", "over", "all"]
_W = MaintenanceWindow


def find_windows(
    session: Session, *, which: Which, now: datetime, before_id: int | None, limit: int
) -> tuple[list[WindowRead], int]:
    """(windows, newest first, how many match without the cursor). ``current``: active or planned."""
    matching = [_is(which, now)] if which != "all" else []
    total = session.scalar(select(func.count()).select_from(_W).where(*matching)) or 0
    if before_id is not None:
        matching.append(_W.id < before_id)
    rows = session.scalars(select(_W).where(*matching).order_by(_W.id.desc()).limit(limit)).all()
    return read_windows(session, rows, now=now), total


def read_windows(
    session: Session, windows: Sequence[MaintenanceWindow], *, now: datetime
) -> list[WindowRead]:
    """Windows as people read them, in the order given."""
    spaces = _names(session, Space, {w.space_id for w in windows if w.space_id is not None})
    assets = _names(session, Asset, {w.asset_id for w in windows if w.asset_id is not None})
    owners = session.execute(
        select(User.id, User.display_name).where(User.id.in_(sorted({w.owner_id for w in windows})))
    )
    people = {row.id: OwnerRef(id=row.id, display_name=row.display_name) for row in owners}
    return [
        WindowRead(
            id=one.id,
            node=spaces[one.space_id] if one.space_id is not None else assets[one.asset_id or 0],
            disciplines=one.disciplines,
            life_safety=one.life_safety,
            reason=one.reason,
            owner=people[one.owner_id],
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            state=state_of(one, now),
            created_at=one.created_at,
            created_by=one.created_by,
            ended_at=one.ended_at,
            ended_by=one.ended_by,
        )
        for one in windows
    ]


def state_of(window: MaintenanceWindow, now: datetime) -> WindowState:
    if window.ended_at is not None or window.ends_at <= now:
        return "over"
    return "planned" if window.starts_at > now else "active"


def open_windows(session: Session, *, now: datetime) -> list[Window]:
    """The windows that are open ``now``."""
    rows = session.execute(
        select(_W, User.display_name).join(User, User.id == _W.owner_id).where(_is("active", now))
    )
    return [
        Window(
            one.id,
            one.space_id,
            one.asset_id,
            frozenset(one.disciplines),
            one.life_safety,
            one.reason,
            owner,
            one.starts_at,
            one.ends_at,
        )
        for one, owner in rows
    ]


def open_outages(session: Session) -> Sequence[Outage]:
    """The assets that are out of service."""
    return session.scalars(select(Outage).where(Outage.ended_at.is_(None)).order_by(Outage.id)).all()


def read_outages(session: Session, outages: Sequence[Outage]) -> list[OutageRead]:
    """Outages as people read them, in the order given."""
    assets = _names(session, Asset, {one.asset_id for one in outages})
    return [
        OutageRead(
            id=one.id,
            asset=assets[one.asset_id],
            reason=one.reason,
            since=one.since,
            by=one.by,
            until=one.until,
            ended_at=one.ended_at,
            ended_by=one.ended_by,
        )
        for one in outages
    ]


def _is(which: Which, now: datetime) -> ColumnElement[bool]:
    current = and_(_W.ended_at.is_(None), _W.ends_at > now)
    if which == "over":
        return or_(_W.ended_at.is_not(None), _W.ends_at <= now)
    if which == "active":
        return and_(current, _W.starts_at <= now)
    return and_(current, _W.starts_at > now) if which == "planned" else current


def _names(session: Session, table: type[Space] | type[Asset], ids: set[int]) -> dict[int, NodeRef]:
    kind: Literal["space", "asset"] = "space" if table is Space else "asset"
    rows = session.execute(select(table.id, table.name).where(table.id.in_(sorted(ids))))
    return {row.id: NodeRef(kind=kind, id=row.id, name=row.name) for row in rows}
