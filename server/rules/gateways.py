"""The watchdog over gateways: their signs of life as readings of the points of their assets.

Judged here and not from the store, because a gateway that is gone stores nothing. The clock decides what
nobody says: a gateway of which nothing was heard for so long is gone, whatever it said last. That is
counted only while we are connected ourselves, and anew after each time we were not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.models import Asset, Point
from telemetry.gateway_values import ONLINE, values_of
from telemetry.messages import GatewayHealth
from telemetry.reading import Quality, Reading

GONE_AFTER_S = 20.0
"""Four signs of life. A restart that takes less is nobody's business."""
SAY_AGAIN_MS = 10_000

PROFILE = "gateway"

Points = Mapping[str, Mapping[str, int]]
"""By gateway, then point key: the point's id."""


class _Heard(msgspec.Struct):
    alive_ms: int
    """When it was last known to live, by our clock."""
    said_ms: int = 0
    """When it was last said to be gone."""


class GatewayWatch:
    """Asks no clock: ``now_ms`` is an argument, and grows."""

    def __init__(self, gone_after_s: float = GONE_AFTER_S) -> None:
        self._gone_after_ms = gone_after_s * 1000
        self.points: Points = {}
        self._heard: dict[str, _Heard] = {}

    def hear(self, health: GatewayHealth, now_ms: int) -> list[Reading]:
        """A gateway said how it is, or its last will did."""
        heard = self._heard.setdefault(health.gateway, _Heard(now_ms))
        if not health.online:  # gone once it stays so: ``tick`` says it
            return []
        heard.alive_ms = now_ms
        return list(self._readings(health, now_ms))

    def tick(self, now_ms: int) -> list[Reading]:
        """Which gateways are gone by now. Call it while connected, and after all that waited was heard."""
        found = []
        for name, heard in self._heard.items():
            if now_ms - heard.alive_ms >= self._gone_after_ms and now_ms - heard.said_ms >= SAY_AGAIN_MS:
                point = self.points.get(name, {}).get(ONLINE)
                if point is not None:
                    heard.said_ms = now_ms
                    found.append(Reading(point, now_ms, 0, Quality.GOOD))
        return found

    def reconnected(self, now_ms: int) -> None:
        """We heard nothing until now: nobody is gone for that."""
        for heard in self._heard.values():
            heard.alive_ms = max(heard.alive_ms, now_ms)

    def _readings(self, health: GatewayHealth, now_ms: int) -> Iterator[Reading]:
        points = self.points.get(health.gateway, {})
        for key, value in values_of(health).items():
            if key in points:
                yield Reading(points[key], now_ms, value, Quality.GOOD)


def gateway_points(session: Session) -> dict[str, dict[str, int]]:
    """The points of all gateways that are assets."""
    rows = session.execute(
        select(Asset.key, Point.key, Point.id)
        .join(Point, Point.asset_id == Asset.id)
        .where(Asset.profile == PROFILE)
    )
    found: dict[str, dict[str, int]] = {}
    for gateway, key, point in rows:
        found.setdefault(gateway, {})[key] = point
    return found
