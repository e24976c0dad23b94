"""HTTP of tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from sqlalchemy.orm import Session

from server.db import RowId
from server.errors import Label
from server.history.routes import StoresHere
from server.identity.access import Engineer, Guard, Viewer
from server.tickets import closing, queries, service
from server.tickets.evidence import StoreSource, verdict_on
from server.tickets.lifecycle import TicketStatus
from server.tickets.models import Ticket
from server.tickets.queries import Wanted
from server.tickets.schemas import (
    Assign,
    Close,
    Comment,
    Hold,
    Report,
    TicketDetail,
    TicketRead,
    TicketSummary,
)
from server.tickets.verification import Verdict
from server.web.paging import Cursor, Limit, Page, cut
from server.web.requests import Now, ReadSession, WriteSession

router = APIRouter(tags=["tickets"])

TicketId = Annotated[RowId, Path()]

MANUAL = Verdict(
    "manual",
    Label(en="No sensor is involved; whoever did the work closes it.", zh="无传感器参与，由处理人直接关闭。"),
    None,
    None,
)


def _wanted(
    *,
    user: Viewer,
    status: Annotated[
        TicketStatus | Literal["active"] | None, Query(description="active: not closed")
    ] = None,
    assignee: Annotated[Literal["me"] | None, Query()] = None,
    asset: Annotated[RowId | None, Query()] = None,
    overdue: Annotated[bool | None, Query()] = None,
    q: Annotated[str | None, Query(max_length=100, description="Part of the title, or the number")] = None,
) -> Wanted:
    return Wanted(
        status=status if isinstance(status, TicketStatus) else None,
        is_closed=False if status == "active" else None,
        assignee_id=user.id if assignee == "me" else None,
        asset_id=asset,
        overdue=overdue,
        text=q,
    )


@router.get("/tickets", response_model=Page[TicketRead])
def list_tickets(
    *,
    _user: Viewer,
    session: ReadSession,
    now: Now,
    wanted: Annotated[Wanted, Depends(_wanted)],
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[TicketRead]:
    """Tickets, newest first."""
    found, total = queries.find_tickets(session, wanted, now=now, before_id=cursor, limit=limit + 1)
    items, more = cut(found, limit)
    return Page(items=list(items), total=total, next=str(items[-1].id) if more else None)


@router.get("/tickets/summary", response_model=TicketSummary)
def summarise_tickets(user: Viewer, session: ReadSession, now: Now) -> TicketSummary:
    """Counts of what is to be done."""
    return queries.summarise(session, user_id=user.id, now=now)


@router.get("/tickets/{ticket_id}", response_model=TicketDetail)
def read_ticket(
    _user: Viewer, session: ReadSession, stores: StoresHere, now: Now, ticket_id: TicketId
) -> TicketDetail:
    """One ticket with its history, its alarms and what its sensor says."""
    return _detail(session, stores.get, service.get_ticket(session, ticket_id), now)


@router.post("/tickets", response_model=TicketDetail, status_code=201)
def report_ticket(
    user: Guard, session: WriteSession, stores: StoresHere, now: Now, wanted: Report
) -> TicketDetail:
    """Report a fault that no sensor saw."""
    ticket = service.report(session, now=now, user=user, **wanted.model_dump())
    return _detail(session, stores.get, ticket, now)


@router.post("/tickets/{ticket_id}/accept", response_model=TicketDetail)
def accept_ticket(
    user: Engineer, session: WriteSession, stores: StoresHere, now: Now, ticket_id: TicketId
) -> TicketDetail:
    """Take it."""
    return _detail(session, stores.get, service.accept(session, ticket_id, now=now, user=user), now)


@router.post("/tickets/{ticket_id}/assign", response_model=TicketDetail)
def assign_ticket(
    *,
    user: Engineer,
    session: WriteSession,
    stores: StoresHere,
    now: Now,
    ticket_id: TicketId,
    wanted: Assign,
) -> TicketDetail:
    """Give it to an engineer, who then accepts it."""
    ticket = service.assign(session, ticket_id, now=now, user=user, to=wanted.user_id)
    return _detail(session, stores.get, ticket, now)


@router.post("/tickets/{ticket_id}/arrive", response_model=TicketDetail)
def arrive_at_ticket(
    user: Engineer, session: WriteSession, stores: StoresHere, now: Now, ticket_id: TicketId
) -> TicketDetail:
    """Say that one is at the machine."""
    return _detail(session, stores.get, service.arrive(session, ticket_id, now=now, user=user), now)


@router.post("/tickets/{ticket_id}/hold", response_model=TicketDetail)
def hold_ticket(
    *, user: Engineer, session: WriteSession, stores: StoresHere, now: Now, ticket_id: TicketId, wanted: Hold
) -> TicketDetail:
    """Put it aside, with the reason."""
    ticket = service.hold(session, ticket_id, now=now, user=user, reason=wanted.reason)
    return _detail(session, stores.get, ticket, now)


@router.post("/tickets/{ticket_id}/resume", response_model=TicketDetail)
def resume_ticket(
    user: Engineer, session: WriteSession, stores: StoresHere, now: Now, ticket_id: TicketId
) -> TicketDetail:
    """Go on where it was put aside."""
    return _detail(session, stores.get, service.resume(session, ticket_id, now=now, user=user), now)


@router.post("/tickets/{ticket_id}/close", response_model=TicketDetail)
def close_ticket(
    *, user: Engineer, session: WriteSession, stores: StoresHere, now: Now, ticket_id: TicketId, wanted: Close
) -> TicketDetail:
    """Close it. 409 out_of_band, not_yet_verified, sensor_silent or rules_not_running while the sensor does not agree."""
    ticket = closing.close(session, stores.get, ticket_id, now=now, user=user, wanted=wanted)
    return _detail(session, stores.get, ticket, now)


@router.post("/tickets/{ticket_id}/comment", response_model=TicketDetail)
def comment_on_ticket(
    *, user: Guard, session: WriteSession, stores: StoresHere, now: Now, ticket_id: TicketId, wanted: Comment
) -> TicketDetail:
    """Add a remark."""
    ticket = service.comment(session, ticket_id, now=now, user=user, text=wanted.text)
    return _detail(session, stores.get, ticket, now)


def _detail(session: Session, store: StoreSource, ticket: Ticket, now: datetime) -> TicketDetail:
    session.flush()
    if ticket.status == TicketStatus.CLOSED:
        return queries.read_detail(session, ticket, None, now=now)
    verdict = MANUAL if ticket.rule_id is None else verdict_on(session, store, ticket, now=now)
    return queries.read_detail(session, ticket, verdict, now=now)
