"""Which device a point comes from: adding points that a device sends, and putting a new device in an old one's place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from server.assets.models import Asset, Device, Point
from server.assets.profiles import PointSpec
from server.assets.service import bump_catalogue, point_values
from server.audit import service as audit
from server.audit.service import Actor
from server.db import insert_ignoring, note_change
from server.errors import Conflict, NotFound


def connect_point(
    session: Session, asset: Asset, spec: PointSpec, *, device: str, source: str, take_over: bool
) -> Point:
    """Have the asset's point ``spec.key`` come from this source; the caller bumps the catalogue.

    A point the asset has not is created. One it has keeps its id and history, and changes its source only
    with ``take_over``. Raises Conflict where it may not, or where another point has the source.
    """
    other = session.scalar(select(Point).where(Point.device_id == device, Point.source == source))
    point = session.scalar(select(Point).where(Point.asset_id == asset.id, Point.key == spec.key))
    if other is not None and other is not point:
        raise Conflict(
            f"The device {device} sends {source} for another point already.",
            f"设备号 {device} 的 {source} 已用于其他测点。",
            code="source_taken",
        )
    if point is not None and not take_over:
        raise Conflict(
            f"{asset.key} has the point {spec.key} already, from the device {point.device_id}.",
            f"{asset.key} 已有测点 {spec.key}，来自设备号 {point.device_id}。",
            code="point_taken",
        )
    insert_ignoring(session, Device, [{"id": device}])
    if point is None:
        last = session.scalar(select(func.max(Point.position)).where(Point.asset_id == asset.id))
        position = 0 if last is None else last + 1
        values = point_values(spec, position=position)
        point = Point(asset_id=asset.id, device_id=device, source=source, **values)
        session.add(point)
    else:
        point.device_id, point.source, point.scale = device, source, spec.scale
    session.flush()
    return point


def replace_device(session: Session, old: str, new: str, *, now: datetime, actor: Actor) -> list[int]:
    """All points of ``old`` come from ``new`` from now on; they keep their ids, so history and alarms stay.

    Gives the points. Raises NotFound for a device without points, Conflict where the new one has points.
    """
    points = list(session.scalars(select(Point.id).where(Point.device_id == old).order_by(Point.id)))
    if not points:
        raise NotFound(f"No point comes from the device {old}.", f"没有来自设备号 {old} 的测点。")
    if session.scalar(select(Point.id).where(Point.device_id == new).limit(1)) is not None:
        raise Conflict(
            f"The device {new} already carries points.", f"设备号 {new} 已用于其他测点。", code="device_taken"
        )
    insert_ignoring(session, Device, [{"id": new}])
    session.execute(update(Point).where(Point.device_id == old).values(device_id=new))
    session.execute(delete(Device).where(Device.id == old))
    bump_catalogue(session)
    detail = {"new_device": new, "points": len(points)}
    audit.record(
        session, now=now, actor=actor, action="device.replaced", subject=("device", old), detail=detail
    )
    return points


def rename_device(session: Session, device_id: str, name: str | None, *, now: datetime, actor: Actor) -> None:
    """What people call it; None or blank: nothing. Raises NotFound."""
    device = session.get(Device, device_id)
    if device is None:
        raise NotFound(f"There is no device {device_id}.", f"没有设备号 {device_id}。")
    before, device.name = device.name, (name or "").strip() or None
    if device.name != before:
        note_change(session, "assets")
        detail = {"name": [before, device.name]}
        audit.record(
            session,
            now=now,
            actor=actor,
            action="device.renamed",
            subject=("device", device_id),
            detail=detail,
        )
