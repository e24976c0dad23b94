"""Values read off gauges: compared with the live sensor of that minute, and made readings by the gateway.

The server never writes readings. What people typed goes to the gateway as a device's message, from the
device ``patrol``, whose topic only the server may use, with the quality MANUAL. A point that has a sensor is compared and never written over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec
import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.models import Point
from server.clock import from_ms, to_ms
from server.db import note_change
from server.errors import Label
from server.forms.typed_points import TYPED_DEVICE
from server.patrol.checkpoints.models import Checkpoint
from server.patrol.evidence.models import PatrolException
from server.patrol.on_site.models import FormAnswers, TypedReading
from telemetry.reading import Quality, Reading
from telemetry.store.contract import ReadingStore, StoreUnavailable

log = structlog.get_logger("patrol")

DEVICE = TYPED_DEVICE
AROUND = timedelta(minutes=1)
RECENT = timedelta(minutes=10)
LATEST = timedelta(days=3)
"""How long a sensor's value is waited for: it may come late, from the buffer of a device or gateway."""
MOST = 200
_NO_SENSOR = (Quality.BAD, Quality.MANUAL)
"""What was typed, or disowned by its device, is nothing to compare with."""


def compare(session: Session, store: ReadingStore, *, now: datetime, since: datetime | None = None) -> int:
    """Put beside each typed value (``since``: those read after it) what the sensor said then; gives how many were compared.

    What waits for a silent sensor is asked for seldom: the loop looks at recent ones each time, at all now and then.
    """
    wanted = select(TypedReading).where(TypedReading.compared_at.is_(None), TypedReading.at < now - AROUND)
    if since is not None:
        wanted = wanted.where(TypedReading.at > since)
    waiting = session.scalars(wanted.order_by(TypedReading.id).limit(MOST)).all()
    compared = 0
    for row in waiting:
        point_id = row.live_point_id or _sensor_behind(session, row.point_id)
        found = _nearest(store, point_id, row.at) if point_id is not None else None
        if found is None and point_id is not None and now - row.at < LATEST:
            continue
        row.compared_at, row.live_point_id = now, point_id
        if found is not None and isinstance(found.value, int | float):
            row.live_value, row.live_at = float(found.value), from_ms(found.at_ms)
            _judge(session, row, now=now)
        compared += 1
    if compared:
        note_change(session, "patrol")
    return compared


def unsent(session: Session) -> list[tuple[TypedReading, Point]]:
    """Typed values of points that people read, which are not on the bus yet."""
    rows = session.execute(
        select(TypedReading, Point)
        .join(Point, Point.id == TypedReading.point_id)
        .where(TypedReading.sent_at.is_(None), Point.device_id == DEVICE)
        .order_by(TypedReading.id)
        .limit(MOST)
    )
    return [(row, point) for row, point in rows]


def payload(rows: Sequence[tuple[TypedReading, Point]]) -> bytes:
    """As a device would send them."""
    return msgspec.json.encode(
        [
            {"point": point.source, "value": row.value, "at": to_ms(row.at), "quality": "manual"}
            for row, point in rows
        ]
    )


def send(session: Session, publish: Callable[[bytes], bool], *, now: datetime) -> int:
    """Hand typed values to the gateway; gives how many. Twice is the same reading once."""
    rows = unsent(session)
    if not rows or not publish(payload(rows)):
        return 0
    for row, _ in rows:
        row.sent_at = now
    return len(rows)


def _sensor_behind(session: Session, point_id: int | None) -> int | None:
    point = session.get(Point, point_id) if point_id is not None else None
    return point.id if point is not None and point.device_id != DEVICE else None


def _nearest(store: ReadingStore, point_id: int, at: datetime) -> Reading | None:
    start, end = to_ms(at - AROUND), to_ms(at + AROUND)
    try:
        around = [
            reading
            for reading in store.read([point_id], start, end + 1)
            if isinstance(reading.value, int | float) and reading.quality not in _NO_SENSOR
        ]
    except StoreUnavailable:
        return None
    return min(around, key=lambda reading: abs(reading.at_ms - to_ms(at)), default=None)


def _judge(session: Session, row: TypedReading, *, now: datetime) -> None:
    assert row.live_value is not None
    if row.tolerance is None or abs(row.value - row.live_value) <= row.tolerance:
        return
    answers = session.get(FormAnswers, row.event_id)
    place = session.get(Checkpoint, answers.checkpoint_id) if answers and answers.checkpoint_id else None
    unit = f" {row.unit}" if row.unit else ""
    session.add(
        PatrolException(
            at=row.at,
            recorded_at=now,
            code="gauge_differs",
            site_id=place.site_id if place else None,
            user_id=row.user_id,
            round_id=answers.round_id if answers else None,
            checkpoint_id=answers.checkpoint_id if answers else None,
            event_id=row.event_id,
            detail=Label(
                en=f"Read {row.value:g}{unit}, the sensor said {row.live_value:g}{unit} at that minute.",
                zh=f"人工读数 {row.value:g}{unit}，同一时刻传感器为 {row.live_value:g}{unit}。",
            ),
        )
    )
