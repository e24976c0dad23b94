"""Reading tickets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from server.alarms.lifecycle import Severity
from server.alarms.queries import alarms_of_ticket, asset_refs
from server.alarms.schemas import AssetRef
from server.identity.models import User
from server.tickets.deadlines import Deadlines, missed
from server.tickets.lifecycle import CloseKind, TicketStatus
from server.tickets.models import FIRST_NUMBER, Ticket, TicketEvent
from server.tickets.schemas import (
    PersonRef,
    TicketDetail,
    TicketEventRead,
    TicketRead,
    TicketSummary,
    Verification,
)
from server.tickets.verification import Verdict

MOST_EVENTS = 500
UNARRIVED = (TicketStatus.OPEN, TicketStatus.ACCEPTED)


class Wanted(NamedTuple):
    """Which tickets to list; None leaves a side open."""

    status: TicketStatus | None = None
    is_closed: bool | None = None
    assignee_id: int | None = None
    asset_id: int | None = None
    overdue: bool | None = None
    text: str | None = None


def find_tickets(
    session: Session, wanted: Wanted, *, now: datetime, before_id: int | None, limit: int
) -> tuple[list[TicketRead], int]:
    """(tickets, newest first, how many match without the cursor)."""
    matching = list(_matching(wanted, now))
    total = session.scalar(select(func.count()).select_from(Ticket).where(*matching)) or 0
    if before_id is not None:
        matching.append(Ticket.id < before_id)
    rows = session.scalars(select(Ticket).where(*matching).order_by(Ticket.id.desc()).limit(limit)).all()
    return read_tickets(session, rows, now=now), total


def read_tickets(session: Session, tickets: Sequence[Ticket], *, now: datetime) -> list[TicketRead]:
    """Tickets as people read them, in the order given."""
    assets = asset_refs(session, {ticket.asset_id for ticket in tickets})
    people = _people(session, (ticket.assignee_id for ticket in tickets))
    return [_read(ticket, assets[ticket.asset_id], people, now) for ticket in tickets]


def read_detail(session: Session, ticket: Ticket, verdict: Verdict | None, *, now: datetime) -> TicketDetail:
    """One ticket with its history, its alarms and what its sensor says."""
    newest = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id.desc())
    events = session.scalars(newest.limit(MOST_EVENTS)).all()
    people = _people(session, [ticket.reporter_id])
    return TicketDetail(
        **read_tickets(session, [ticket], now=now)[0].model_dump(),
        description=ticket.description,
        reporter=people.get(ticket.reporter_id or 0),
        accepted_at=ticket.accepted_at,
        on_site_at=ticket.on_site_at,
        done_at=ticket.done_at,
        closed_by=ticket.closed_by,
        events=[TicketEventRead.model_validate(event) for event in reversed(events)],
        alarms=alarms_of_ticket(session, ticket.id, now=now),
        verification=None if verdict is None else _verification(ticket, verdict),
    )


def summarise(session: Session, *, user_id: int, now: datetime) -> TicketSummary:
    """Counts of what is to be done."""
    rows = session.execute(select(Ticket.status, func.count()).group_by(Ticket.status)).all()
    counts = dict.fromkeys(TicketStatus, 0) | {TicketStatus(status): count for status, count in rows}
    overdue = select(func.count()).select_from(Ticket).where(is_overdue(now))
    mine = (
        select(func.count())
        .select_from(Ticket)
        .where(Ticket.assignee_id == user_id, Ticket.status != TicketStatus.CLOSED)
    )
    return TicketSummary(
        open=sum(count for status, count in counts.items() if status is not TicketStatus.CLOSED),
        overdue=session.scalar(overdue) or 0,
        verifying=counts[TicketStatus.VERIFYING],
        by_status=counts,
        mine=session.scalar(mine) or 0,
    )


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """``deadlines.missed`` in SQL."""
    return and_(
        Ticket.status.in_([status for status in TicketStatus if status is not TicketStatus.CLOSED]),
        or_(
            Ticket.due_at < now,
            and_(Ticket.status.in_(UNARRIVED), Ticket.on_site_at.is_(None), Ticket.on_site_by < now),
            and_(Ticket.status == TicketStatus.OPEN, Ticket.respond_by < now),
        ),
    )


def _matching(wanted: Wanted, now: datetime) -> Iterable[ColumnElement[bool]]:
    if wanted.status is not None:
        yield Ticket.status == wanted.status
    if wanted.is_closed is not None:
        closed = TicketStatus.CLOSED
        yield Ticket.status.in_([s for s in TicketStatus if (s is closed) is wanted.is_closed])
    if wanted.assignee_id is not None:
        yield Ticket.assignee_id == wanted.assignee_id
    if wanted.asset_id is not None:
        yield Ticket.asset_id == wanted.asset_id
    if wanted.overdue is not None:
        yield is_overdue(now) if wanted.overdue else ~is_overdue(now)
    if wanted.text:
        yield _named(wanted.text)


def _named(text: str) -> ColumnElement[bool]:
    number = text.strip().upper().removeprefix("T-")
    titles = [
        Ticket.title[language].as_string().icontains(text, autoescape=True) for language in ("en", "zh")
    ]
    if number.isascii() and number.isdigit() and len(number) < 10:
        return or_(Ticket.id == int(number) - FIRST_NUMBER, *titles)
    return or_(*titles)


def _people(session: Session, ids: Iterable[int | None]) -> Mapping[int, PersonRef]:
    wanted = sorted({person for person in ids if person is not None})
    rows = session.execute(select(User.id, User.display_name).where(User.id.in_(wanted)))
    return {row.id: PersonRef(id=row.id, display_name=row.display_name) for row in rows}


def _read(ticket: Ticket, asset: AssetRef, people: Mapping[int, PersonRef], now: datetime) -> TicketRead:
    status = TicketStatus(ticket.status)
    given = Deadlines(ticket.respond_by, ticket.on_site_by, ticket.due_at)
    return TicketRead(
        id=ticket.id,
        number=ticket.number,
        title=ticket.title,
        asset=asset,
        rule_id=ticket.rule_id,
        severity=Severity(ticket.severity),
        status=status,
        reported_at=ticket.reported_at,
        respond_by=ticket.respond_by,
        on_site_by=ticket.on_site_by,
        due_at=ticket.due_at,
        missed=missed(status, has_arrived=ticket.on_site_at is not None, given=given, now=now),
        assignee=people.get(ticket.assignee_id or 0),
        closed_at=ticket.closed_at,
        close_kind=CloseKind(ticket.close_kind) if ticket.close_kind else None,
        merged_into_id=ticket.merged_into_id,
        recurrences=ticket.recurrences,
    )


def _verification(ticket: Ticket, verdict: Verdict) -> Verification:
    return Verification(
        can_close=verdict.code in (None, "manual"),
        code=verdict.code,
        detail=verdict.detail,
        in_band_since=verdict.in_band_since,
        closes_at=verdict.closes_at,
        verify_s=ticket.verify_s,
        facts=list(verdict.facts),
    )
