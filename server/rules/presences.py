"""Devices that say they are gone, or whose last will did: their points are silent from that moment on.

Only of devices without a point ``online`` of their own: where there is one, its value tells, and rules judge it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.models import Point

ONLINE = "online"


def points_of_devices(session: Session) -> Mapping[str, tuple[int, ...]]:
    """The points of each device that has no point ``online``."""
    found: dict[str, list[int]] = {}
    speaking: set[str] = set()
    for device, source, point in session.execute(select(Point.device_id, Point.source, Point.id)):
        found.setdefault(device, []).append(point)
        if source == ONLINE:
            speaking.add(device)
    return {device: tuple(points) for device, points in found.items() if device not in speaking}
