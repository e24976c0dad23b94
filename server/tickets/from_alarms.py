"""What alarms do to tickets: open the one of a fault, fold it into another, make it more urgent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.alarms.lifecycle import Severity
from server.audit.service import SYSTEM
from server.clock import to_ms
from server.db import note_change
from server.errors import Label
from server.tickets.deadlines import deadlines
from server.tickets.lifecycle import REOPENS_WITHIN, CloseKind, TicketStatus
from server.tickets.models import Ticket
from server.tickets.record import NewTicket, create, record, working

_HOUR_MS = 3_600_000


def open_for_alarm(
    session: Session,
    *,
    key: tuple[int, int],
    title: Label,
    severity: Severity,
    verify_s: float,
    at: datetime,
) -> Ticket:
    """The one ticket of this (rule, asset): the one that is not closed, the one closed within a day, or a new one."""
    rule_id, asset_id = key
    ticket = _newest(session, rule_id, asset_id)
    if ticket is not None and ticket.closed_at is None:
        _recur(session, ticket, at=at)
    elif ticket is not None and _may_reopen(ticket, at):
        _reopen(session, ticket, severity=severity, at=at)
    else:
        new = NewTicket(asset_id, title, severity, rule_id, verify_s)
        ticket = create(session, new, at=at, actor=SYSTEM)
    note_change(session, "tickets")
    return ticket


def open_for_cause(
    session: Session, *, asset_id: int, title: Label, severity: Severity, at: datetime
) -> Ticket:
    """A ticket for a cause that no sensor of ours sees: a supply that several alarms point at. Closes by hand."""
    return create(session, NewTicket(asset_id, title, severity), at=at, actor=SYSTEM)


def merge(session: Session, ticket_id: int, *, into: Ticket, now: datetime) -> None:
    """Close a ticket because ``into`` deals with its cause. Whoever has begun keeps the work, on that one."""
    ticket = session.get(Ticket, ticket_id, with_for_update=True)
    if ticket is None or ticket.id == into.id or ticket.status == TicketStatus.CLOSED:
        return
    before = ticket.status
    ticket.status, ticket.closed_at, ticket.closed_by = TicketStatus.CLOSED, now, SYSTEM.name
    ticket.close_kind, ticket.merged_into_id = CloseKind.MERGED, into.id
    data = {"into": into.id, "number": into.number}
    record(session, ticket, before, kind="merged", at=now, actor=SYSTEM, data=data)
    _take_over(session, into, ticket, now=now)
    note_change(session, "tickets")


def change_severity(session: Session, ticket_id: int, *, severity: Severity, at: datetime) -> None:
    """Its alarm is of another severity: one that rises brings its deadlines forward, never back."""
    ticket = session.get(Ticket, ticket_id, with_for_update=True)
    if ticket is None or ticket.status == TicketStatus.CLOSED or ticket.severity == severity:
        return
    data = {"from": ticket.severity, "to": severity.value}
    if severity.is_above(Severity(ticket.severity)):
        given = deadlines(severity, at)
        ticket.respond_by = min(ticket.respond_by, given.respond_by)
        ticket.on_site_by = min(ticket.on_site_by, given.on_site_by)
        ticket.due_at = min(ticket.due_at, given.due_at)
    ticket.severity = severity
    record(session, ticket, ticket.status, kind="severity_changed", at=at, actor=SYSTEM, data=data)
    note_change(session, "tickets")


def _newest(session: Session, rule_id: int, asset_id: int) -> Ticket | None:
    """Locked: whoever works on it meanwhile waits, and is not overwritten."""
    return session.scalar(
        select(Ticket)
        .where(Ticket.rule_id == rule_id, Ticket.asset_id == asset_id)
        .order_by(Ticket.id.desc())
        .limit(1)
        .with_for_update()
    )


def _take_over(session: Session, ticket: Ticket, merged: Ticket, *, now: datetime) -> None:
    """It deals with the other's fault as well, and goes to whoever had that one, if nobody has it."""
    before, owner = ticket.status, merged.assignee_id
    if owner is not None and ticket.assignee_id is None and before == TicketStatus.OPEN:
        ticket.assignee_id = owner
        ticket.accepted_at, ticket.on_site_at = merged.accepted_at, merged.on_site_at
        ticket.status = working(ticket) if merged.accepted_at is not None else TicketStatus.OPEN
    data = {"ticket": merged.id, "number": merged.number, "assignee_id": owner}
    record(session, ticket, before, kind="took_over", at=now, actor=SYSTEM, data=data)


def _may_reopen(ticket: Ticket, at: datetime) -> bool:
    """One that was merged was no repair: another ticket is the right one for it."""
    is_merged = ticket.close_kind == CloseKind.MERGED
    return ticket.closed_at is not None and not is_merged and at - ticket.closed_at < REOPENS_WITHIN


def _recur(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """The alarm is back while the ticket is not closed. Counted always, told once an hour at most."""
    before = TicketStatus(ticket.status)
    ticket.recurrences += 1
    if before is TicketStatus.VERIFYING:
        ticket.status, ticket.done_at = working(ticket), None
    hour = to_ms(at) // _HOUR_MS
    if hour != ticket.flap_hour or before is TicketStatus.VERIFYING:
        ticket.flap_hour = hour
        data = {"recurrences": ticket.recurrences}
        record(session, ticket, before, kind="recurred", at=at, actor=SYSTEM, data=data)


def _reopen(session: Session, ticket: Ticket, *, severity: Severity, at: datetime) -> None:
    """The repair did not last: the same ticket, free for anyone to take, with deadlines of its own."""
    data = {
        "closed_at": ticket.closed_at.isoformat() if ticket.closed_at else None,
        "close_kind": ticket.close_kind,
        "assignee_id": ticket.assignee_id,
    }
    given = deadlines(severity, at)
    ticket.status, ticket.severity = TicketStatus.OPEN, severity
    ticket.closed_at = ticket.closed_by = ticket.close_kind = ticket.merged_into_id = None
    ticket.assignee_id = ticket.accepted_at = ticket.on_site_at = ticket.done_at = None
    ticket.respond_by, ticket.on_site_by, ticket.due_at = given
    ticket.recurrences += 1
    record(session, ticket, TicketStatus.CLOSED, kind="reopened", at=at, actor=SYSTEM, data=data)
