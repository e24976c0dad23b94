"""Loading a site file into the database. Importing the same file again changes nothing.

What is missing is created. What exists is changed only where the file itself says something
about it, so that a band that somebody set on screen survives the next import. Nothing is removed:
readings and tickets refer to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import ValidationError
from sqlalchemy import insert, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.assets.models import Asset, Device, Feed, Point, Space
from server.assets.profiles import PointSpec, Profile
from server.assets.service import bump_catalogue, point_values
from server.assets.site_file import DEPTH, AssetEntry, PointEntry, SiteFile, SpaceEntry
from server.audit import service as audit
from server.audit.service import Actor
from server.db import insert_ignoring, note_change
from server.errors import Conflict, Invalid

_CHUNK = 500
"""Values in one IN (...), well below what any database refuses."""

T = TypeVar("T")


@dataclass
class Imported:
    """How many rows were created or changed."""

    spaces: int = 0
    assets: int = 0
    points: int = 0
    feeds: int = 0

    @property
    def is_nothing(self) -> bool:
        return not any(asdict(self).values())


def import_site(
    session: Session, site: SiteFile, profiles: Mapping[str, Profile], *, now: datetime, actor: Actor
) -> Imported:
    """Bring the database to what the file says. Raises Invalid or Conflict naming the entry that is wrong."""
    done = Imported()
    spaces = _import_spaces(session, site.spaces, done)
    assets = _import_assets(session, site.assets, spaces, profiles, done)
    _import_points(session, site.assets, assets, profiles, done)
    _import_feeds(session, site, assets, done)
    if done.is_nothing:
        return done
    note_change(session, "assets")
    if done.points:
        bump_catalogue(session)
    audit.record(
        session, now=now, actor=actor, action="site.imported", subject=("site", "file"), detail=asdict(done)
    )
    return done


def _import_spaces(session: Session, entries: Sequence[SpaceEntry], done: Imported) -> dict[str, Space]:
    known = {space.key: space for space in session.scalars(select(Space))}
    for position, entry in enumerate(entries):
        parent = known.get(entry.parent) if entry.parent else None
        if entry.parent and (parent is None or DEPTH[parent.kind] >= DEPTH[entry.kind]):
            raise _invalid(
                f"space {entry.key}", f"its parent {entry.parent} must stand before it and be larger"
            )
        space = known.get(entry.key)
        if space is None:
            space = Space(key=entry.key, kind=entry.kind, position=position)
            session.add(space)
        elif space.kind != entry.kind:
            raise _invalid(f"space {entry.key}", f"it is a {space.kind} already")
        _set(space, "parent_id", parent.id if parent else None)
        _set(space, "name", entry.name)
        _set(space, "time_zone", entry.time_zone)
        if space in session.new or space in session.dirty:
            done.spaces += 1
        session.flush()
        known[entry.key] = space
    return known


def _import_assets(
    session: Session,
    entries: Sequence[AssetEntry],
    spaces: Mapping[str, Space],
    profiles: Mapping[str, Profile],
    done: Imported,
) -> dict[str, Asset]:
    known = {
        asset.key: asset for asset in _by_chunks(session, Asset, Asset.key, [entry.key for entry in entries])
    }
    for entry in entries:
        if entry.profile not in profiles:
            raise _invalid(f"asset {entry.key}", f"there is no profile {entry.profile}")
        if entry.space not in spaces:
            raise _invalid(f"asset {entry.key}", f"there is no space {entry.space}")
        asset = known.get(entry.key)
        if asset is None:
            asset = known[entry.key] = Asset(key=entry.key, profile=entry.profile)
            session.add(asset)
        elif asset.profile != entry.profile:
            raise _invalid(f"asset {entry.key}", f"it has the profile {asset.profile} already")
        _set(asset, "name", entry.name)
        _set(asset, "space_id", spaces[entry.space].id)
        _set(asset, "drill", entry.drill)
        done.assets += asset in session.new or asset in session.dirty
    session.flush()
    return known


def _import_points(
    session: Session,
    entries: Sequence[AssetEntry],
    assets: Mapping[str, Asset],
    profiles: Mapping[str, Profile],
    done: Imported,
) -> None:
    ids = [assets[entry.key].id for entry in entries]
    known = {(point.asset_id, point.key): point for point in _by_chunks(session, Point, Point.asset_id, ids)}
    created: list[dict[str, object]] = []
    moved: list[dict[str, object]] = []
    for entry in entries:
        asset_id = assets[entry.key].id
        for position, (spec, change) in enumerate(_specs(entry, profiles[entry.profile])):
            point = known.get((asset_id, spec.key))
            if point is None:
                values = point_values(spec, position=position)
                created.append({"asset_id": asset_id, **_origin(entry, spec, change), **values})
            elif change is not None:
                before = (point.device_id, point.source)
                done.points += _change_point(point, spec, entry, change)
                if before != (point.device_id, point.source):
                    moved.append({"key": point.key, "device_id": point.device_id, "source": point.source})
    with session.no_autoflush:  # the devices of what moved must be there before it is written
        _require_free_sources(session, [*created, *moved])
        devices = sorted({str(row["device_id"]) for row in (*created, *moved)})
        insert_ignoring(session, Device, [{"id": device} for device in devices])
    session.flush()
    if created:
        session.execute(insert(Point), created)
    done.points += len(created)


def _specs(entry: AssetEntry, profile: Profile) -> Iterable[tuple[PointSpec, PointEntry | None]]:
    """All points of an asset with what its entry says about each: the profile's first, then further ones."""
    changes = {change.key: change for change in entry.points}
    if len(changes) < len(entry.points):
        raise _invalid(f"asset {entry.key}", "a point stands in its list twice")
    for spec in profile.points:
        change = changes.pop(spec.key, None)
        if change is None and entry.listed_only:
            continue
        yield (_merged(entry, spec, change) if change else spec), change
    for change in changes.values():
        yield _merged(entry, None, change), change


def _merged(entry: AssetEntry, spec: PointSpec | None, change: PointEntry) -> PointSpec:
    given = change.model_dump(exclude_unset=True, exclude={"device", "source"})
    if spec is not None and given.get("kind", spec.kind) != spec.kind:
        raise _invalid(f"asset {entry.key}, point {change.key}", f"its profile says it is {spec.kind}")
    try:
        return PointSpec.model_validate({**(spec.model_dump() if spec else {}), **given})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise _invalid(f"asset {entry.key}, point {change.key}", f"{field} {first['msg']}".strip()) from error


def _origin(entry: AssetEntry, spec: PointSpec, change: PointEntry | None) -> dict[str, object]:
    device = (change.device if change else None) or entry.device or entry.key
    return {"device_id": device, "source": (change.source if change else None) or spec.key}


def _change_point(point: Point, spec: PointSpec, entry: AssetEntry, change: PointEntry) -> bool:
    """Set what the entry names on a point that exists; whether anything changed."""
    values = point_values(spec, position=point.position)
    named = change.model_fields_set - {"key", "kind", "device", "source"}
    columns = {"normal": ("normal_low", "normal_high"), "physical": ("physical_low", "physical_high")}
    changed = [
        _set(point, column, values[column]) for field in named for column in columns.get(field, (field,))
    ]
    if change.device or change.source:
        changed += [_set(point, column, value) for column, value in _origin(entry, spec, change).items()]
    return any(changed)


def _require_free_sources(session: Session, created: Sequence[Mapping[str, object]]) -> None:
    """No two points may come from the same source of one device."""
    wanted: dict[tuple[object, object], object] = {}
    for row in created:
        source = (row["device_id"], row["source"])
        if source in wanted:
            raise _taken(*source)
        wanted[source] = row["key"]
    devices = sorted({str(device) for device, _ in wanted})
    known = {device.id for device in _by_chunks(session, Device, Device.id, devices)}
    pairs = [pair for pair in wanted if pair[0] in known]
    for start in range(0, len(pairs), _CHUNK):
        chunk = pairs[start : start + _CHUNK]
        taken = select(Point.device_id, Point.source).where(tuple_(Point.device_id, Point.source).in_(chunk))
        first = session.execute(taken.limit(1)).one_or_none()
        if first is not None:
            raise _taken(*first)


def _import_feeds(session: Session, site: SiteFile, assets: Mapping[str, Asset], done: Imported) -> None:
    ids = {key: asset.id for key, asset in assets.items()}
    missing = {key for feed in site.feeds for key in (feed.from_asset, *feed.to)} - ids.keys()
    ids |= {asset.key: asset.id for asset in _by_chunks(session, Asset, Asset.key, sorted(missing))}
    known = {(feed.from_asset, feed.to_asset) for feed in session.scalars(select(Feed))}
    for feed in site.feeds:
        for target in feed.to:
            if feed.from_asset not in ids or target not in ids:
                raise _invalid(
                    f"feed {feed.from_asset}", f"there is no asset {feed.from_asset} or no {target}"
                )
            pair = (ids[feed.from_asset], ids[target])
            if pair[0] == pair[1]:
                raise _invalid(f"feed {feed.from_asset}", "it cannot feed itself")
            if pair not in known:
                known.add(pair)
                session.add(Feed(from_asset=pair[0], to_asset=pair[1]))
                done.feeds += 1
    session.flush()


def _by_chunks(
    session: Session,
    table: type[T],
    column: InstrumentedAttribute[str] | InstrumentedAttribute[int],
    values: Sequence[object],
) -> list[T]:
    """Rows whose column is one of many values."""
    found: list[T] = []
    for start in range(0, len(values), _CHUNK):
        found += session.scalars(select(table).where(column.in_(values[start : start + _CHUNK])))
    return found


def _set(row: Space | Asset | Point, column: str, value: object) -> bool:
    """Set a column only when it differs: setting it to the same would count as a change."""
    if getattr(row, column, None) == value and row.id is not None:
        return False
    setattr(row, column, value)
    return True


def _invalid(where: str, what: str) -> Invalid:
    return Invalid(f"{where}: {what}", f"{where}：{what}", code="bad_site_file")


def _taken(device: object, source: object) -> Conflict:
    return Conflict(
        f"The device {device} sends {source} for another point already.",
        f"设备号 {device} 的 {source} 已用于其他测点。",
        code="source_taken",
    )
