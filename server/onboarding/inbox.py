"""The inbox: what devices send that no point takes, as the gateways tell it. The only writer of its table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from server.assets.models import Asset, Point
from server.audit import service as audit
from server.audit.service import Actor
from server.clock import from_ms, to_ms, utc_now
from server.db import note_change
from server.errors import NotFound
from server.onboarding.models import UnknownSource
from telemetry.messages import UnknownPoint, UnknownPoints

MOST_ROWS = 20_000
"""The sources heard last are kept; devices that invent names must not fill the database."""


def keep_unknown(session: Session, news: UnknownPoints) -> None:
    """Keep what a gateway told. What has become a point meanwhile goes."""
    now_ms = to_ms(utc_now())
    for told in news.points:
        row = session.scalar(
            select(UnknownSource).where(
                UnknownSource.device == told.device, UnknownSource.source == told.source
            )
        )
        if row is None:
            first = from_ms(max(0, min(told.first_ms, now_ms)))
            row = UnknownSource(device=told.device, source=told.source, first_seen=first, last_seen=first)
            session.add(row)
        _update(row, told, now_ms=now_ms)
        row.gateway = news.gateway[:64]
    session.flush()
    session.execute(delete(UnknownSource).where(_is_point()))
    _drop_oldest(session)
    note_change(session, "inbox")


def devices(
    session: Session, *, dismissed: bool, limit: int, offset: int
) -> tuple[list[tuple[str, list[UnknownSource]]], int]:
    """(devices with their sources, the one heard last first; how many devices there are)."""
    matching = select(UnknownSource.device, func.max(UnknownSource.last_seen).label("last_seen"))
    wanted = _wanted(dismissed=dismissed)
    grouped = matching.where(*wanted).group_by(UnknownSource.device)
    total = session.scalar(select(func.count()).select_from(grouped.subquery())) or 0
    page = grouped.order_by(func.max(UnknownSource.last_seen).desc(), UnknownSource.device)
    names = [row.device for row in session.execute(page.limit(limit).offset(offset))]
    rows: dict[str, list[UnknownSource]] = {name: [] for name in names}
    found = select(UnknownSource).where(UnknownSource.device.in_(names), *wanted)
    for source in session.scalars(found.order_by(UnknownSource.source)):
        rows[source.device].append(source)
    return list(rows.items()), total


def sources_of(session: Session, device: str) -> Sequence[UnknownSource]:
    """Sources of a device that wait to be assigned. Raises NotFound where there are none."""
    found = session.scalars(
        select(UnknownSource)
        .where(UnknownSource.device == device, *_wanted(dismissed=False))
        .order_by(UnknownSource.source)
    ).all()
    if not found:
        raise NotFound(
            f"Nothing of the device {device} waits in the inbox.", f"收件箱中没有设备号 {device} 的测点。"
        )
    return found


def dismiss(session: Session, ids: Sequence[int], *, dismissed: bool, now: datetime, actor: Actor) -> int:
    """Put sources aside, or back; gives how many there were."""
    rows = session.scalars(select(UnknownSource).where(UnknownSource.id.in_(ids))).all()
    for row in rows:
        row.dismissed_at = now if dismissed else None
    if rows:
        note_change(session, "inbox")
        action = "inbox.dismissed" if dismissed else "inbox.brought_back"
        detail = {"sources": [f"{row.device}: {row.source}" for row in rows][:100], "count": len(rows)}
        audit.record(session, now=now, actor=actor, action=action, subject=("inbox", ""), detail=detail)
    return len(rows)


def forget(session: Session, rows: Sequence[UnknownSource]) -> None:
    """They are points now."""
    for row in rows:
        session.delete(row)
    session.flush()
    note_change(session, "inbox")


def asset_of_device(session: Session, device: str) -> Asset | None:
    """The asset that most of the device's known points belong to."""
    return session.scalar(
        select(Asset)
        .join(Point, Point.asset_id == Asset.id)
        .where(Point.device_id == device)
        .group_by(Asset.id)
        .order_by(func.count().desc(), Asset.id)
        .limit(1)
    )


def _wanted(*, dismissed: bool) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    set_aside = UnknownSource.dismissed_at.is_not(None)
    return (set_aside if dismissed else ~set_aside, ~_is_point())


def _is_point() -> ColumnElement[bool]:
    return (
        select(Point.id)
        .where(Point.device_id == UnknownSource.device, Point.source == UnknownSource.source)
        .exists()
    )


def _update(row: UnknownSource, told: UnknownPoint, *, now_ms: int) -> None:
    """Event times are the device's word and may be of any year; when it was heard cannot be later than now."""
    first, last = (from_ms(max(0, min(at_ms, now_ms))) for at_ms in (told.first_ms, told.last_ms))
    row.recent = list(told.recent)
    row.count = told.count
    row.first_seen = min(row.first_seen, first)
    row.last_seen = max(row.last_seen, last)


def _drop_oldest(session: Session) -> None:
    newest = select(UnknownSource.id).order_by(UnknownSource.last_seen.desc(), UnknownSource.id.desc())
    oldest = session.scalars(newest.offset(MOST_ROWS)).all()
    for start in range(0, len(oldest), 500):
        session.execute(delete(UnknownSource).where(UnknownSource.id.in_(oldest[start : start + 500])))
