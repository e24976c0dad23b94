"""Writing the history of an alarm: one row a change, and the count of comings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from server.alarms.lifecycle import AlarmState, is_chatter
from server.alarms.models import Alarm, AlarmEvent, AlarmTally
from server.audit.service import SYSTEM, Actor
from server.clock import from_ms, to_ms
from server.db import add

FLAP_EVENTS_PER_HOUR = 20
"""An alarm that comes and goes more often is counted, and one event says that no more are written."""
BUCKET_MS = 600_000
_HOUR_MS = 3_600_000
_KEPT_RAISES = 4


def record(
    session: Session,
    alarm: Alarm,
    kind: str,
    before: AlarmState,
    *,
    now: datetime,
    at: datetime,
    actor: Actor = SYSTEM,
    comment: str | None = None,
    data: Mapping[str, object] | None = None,
) -> None:
    """Add one row to the history of an alarm, whose state is the new one already."""
    session.add(
        AlarmEvent(
            alarm_id=alarm.id,
            at=at,
            recorded_at=now,
            kind=kind,
            from_state=before,
            to_state=alarm.state,
            actor_id=actor.id,
            actor=actor.name,
            comment=comment,
            facts=alarm.facts if kind in ("raised", "raised_again") else [],
            data=dict(data or {}),
        )
    )


def record_flap(
    session: Session, alarm: Alarm, kind: str, before: AlarmState, *, now: datetime, at: datetime
) -> None:
    """Record a coming or going, within the hour's budget: a chattering alarm must not fill the disk."""
    hour = to_ms(at) // _HOUR_MS
    if alarm.flap_hour != hour:
        alarm.flap_hour, alarm.flap_events = hour, 0
    alarm.flap_events += 1
    if alarm.flap_events < FLAP_EVENTS_PER_HOUR:
        record(session, alarm, kind, before, now=now, at=at)
    elif alarm.flap_events == FLAP_EVENTS_PER_HOUR:
        record(session, alarm, "quietened", before, now=now, at=at)


def note_raise(session: Session, alarm: Alarm, *, now: datetime, at: datetime) -> None:
    """Remember when it came; three times within a minute are said once as chatter."""
    raises = [*alarm.raised_ms, to_ms(at)][-_KEPT_RAISES:]
    was_chatter, alarm.raised_ms = is_chatter(alarm.raised_ms), raises
    if is_chatter(raises):
        alarm.chattered_at = at
        if not was_chatter:
            record(session, alarm, "chattering", AlarmState(alarm.state), now=now, at=at)


def tally(session: Session, alarm: Alarm, *, at: datetime) -> None:
    """Count that it spoke up ``at``, to people or, where it is not in service, to nobody."""
    is_announced = alarm.availability == "in_service"
    add(
        session,
        AlarmTally,
        {
            "bucket": to_ms(at) // BUCKET_MS,
            "rule_id": alarm.rule_id,
            "asset_id": alarm.asset_id,
            "severity": alarm.severity,
            "site_id": alarm.site_id,
        },
        {"announced": int(is_announced), "quiet": int(not is_announced)},
    )


def bucket_start(bucket: int) -> datetime:
    return from_ms(bucket * BUCKET_MS)
