"""Reading the tree, the assets and the points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from server.assets.models import Asset, CatalogueRevision, Feed, Point, Space
from server.errors import Label
from telemetry.messages import PointEntry

MOST_DEEP = 16
"""Levels a place can have; the tree has four kinds, of which the last may nest."""


def all_spaces(session: Session) -> Sequence[Space]:
    """The whole tree, siblings in order."""
    return session.scalars(select(Space).order_by(Space.position, Space.id)).all()


def first_site(session: Session) -> Space | None:
    """The site whose name and time zone the screens show."""
    return session.scalar(select(Space).where(Space.kind == "site").order_by(Space.id).limit(1))


def places(session: Session) -> Mapping[int, list[Label]]:
    """For each space the names on the way from its site down to it."""
    spaces = {space.id: space for space in session.scalars(select(Space))}
    return {space_id: _path(spaces, space_id) for space_id in spaces}


def find_assets(
    session: Session,
    *,
    profile: str | None,
    space_id: int | None,
    text: str | None,
    limit: int,
    offset: int,
    ids: Sequence[int] | None = None,
) -> tuple[Sequence[Asset], int]:
    """(assets by key, how many match). ``space_id`` includes all that lies in it, ``text`` searches key and names,
    ``ids`` leaves only these."""
    matching = _matching(session, profile=profile, space_id=space_id, text=text)
    if ids is not None:
        matching = matching.where(Asset.id.in_(ids))
    total = session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    return session.scalars(matching.order_by(Asset.key).limit(limit).offset(offset)).all(), total


def points_of(session: Session, asset_id: int) -> Sequence[Point]:
    """The points of an asset, in the order of its profile."""
    return session.scalars(
        select(Point).where(Point.asset_id == asset_id).order_by(Point.position, Point.id)
    ).all()


def point_ids(session: Session, asset_ids: Iterable[int]) -> frozenset[int]:
    """Ids of all points of these assets; an asset that does not exist has none."""
    wanted = sorted(set(asset_ids))
    return frozenset(session.scalars(select(Point.id).where(Point.asset_id.in_(wanted))))


def all_point_ids(session: Session) -> Sequence[int]:
    return session.scalars(select(Point.id)).all()


def feeds_of(session: Session, asset_id: int) -> tuple[Sequence[int], Sequence[int]]:
    """(assets that feed this one, assets that this one feeds)."""
    above = session.scalars(select(Feed.from_asset).where(Feed.to_asset == asset_id)).all()
    below = session.scalars(select(Feed.to_asset).where(Feed.from_asset == asset_id)).all()
    return above, below


def catalogue_revision(session: Session) -> int:
    """Counts the changes of points; 0 before the first."""
    return session.scalar(select(CatalogueRevision.revision)) or 0


def catalogue_entries(session: Session) -> list[PointEntry]:
    """Every point as the gateway needs to know it, ordered by id."""
    rows = session.execute(
        select(
            Point.id,
            Asset.key,
            Point.key,
            Point.device_id,
            Point.source,
            Point.kind,
            Point.unit,
            Point.interval_s,
            Point.scale,
            Point.offset,
            Point.physical_low,
            Point.physical_high,
        )
        .join(Asset, Asset.id == Point.asset_id)
        .order_by(Point.id)
    )
    return [PointEntry(*row) for row in rows]


def _matching(
    session: Session, *, profile: str | None, space_id: int | None, text: str | None
) -> Select[Asset]:
    matching = select(Asset)
    if profile is not None:
        matching = matching.where(Asset.profile == profile)
    if space_id is not None:
        matching = matching.where(Asset.space_id.in_(below(session, space_id)))
    if text:
        matching = matching.where(
            or_(
                Asset.key.icontains(text, autoescape=True),
                Asset.name["en"].as_string().icontains(text, autoescape=True),
                Asset.name["zh"].as_string().icontains(text, autoescape=True),
            )
        )
    return matching


def below(session: Session, space_id: int) -> set[int]:
    """The space and all that lies in it."""
    children: dict[int | None, list[int]] = {}
    for child, parent in session.execute(select(Space.id, Space.parent_id)):
        children.setdefault(parent, []).append(child)
    found: set[int] = set()
    waiting = [space_id]
    while waiting:
        current = waiting.pop()
        found.add(current)
        waiting += [child for child in children.get(current, ()) if child not in found]
    return found


def _path(spaces: Mapping[int, Space], space_id: int) -> list[Label]:
    names: list[Label] = []
    current: int | None = space_id
    while current is not None and len(names) < MOST_DEEP:
        space = spaces[current]
        names.append(space.name)
        current = space.parent_id
    return names[::-1]
