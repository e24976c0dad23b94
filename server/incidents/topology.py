"""The ways along which a failure spreads, read from the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from server.assets.models import Asset, Feed, Point
from server.assets.queries import below
from server.db import answer_ahead, ask_once

MOST_STEPS = 12


def suppliers(session: Session, asset_id: int) -> dict[int, int]:
    """What feeds this asset, directly or through others, with the steps up to it; 0 is the asset itself."""
    return ask_once(session, ("suppliers", asset_id), lambda: _walk(session, [asset_id], up=True)[asset_id])


def supplied(session: Session, asset_id: int) -> dict[int, int]:
    """What this asset feeds, directly or through others, with the steps down to it; 0 is the asset itself."""
    return ask_once(session, ("supplied", asset_id), lambda: _walk(session, [asset_id], up=False)[asset_id])


def know_ways(session: Session, asset_ids: Collection[int]) -> None:
    """Ask for many at once what ``suppliers`` and ``supplied`` ask for each; known while the session is ``steady``."""
    for name, up in (("suppliers", True), ("supplied", False)):
        for asset_id, steps in _walk(session, asset_ids, up=up).items():
            answer_ahead(session, (name, asset_id), steps)


def of_same_device(session: Session, asset_id: int) -> set[int]:
    """Assets of which a device of this one carries points; the asset itself too."""
    return ask_once(session, ("same device", asset_id), lambda: _of_same_device(session, asset_id))


def _of_same_device(session: Session, asset_id: int) -> set[int]:
    own, other = aliased(Point), aliased(Point)
    found = session.scalars(
        select(other.asset_id)
        .join(own, own.device_id == other.device_id)
        .where(own.asset_id == asset_id)
        .distinct()
    )
    return {asset_id, *found}


def site_mains(session: Session, site_id: int, *, profiles: Iterable[str]) -> int | None:
    """The one supplier of a site that nothing feeds; None where there are several, or none of these profiles.

    For assets of which nobody said what feeds them. With two supplies it would be a guess.
    """
    wanted = tuple(sorted(profiles))
    return ask_once(session, ("mains", site_id, wanted), lambda: _site_mains(session, site_id, wanted))


def _site_mains(session: Session, site_id: int, profiles: tuple[str, ...]) -> int | None:
    fed = select(Feed.to_asset)
    found = session.scalars(
        select(Asset.id)
        .where(
            Asset.id.in_(select(Feed.from_asset)),
            Asset.id.not_in(fed),
            Asset.profile.in_(profiles),
            Asset.space_id.in_(below(session, site_id)),
        )
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def unconnected(session: Session, asset_ids: set[int]) -> set[int]:
    """Those of which nobody said what feeds them, or what they feed."""
    rows = session.execute(
        select(Feed.from_asset, Feed.to_asset).where(
            or_(Feed.from_asset.in_(sorted(asset_ids)), Feed.to_asset.in_(sorted(asset_ids)))
        )
    )
    return asset_ids - {asset for row in rows for asset in row}


def _walk(session: Session, asset_ids: Collection[int], *, up: bool) -> dict[int, dict[int, int]]:
    """For each of these assets what lies on its way, with the steps to it. One question a step, for all of them."""
    links = _links(session, asset_ids, up=up)
    return {asset_id: _steps(links, asset_id) for asset_id in asset_ids}


def _links(session: Session, asset_ids: Iterable[int], *, up: bool) -> Mapping[int, list[int]]:
    """The next assets of each asset that can be reached."""
    here, there = (Feed.to_asset, Feed.from_asset) if up else (Feed.from_asset, Feed.to_asset)
    links: dict[int, list[int]] = {}
    edge = set(asset_ids)
    for _ in range(MOST_STEPS):
        if not edge:
            break
        links |= {asset: [] for asset in edge}
        for asset, following in session.execute(select(here, there).where(here.in_(sorted(edge)))):
            links[asset].append(following)
        edge = {following for asset in edge for following in links[asset]} - links.keys()
    return links


def _steps(links: Mapping[int, list[int]], asset_id: int) -> dict[int, int]:
    steps = {asset_id: 0}
    edge = [asset_id]
    for step in range(1, MOST_STEPS + 1):
        edge = sorted({one for asset in edge for one in links.get(asset, ()) if one not in steps})
        steps |= dict.fromkeys(edge, step)
    return steps
