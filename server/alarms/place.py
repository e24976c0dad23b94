"""Where an alarm is."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.assets.models import Asset, Space
from server.db import ask_once

_MOST_DEEP = 16


def asset_of(session: Session, asset_id: int) -> Asset | None:
    """The asset of an alarm."""
    return ask_once(session, ("asset", asset_id), lambda: session.get(Asset, asset_id))


def site_of(session: Session, space_id: int) -> int | None:
    """The site that a space lies in."""
    return ask_once(session, ("site of", space_id), lambda: _site_of(session, space_id))


def _site_of(session: Session, space_id: int) -> int | None:
    current: int | None = space_id
    for _ in range(_MOST_DEEP):
        space = session.get(Space, current) if current is not None else None
        if space is None or space.parent_id is None:
            return space.id if space else None
        current = space.parent_id
    return None
