"""What people are told of an alarm or an incident."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from sqlalchemy.orm import Session

from server.alarms.facts import sentence
from server.alarms.models import Alarm
from server.alarms.queries import read_facts
from server.alarms.service import subject_of
from server.db import ask_once
from server.errors import Label
from server.incidents import ledger
from server.incidents.models import Incident
from server.notifications import service as notifications
from server.notifications.service import Notice
from server.shifts.queries import zone_of


def tell_of_alarm(session: Session, alarm: Alarm, *, now: datetime) -> None:
    """Tell of one alarm, to those whom it concerns."""
    notice = Notice(
        subject=subject_of(alarm),
        severity=alarm.severity,
        site_id=alarm.site_id,
        life_safety=alarm.life_safety,
        title=ledger.title_of(session, alarm),
        body=_of(session, alarm),
        path=f"/alarms?alarm={alarm.id}",
    )
    notifications.notify(session, now=now, notice=notice)


def tell_of_incident(session: Session, incident: Incident, *, now: datetime, life_safety: bool) -> None:
    """Tell of one incident, instead of each of its alarms."""
    said = incident.description
    notice = Notice(
        subject=f"incident:{incident.id}",
        severity=incident.severity,
        site_id=incident.site_id,
        life_safety=life_safety,
        title=incident.title,
        body=Label(en=said, zh=said)
        if said
        else Label(en="Several alarms point at one cause.", zh="多条告警指向同一原因。"),
        path=f"/incidents/{incident.id}",
    )
    notifications.notify(session, now=now, notice=notice)


def _of(session: Session, alarm: Alarm) -> Label:
    """The value with its limit, and since when by the clocks of its site."""
    said = sentence(read_facts(session, alarm.facts))
    zone = _zone(session, alarm.site_id)
    since = f"{alarm.since.astimezone(zone):%Y-%m-%d %H:%M:%S}{' UTC' if str(zone) == 'UTC' else ''}"
    return Label(
        en=f"{said['en']}. Since {since}" if said["en"] else f"Since {since}",
        zh=f"{said['zh']}。自 {since} 起" if said["zh"] else f"自 {since} 起",
    )


def _zone(session: Session, site_id: int | None) -> tzinfo:
    if site_id is None:
        return UTC
    return ask_once(session, ("zone", site_id), lambda: zone_of(session, site_id))
