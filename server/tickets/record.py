"""Writing a ticket: a new one, a change of its status, and the row that each change leaves.

Every change of status is an UPDATE that names the status it was seen in, so one person alone takes a free one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import update
from sqlalchemy.orm import Session

from server.alarms.lifecycle import Severity
from server.audit.service import Actor
from server.db import note_change
from server.errors import Conflict, Label
from server.tickets.deadlines import deadlines
from server.tickets.lifecycle import TicketStatus, working_status
from server.tickets.models import Ticket, TicketEvent


class NewTicket(NamedTuple):
    """What a ticket says when it is opened."""

    asset_id: int
    title: Label
    severity: Severity
    rule_id: int | None = None
    """Whose condition proves the repair; None: no sensor does, and it is closed by hand."""
    verify_s: float = 0
    description: str | None = None
    due_at: datetime | None = None
    """By when it is wanted, instead of what its severity gives."""


def create(session: Session, new: NewTicket, *, at: datetime, actor: Actor) -> Ticket:
    """A ticket that is open, and free for anyone to take."""
    given = deadlines(new.severity, at)
    last = new.due_at or given.due_at
    ticket = Ticket(
        title=new.title,
        description=new.description,
        asset_id=new.asset_id,
        rule_id=new.rule_id,
        severity=new.severity,
        status=TicketStatus.OPEN,
        reported_at=at,
        reporter_id=actor.id,
        respond_by=min(given.respond_by, last),
        on_site_by=min(given.on_site_by, last),
        due_at=last,
        verify_s=new.verify_s,
        recurrences=0,
        flap_hour=0,
    )
    session.add(ticket)
    session.flush()
    record(session, ticket, TicketStatus.OPEN, kind="reported", at=at, actor=actor, comment=new.description)
    note_change(session, "tickets")
    return ticket


def move(
    session: Session,
    ticket: Ticket,
    values: Mapping[str, object],
    *,
    kind: str,
    now: datetime,
    actor: Actor,
    comment: str | None = None,
    data: Mapping[str, object] | None = None,
) -> None:
    """Change a ticket from the state it was seen in. Raises Conflict where somebody was quicker."""
    before = ticket.status
    owner = Ticket.assignee_id.is_not_distinct_from(ticket.assignee_id)
    claimed = session.execute(
        update(Ticket)
        .where(Ticket.id == ticket.id, Ticket.status == before, owner)
        .values(**values)
        .returning(Ticket.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if claimed is None:
        raise Conflict(
            "Somebody was quicker; look at it again.",
            "他人已先行操作，请重新查看。",
            code="changed_meanwhile",
        )
    session.refresh(ticket)
    record(session, ticket, before, kind=kind, at=now, actor=actor, comment=comment, data=data)
    note_change(session, "tickets")


def record(
    session: Session,
    ticket: Ticket,
    before: str,
    *,
    kind: str,
    at: datetime,
    actor: Actor,
    comment: str | None = None,
    data: Mapping[str, object] | None = None,
) -> None:
    """Add one row to the history of a ticket, whose status is the new one already."""
    session.add(
        TicketEvent(
            ticket_id=ticket.id,
            at=at,
            kind=kind,
            from_status=before,
            to_status=ticket.status,
            actor_id=actor.id,
            actor=actor.name,
            comment=comment,
            data=dict(data or {}),
        )
    )


def working(ticket: Ticket) -> TicketStatus:
    """Where it goes on when it was put aside or came back."""
    return working_status(has_owner=ticket.assignee_id is not None, has_arrived=ticket.on_site_at is not None)
