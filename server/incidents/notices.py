"""What people are told of an alarm or an incident."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from server.alarms.models import Alarm
from server.alarms.service import subject_of
from server.errors import Label
from server.incidents import ledger
from server.incidents.models import Incident
from server.notifications import service as notifications
from server.notifications.service import Notice


def tell_of_alarm(session: Session, alarm: Alarm, *, now: datetime) -> None:
    """Tell of one alarm, to those whom it concerns."""
    body = Label(
        en=f"Since {alarm.since:%Y-%m-%d %H:%M:%S} UTC", zh=f"自 {alarm.since:%Y-%m-%d %H:%M:%S} UTC 起"
    )
    notice = Notice(
        subject=subject_of(alarm),
        severity=alarm.severity,
        site_id=alarm.site_id,
        life_safety=alarm.life_safety,
        title=ledger.title_of(session, alarm),
        body=body,
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
