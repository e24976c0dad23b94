"""What follows from an alarm: which incident it belongs to, whether it speaks to people, its ticket, its notice.

``handle_raised``, ``handle_returned`` and ``handle_severity`` are called by the rules in the transaction
in which the alarm changed. Who is told, and when a ticket is opened, is decided here and nowhere else.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.alarms.availability import Availability, Standing
from server.alarms.lifecycle import PRESENT, AlarmState, Severity, Verb, after
from server.alarms.models import Alarm
from server.alarms.record import record, tally
from server.alarms.service import is_standing, link_ticket, subject_of
from server.alarms.standing import standing_of
from server.audit.service import SYSTEM, Actor
from server.db import note_change
from server.errors import NotFound
from server.identity.person import CurrentUser
from server.incidents import ledger
from server.incidents.fold import fold, may_follow
from server.incidents.models import Incident
from server.incidents.notices import tell_of_alarm, tell_of_incident
from server.notifications import service as notifications
from server.tickets import from_alarms as tickets
from server.tickets.models import Ticket

GROUP_WAIT = timedelta(seconds=30)
"""How long people are not called for an alarm that may follow from another: its cause may be about to report."""


def handle_raised(
    session: Session, *, now: datetime, alarm: Alarm, verify_s: float, opens_ticket: bool
) -> None:
    """A rule raised ``alarm``, or raised it again. ``verify_s`` and ``opens_ticket`` as its rule says."""
    fold(session, now=now, alarm=alarm)
    alarm.verify_s, alarm.opens_ticket = verify_s, opens_ticket
    standing = standing_of(session, alarm, now=now)
    _note_quiet(session, alarm, standing, now=now)
    if standing.kind is not Availability.IN_SERVICE:
        tally(session, alarm, at=alarm.raised_at)
        return
    if alarm.ticket_id is None and may_follow(session, alarm):
        # one that comes and goes meanwhile does not wait anew
        alarm.ticket_wait_until = alarm.ticket_wait_until or now + GROUP_WAIT
    else:
        with session.no_autoflush:  # nothing of what follows is asked for again: it is written at once
            speak(session, alarm, now=now, at=alarm.raised_at)


def handle_returned(session: Session, *, now: datetime, alarm: Alarm) -> None:
    """Its condition is over: so is its notice, and its incident once nothing of it is left."""
    if not alarm.latched or alarm.state not in PRESENT:
        with session.no_autoflush:
            notifications.ended(session, now=now, subject=subject_of(alarm))
    incident = session.get(Incident, alarm.incident_id) if alarm.incident_id is not None else None
    if incident is None or incident.status != "open":
        return
    if incident.cause_alarm_id == alarm.id:
        incident.recovered_at = now
        ledger.note(session, incident, "recovered", at=now)
    session.flush()
    left = any(is_standing(one) for one in ledger.alarms_of(session, incident))
    if not left and (incident.recovered_at is not None or incident.kind == "inferred"):
        end(session, incident, now=now)


def handle_severity(session: Session, *, now: datetime, alarm: Alarm) -> None:
    """Its severity changed: so do its ticket's deadlines, and people hear of one that rose."""
    if alarm.explained is not None:
        return
    severity = Severity(alarm.severity)
    if alarm.ticket_id is not None:
        tickets.change_severity(session, alarm.ticket_id, severity=severity, at=now)
    incident = session.get(Incident, alarm.incident_id) if alarm.incident_id is not None else None
    if incident is not None and incident.cause_alarm_id == alarm.id:
        incident.severity = severity
    if standing_of(session, alarm, now=now).kind is Availability.IN_SERVICE and is_standing(alarm):
        tell_of_alarm(session, alarm, now=now)


def handle_reminded(session: Session, *, now: datetime, alarm: Alarm) -> None:
    """It is still present at its re-alarm time: people are told as of a new one, whoever answered before."""
    if standing_of(session, alarm, now=now).kind is not Availability.IN_SERVICE:
        return
    tally(session, alarm, at=now)
    notifications.withdrawn(session, now=now, subject=subject_of(alarm))
    tell_of_alarm(session, alarm, now=now)


def apply_standing(session: Session, alarm: Alarm, standing: Standing, *, now: datetime) -> None:
    """Its availability is another than was acted on last. One that comes into service again is fresh."""
    was = Availability(alarm.availability)
    _note_quiet(session, alarm, standing, now=now)
    note_change(session, "alarms")
    if standing.kind is not Availability.IN_SERVICE:
        alarm.ticket_wait_until = None
        notifications.withdrawn(session, now=now, subject=subject_of(alarm))
        return
    before = AlarmState(alarm.state)
    target = after(before, Verb.COME_THROUGH)
    if target is None or not is_standing(alarm):
        return
    alarm.state = target
    record(session, alarm, "came_through", before, now=now, at=now, data={"was": was.value})
    speak(session, alarm, now=now, at=now)


def speak(session: Session, alarm: Alarm, *, now: datetime, at: datetime) -> None:
    """Open its ticket and tell people: once what may keep it quiet has been asked. Counts as of ``at``."""
    alarm.ticket_wait_until = None
    tally(session, alarm, at=at)
    if alarm.opens_ticket:
        ticket = tickets.open_for_alarm(
            session,
            key=(alarm.rule_id, alarm.asset_id),
            title=ledger.title_of(session, alarm),
            severity=Severity(alarm.severity),
            verify_s=alarm.verify_s,
            at=alarm.raised_at,
        )
        link_ticket(alarm, ticket.id)
        _share_ticket(session, alarm, ticket, now=now)
    if is_standing(alarm):
        tell_of_alarm(session, alarm, now=now)


def infer(session: Session, alarms: list[Alarm], *, asset_id: int, cause_key: str, now: datetime) -> Incident:
    """Several alarms point at a supplier that says nothing itself: one incident, one ticket, one notice."""
    first = min(alarms, key=lambda alarm: (alarm.since, alarm.id))
    incident = ledger.open_incident(
        session, at=now, cause_key=cause_key, alarm=None, asset_id=asset_id, like=first
    )
    for alarm in alarms:
        if Severity(alarm.severity).is_above(Severity(incident.severity)):
            incident.severity = alarm.severity
        ledger.join(session, incident, alarm, now=now)
    if any(alarm.opens_ticket for alarm in alarms):
        ticket = tickets.open_for_cause(
            session,
            asset_id=asset_id,
            title=incident.title,
            severity=Severity(incident.severity),
            at=first.raised_at,
        )
        ledger.give_ticket(session, incident, ticket, now=now)
    tell_of_incident(session, incident, now=now, life_safety=False)
    return incident


def end(
    session: Session, incident: Incident, *, now: datetime, actor: Actor = SYSTEM, comment: str | None = None
) -> None:
    """The cause is over, and so is what followed from it, or the time for it to follow."""
    ledger.end(session, incident, now=now, actor=actor, comment=comment)
    notifications.ended(session, now=now, subject=f"incident:{incident.id}")


def comment(session: Session, incident_id: int, *, now: datetime, user: CurrentUser, text: str) -> Incident:
    """Add a remark."""
    incident = get_incident(session, incident_id)
    ledger.note(session, incident, "commented", at=now, actor=user.actor, comment=text)
    return incident


def get_incident(session: Session, incident_id: int) -> Incident:
    """Raises NotFound."""
    incident = session.get(Incident, incident_id)
    if incident is None:
        raise NotFound(f"There is no incident {incident_id}.", f"没有编号为 {incident_id} 的事件。")
    return incident


def _note_quiet(session: Session, alarm: Alarm, standing: Standing, *, now: datetime) -> None:
    if alarm.availability == standing.kind:
        return
    alarm.availability = standing.kind
    if standing.kind in (Availability.SUPPRESSED, Availability.OUT_OF_SERVICE) and standing.source != "cause":
        data: dict[str, object] = {
            "reason": standing.reason,
            "until": standing.until.isoformat() if standing.until else None,
            "source": standing.source,
            "by": standing.by,
        }
        state = AlarmState(alarm.state)
        record(session, alarm, standing.kind.value, state, now=now, at=now, data=data)


def _share_ticket(session: Session, alarm: Alarm, ticket: Ticket, *, now: datetime) -> None:
    if alarm.incident_id is None:  # who is the cause of one is in it
        return
    session.flush()
    own = session.scalars(
        select(Incident).where(Incident.cause_alarm_id == alarm.id, Incident.status == "open")
    ).first()
    if own is not None:
        merged = session.scalars(select(Incident).where(Incident.merged_into_id == own.id)).all()
        ledger.give_ticket(session, own, ticket, now=now)
        for smaller in merged:
            if smaller.ticket_id is not None:
                tickets.merge(session, smaller.ticket_id, into=ticket, now=now)
