"""Verbs on spaces, assets and points: the only writer of their tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.assets.models import Asset, CatalogueRevision, Device, Point, Space
from server.assets.profiles import PointSpec, Profile
from server.audit import service as audit
from server.audit.service import Actor
from server.db import insert_ignoring, note_change
from server.errors import Conflict, Invalid, Label, NotFound
from telemetry.topics import is_device_id


def create_asset(
    session: Session,
    profiles: Mapping[str, Profile],
    *,
    now: datetime,
    actor: Actor,
    key: str,
    name: Label,
    profile: str,
    space_id: int,
    device: str | None = None,
    drill: bool = False,
    with_points: bool = True,
) -> Asset:
    """A new asset with all points of its profile, from the device ``device`` (default: named as the asset).

    ``with_points`` False: without any; server.assets.devices adds those that a device really sends.

    Raises Conflict for a taken key or a device that already carries such points, Invalid for an
    unknown profile or space.
    """
    if session.scalar(select(Asset.id).where(Asset.key == key)) is not None:
        raise Conflict(f"There is already an asset {key}.", f"设备 {key} 已存在。", code="key_taken")
    if profile not in profiles:
        raise Invalid(f"There is no profile {profile}.", f"没有设备类型 {profile}。", code="unknown_profile")
    _require_space(session, space_id)
    device = device or key
    if with_points:
        _require_free_device(session, device)
    asset = Asset(key=key, name=name, profile=profile, space_id=space_id, drill=drill)
    session.add(asset)
    session.flush()
    if with_points:
        _add_points(session, asset, profiles[profile], device)
    bump_catalogue(session)
    detail = {"key": key, "profile": profile, "device": device}
    audit.record(
        session, now=now, actor=actor, action="asset.created", subject=("asset", asset.id), detail=detail
    )
    return asset


def update_asset(
    session: Session,
    asset: Asset,
    *,
    now: datetime,
    actor: Actor,
    name: Label | None = None,
    space_id: int | None = None,
    drill: bool | None = None,
) -> None:
    """Change what is given, leave the rest. Raises Invalid for an unknown space."""
    if space_id is not None:
        _require_space(session, space_id)
    wanted = {"name": name, "space_id": space_id, "drill": drill}
    changed = _apply(asset, {key: value for key, value in wanted.items() if value is not None})
    if changed:
        note_change(session, "assets")
        audit.record(
            session, now=now, actor=actor, action="asset.changed", subject=("asset", asset.id), detail=changed
        )


def update_point(
    session: Session, point: Point, *, now: datetime, actor: Actor, changes: Mapping[str, object]
) -> None:
    """Set columns of the point: names and bands, interval, scale and offset. Nothing else is taken."""
    unknown = changes.keys() - CHANGEABLE
    if unknown:
        raise ValueError(f"not changeable: {sorted(unknown)}")
    banded = any(value is not None for key, value in changes.items() if key in _BANDS)
    if banded and point.kind in {"state", "flags"}:
        raise Invalid(
            "Only measured values and counters have bands.", "只有模拟量和累计量才有上下限。", code="no_band"
        )
    changed = _apply(point, changes)
    if changed:
        bump_catalogue(session)
        audit.record(
            session, now=now, actor=actor, action="point.changed", subject=("point", point.id), detail=changed
        )


_BANDS = frozenset({"normal_low", "normal_high", "physical_low", "physical_high"})
CHANGEABLE = _BANDS | {"name", "interval_s", "scale", "offset"}


def get_asset(session: Session, asset_id: int) -> Asset:
    asset = session.get(Asset, asset_id)
    if asset is None:
        raise NotFound(f"There is no asset number {asset_id}.", f"没有编号为 {asset_id} 的设备。")
    return asset


def get_point(session: Session, point_id: int) -> Point:
    point = session.get(Point, point_id)
    if point is None:
        raise NotFound(f"There is no point number {point_id}.", f"没有编号为 {point_id} 的测点。")
    return point


def point_values(spec: PointSpec, *, position: int) -> dict[str, object]:
    """The columns of a point that its description fills."""
    low, high = spec.normal or (None, None)
    physical_low, physical_high = spec.physical or (None, None)
    return {
        "key": spec.key,
        "kind": spec.kind,
        "quantity": spec.quantity,
        "unit": spec.unit,
        "name": spec.name,
        "interval_s": spec.interval_s,
        "normal_low": low,
        "normal_high": high,
        "physical_low": physical_low,
        "physical_high": physical_high,
        "scale": spec.scale,
        "offset": spec.offset,
        "decimals": spec.decimals,
        "states": _by_text(spec.states),
        "bits": _by_text(spec.bits),
        "position": position,
    }


def bump_catalogue(session: Session) -> None:
    """Points changed: publishers of the catalogue will see a new revision after the commit."""
    note_change(session, "assets")
    raised = session.execute(
        update(CatalogueRevision)
        .values(revision=CatalogueRevision.revision + 1)
        .returning(CatalogueRevision.revision)
    ).one_or_none()
    if raised is None:
        session.add(CatalogueRevision(id=1, revision=1))
        session.flush()


def _require_space(session: Session, space_id: int) -> None:
    if session.get(Space, space_id) is None:
        raise Invalid(
            f"There is no space number {space_id}.", f"没有编号为 {space_id} 的空间。", code="unknown_space"
        )


def _add_points(session: Session, asset: Asset, profile: Profile, device: str) -> None:
    insert_ignoring(session, Device, [{"id": device}])
    for position, spec in enumerate(profile.points):
        values = point_values(spec, position=position)
        session.add(Point(asset_id=asset.id, device_id=device, source=spec.key, **values))


def _require_free_device(session: Session, device: str) -> None:
    if not is_device_id(device):
        raise Invalid(
            "A device id has 1 to 64 of A-Z a-z 0-9 _ . : - and begins with a letter or digit.",
            "设备号为 1 到 64 个字母、数字或 _ . : -，且以字母或数字开头。",
            code="bad_device",
        )
    if session.scalar(select(Point.id).where(Point.device_id == device).limit(1)) is not None:
        raise Conflict(
            f"The device {device} already carries points of another asset.",
            f"设备号 {device} 已用于其他设备的测点。",
            code="device_taken",
        )


def _apply(row: Asset | Point, wanted: Mapping[str, object]) -> dict[str, object]:
    """Set the attributes that differ; gives {attribute: [before, after]}."""
    changed: dict[str, object] = {}
    for key, value in wanted.items():
        before = getattr(row, key)
        if before != value:
            setattr(row, key, value)
            changed[key] = [before, value]
    return changed


def _by_text(labels: Mapping[int, Label] | None) -> dict[str, Label] | None:
    return None if labels is None else {str(code): label for code, label in labels.items()}
