"""The rows of an incident: opened, joined, merged, ended. Who belongs where is decided in ``fold``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.alarms.availability import Availability
from server.alarms.lifecycle import AlarmState
from server.alarms.models import Alarm
from server.alarms.place import asset_of
from server.alarms.record import record, tally
from server.alarms.service import subject_of
from server.audit.service import SYSTEM, Actor
from server.db import note_change
from server.errors import Label
from server.incidents.models import Incident, IncidentEvent, IncidentMember
from server.notifications import service as notifications
from server.tickets.from_alarms import merge as merge_ticket
from server.tickets.models import Ticket
from server.tickets.service import get_ticket


def note(
    session: Session,
    incident: Incident,
    kind: str,
    *,
    at: datetime,
    actor: Actor = SYSTEM,
    comment: str | None = None,
    data: Mapping[str, object] | None = None,
) -> None:
    """Add one row to the history of an incident."""
    row = IncidentEvent(
        incident_id=incident.id, at=at, kind=kind, actor=actor.name, comment=comment, data=dict(data or {})
    )
    session.add(row)
    note_change(session, "incidents")


def asset_name(session: Session, asset_id: int) -> Label:
    asset = asset_of(session, asset_id)
    return asset.name if asset else Label(en="an asset that is gone", zh="已删除的设备")


def title_of(session: Session, alarm: Alarm) -> Label:
    """As tickets and notices call an alarm."""
    asset, rule = asset_name(session, alarm.asset_id), alarm.rule_name
    return Label(en=f"{asset['en']}: {rule['en']}", zh=f"{asset['zh']}：{rule['zh']}")


def open_incident(
    session: Session, *, at: datetime, cause_key: str, alarm: Alarm | None, asset_id: int, like: Alarm
) -> Incident:
    """An incident around the alarm that tells of its cause, or (``alarm`` None) around a supplier that is silent."""
    if alarm is not None:
        title = title_of(session, alarm)
    else:
        name = asset_name(session, asset_id)
        title = Label(en=f"{name['en']}: probably no supply", zh=f"{name['zh']}：疑似供电中断")
    incident = Incident(
        kind="caused" if alarm is not None else "inferred",
        status="open",
        title=title,
        severity=like.severity,
        site_id=like.site_id,
        cause_key=cause_key,
        cause_alarm_id=alarm.id if alarm is not None else None,
        cause_asset_id=asset_id,
        began_at=like.since,
        ticket_id=alarm.ticket_id if alarm is not None else None,
    )
    session.add(incident)
    session.flush()
    note(session, incident, "opened", at=at, data={"cause_key": cause_key})
    if alarm is not None:
        alarm.incident_id, alarm.explained = incident.id, None
        _member(session, incident, alarm, "cause", at)
    return incident


def join(session: Session, incident: Incident, alarm: Alarm, *, now: datetime) -> None:
    """The alarm follows from the incident's cause: it is quiet, and has no ticket of its own."""
    if alarm.incident_id == incident.id and alarm.explained is not None:
        return
    alarm.incident_id, alarm.explained = incident.id, follows_from(incident)
    if alarm.availability == Availability.IN_SERVICE:
        alarm.availability = Availability.SUPPRESSED
    if alarm.ticket_wait_until is not None:
        tally(session, alarm, at=alarm.raised_at)
    alarm.ticket_wait_until = None
    _member(session, incident, alarm, "effect", now)
    state = AlarmState(alarm.state)
    record(session, alarm, "folded", state, now=now, at=now, data={"incident": incident.id})
    note(session, incident, "joined", at=now, data={"alarm": alarm.id})
    notifications.withdrawn(session, now=now, subject=subject_of(alarm))
    hand_over_ticket(session, incident, alarm, now=now)
    note_change(session, "alarms")


def follows_from(incident: Incident) -> Label:
    title = incident.title
    return Label(en=f"Follows from {title['en']}", zh=f"由“{title['zh']}”引起")


def hand_over_ticket(session: Session, incident: Incident, alarm: Alarm, *, now: datetime) -> None:
    """The alarm's own ticket, where it has one that is open, is merged into the incident's."""
    if incident.ticket_id is None or alarm.ticket_id == incident.ticket_id:
        return
    if alarm.ticket_id is not None:
        merge_ticket(session, alarm.ticket_id, into=get_ticket(session, incident.ticket_id), now=now)
    alarm.ticket_id = incident.ticket_id


def give_ticket(session: Session, incident: Incident, ticket: Ticket, *, now: datetime) -> None:
    """The one ticket of an incident, for all its alarms."""
    if incident.ticket_id != ticket.id:
        incident.ticket_id = ticket.id
        note(session, incident, "ticket", at=now, data={"ticket": ticket.id, "number": ticket.number})
    for alarm in alarms_of(session, incident):
        hand_over_ticket(session, incident, alarm, now=now)


def merge(session: Session, smaller: Incident, into: Incident, *, now: datetime) -> None:
    """The cause of ``smaller`` follows from that of ``into``: all its alarms go there, and its ticket is merged."""
    for member in _members(session, smaller):
        member.left_at = now
    for alarm in alarms_of(session, smaller):
        alarm.explained = None
        join(session, into, alarm, now=now)
    if smaller.ticket_id is not None and into.ticket_id is not None:
        merge_ticket(session, smaller.ticket_id, into=get_ticket(session, into.ticket_id), now=now)
    notifications.withdrawn(session, now=now, subject=f"incident:{smaller.id}")
    smaller.status, smaller.ended_at, smaller.merged_into_id = "merged", now, into.id
    note(session, smaller, "merged", at=now, data={"into": into.id})
    note(session, into, "took_over", at=now, data={"incident": smaller.id})


def end(
    session: Session, incident: Incident, *, now: datetime, actor: Actor = SYSTEM, comment: str | None = None
) -> None:
    """It is over. Alarms that are still present do not follow from it any more: they stand for themselves."""
    incident.status, incident.ended_at = "ended", now
    left: list[int] = []
    for alarm in alarms_of(session, incident):
        if alarm.explained is not None and alarm.state != AlarmState.NORMAL:
            left.append(alarm.id)
            state = AlarmState(alarm.state)
            record(session, alarm, "parted", state, now=now, at=now, data={"incident": incident.id})
            if alarm.ticket_id == incident.ticket_id:
                alarm.ticket_id = None
        alarm.explained = None
    for member in _members(session, incident):
        if member.alarm_id in left:
            member.left_at = now
    note(session, incident, "ended", at=now, actor=actor, comment=comment, data={"still_present": left})
    note_change(session, "alarms")


def alarms_of(session: Session, incident: Incident) -> Sequence[Alarm]:
    """The alarms that are in it now, oldest first."""
    session.flush()
    return session.scalars(select(Alarm).where(Alarm.incident_id == incident.id).order_by(Alarm.id)).all()


def _members(session: Session, incident: Incident) -> Sequence[IncidentMember]:
    return session.scalars(
        select(IncidentMember).where(
            IncidentMember.incident_id == incident.id, IncidentMember.left_at.is_(None)
        )
    ).all()


def _member(session: Session, incident: Incident, alarm: Alarm, part: str, at: datetime) -> None:
    row = session.get(IncidentMember, (incident.id, alarm.id))
    if row is None:
        session.add(IncidentMember(incident_id=incident.id, alarm_id=alarm.id, part=part, joined_at=at))
    else:
        row.part, row.left_at = part, None
