"""Which checkpoints are near a thing or place."""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.assets.models import Asset, Space
from server.patrol.checkpoints.models import Checkpoint


def checkpoint_near(session: Session, asset_id: int) -> int | None:
    """The checkpoint at an asset, else the first in its space, else further up the tree."""
    own = session.scalar(_in_use().where(Checkpoint.asset_id == asset_id).limit(1))
    if own is not None:
        return own
    space: Space | None = session.get_one(Space, session.get_one(Asset, asset_id).space_id)
    while space is not None:
        found = session.scalar(_in_use().where(Checkpoint.space_id.in_(below(session, space.id))).limit(1))
        if found is not None:
            return found
        space = session.get(Space, space.parent_id) if space.parent_id is not None else None
    return None


def below(session: Session, space_id: int) -> set[int]:
    """A space and all that lies in it."""
    found, edge = {space_id}, [space_id]
    while edge:
        edge = list(session.scalars(select(Space.id).where(Space.parent_id.in_(edge))))
        found |= set(edge)
    return found


def has_checkpoints(session: Session, site_id: int) -> bool:
    """Whether there is anywhere to send people to."""
    return session.scalar(_in_use().where(Checkpoint.site_id == site_id).limit(1)) is not None


def _in_use() -> Select[int]:
    return select(Checkpoint.id).where(Checkpoint.retired_at.is_(None)).order_by(Checkpoint.id)
