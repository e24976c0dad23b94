"""Devices as a list, and the record of which have a user of their own at the broker: the only writer of that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, union
from sqlalchemy.orm import Session

from server.assets.models import Asset, Device, Point
from server.audit import service as audit
from server.audit.service import Actor
from server.errors import NotFound
from server.onboarding.models import DeviceIdentity
from server.onboarding.schemas import DeviceRead, IdentityRead, KnownAsset


def device_ids(session: Session, *, text: str | None) -> Sequence[str]:
    """Ids of all devices, in order. ``text`` searches ids, names and the assets they belong to."""
    every = union(select(Device.id.label("id")), select(DeviceIdentity.device)).subquery()
    wanted = select(every.c.id)
    if text:
        named = select(Device.id).where(Device.name.icontains(text, autoescape=True))
        of_asset = (
            select(Point.device_id)
            .join(Asset, Asset.id == Point.asset_id)
            .where(
                or_(
                    Asset.key.icontains(text, autoescape=True),
                    Asset.name["en"].as_string().icontains(text, autoescape=True),
                    Asset.name["zh"].as_string().icontains(text, autoescape=True),
                )
            )
        )
        wanted = wanted.where(
            or_(every.c.id.icontains(text, autoescape=True), every.c.id.in_(named), every.c.id.in_(of_asset))
        )
    return session.scalars(wanted.order_by(every.c.id)).all()


def read_device(session: Session, device: str) -> DeviceRead:
    """One of them. Raises NotFound."""
    known = session.get(Device, device) or session.get(DeviceIdentity, device)
    if known is None:
        raise NotFound(f"There is no device {device}.", f"没有设备号 {device}。")
    return read_devices(session, [device])[0]


def note_issued(session: Session, device: str, *, now: datetime, actor: Actor) -> None:
    """The broker has its user now."""
    identity = session.get(DeviceIdentity, device)
    action = "device.identity_issued" if identity is None else "device.identity_reissued"
    if identity is None:
        identity = DeviceIdentity(device=device)
        session.add(identity)
    identity.issued_at = now
    identity.issued_by = actor.name
    audit.record(session, now=now, actor=actor, action=action, subject=("device", device), detail={})


def note_withdrawn(session: Session, device: str, *, now: datetime, actor: Actor) -> None:
    """The broker has no such user any more."""
    identity = session.get(DeviceIdentity, device)
    if identity is not None:
        session.delete(identity)
    action = "device.identity_withdrawn"
    audit.record(session, now=now, actor=actor, action=action, subject=("device", device), detail={})


def read_devices(session: Session, ids: Sequence[str]) -> list[DeviceRead]:
    """These devices, in the order given."""
    names = {device.id: device.name for device in session.scalars(select(Device).where(Device.id.in_(ids)))}
    issued = {
        row.device: IdentityRead.model_validate(row)
        for row in session.scalars(select(DeviceIdentity).where(DeviceIdentity.device.in_(ids)))
    }
    points: dict[str, list[int]] = {each: [] for each in ids}
    assets: dict[str, dict[int, KnownAsset]] = {each: {} for each in ids}
    rows = select(Point.device_id, Point.id, Asset).join(Asset, Asset.id == Point.asset_id)
    for device, point, asset in session.execute(rows.where(Point.device_id.in_(ids)).order_by(Point.id)):
        points[device].append(point)
        assets[device].setdefault(asset.id, KnownAsset.model_validate(asset))
    return [
        DeviceRead(
            id=each,
            name=names.get(each),
            assets=list(assets[each].values()),
            points=points[each],
            identity=issued.get(each),
        )
        for each in ids
    ]
