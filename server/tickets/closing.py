"""Closing a ticket: on the sensor's evidence, by hand where there is no sensor, or over it by an admin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from server.audit import service as audit
from server.audit.service import SYSTEM, Actor
from server.db import reading, transaction
from server.errors import Conflict, DomainError, Forbidden
from server.identity.person import CurrentUser
from server.identity.roles import Role
from server.tickets.evidence import StoreSource, still_in_band, verdict_on
from server.tickets.lifecycle import CloseKind, TicketStatus, Verb
from server.tickets.models import Ticket
from server.tickets.record import move
from server.tickets.schemas import Close
from server.tickets.service import get_ticket, require, require_worker
from server.tickets.verification import Verdict

log = structlog.get_logger("tickets")


def close(
    session: Session, store: StoreSource, ticket_id: int, *, now: datetime, user: CurrentUser, wanted: Close
) -> Ticket:
    """Close, or with ``when_verified`` have it closed. Raises Conflict with the sensor's reason and facts."""
    ticket = get_ticket(session, ticket_id)
    if ticket.assignee_id is not None:
        require_worker(ticket, user)
    if wanted.override_reason is not None:
        _override(session, ticket, now=now, user=user, wanted=wanted)
        return ticket
    if ticket.rule_id is None:
        require(ticket, Verb.CLOSE)
        _close(session, ticket, CloseKind.MANUAL, now=now, actor=user.actor, comment=wanted.note)
        return ticket
    verdict = verdict_on(session, store, ticket, now=now)
    if verdict.code is None:
        require(ticket, Verb.CLOSE)
        _close(
            session,
            ticket,
            CloseKind.VERIFIED,
            now=now,
            actor=user.actor,
            comment=wanted.note,
            data=evidence_data(verdict),
        )
    elif wanted.when_verified:
        _await_proof(session, ticket, verdict, now=now, user=user, note=wanted.note)
    else:
        require(ticket, Verb.CLOSE)
        raise refusal(verdict, verify_s=ticket.verify_s)
    return ticket


def verify_waiting(sessions: sessionmaker[Session], store: StoreSource, *, now: datetime) -> list[int]:
    """Close the tickets that wait for their proof and have it; gives their ids. One that fails stops no other."""
    with reading(sessions) as session:
        waiting = session.scalars(select(Ticket.id).where(Ticket.status == TicketStatus.VERIFYING)).all()
    closed: list[int] = []
    for ticket_id in waiting:
        try:
            if _close_if_proven(sessions, store, ticket_id, now=now):
                closed.append(ticket_id)
        except (OperationalError, InterfaceError):
            raise
        except (DomainError, SQLAlchemyError, ValueError, LookupError, TypeError):
            log.exception("a ticket could not be verified", ticket=ticket_id)
    return closed


def _close_if_proven(
    sessions: sessionmaker[Session], store: StoreSource, ticket_id: int, *, now: datetime
) -> bool:
    with reading(sessions) as session:  # the readings are asked for without holding a lock
        verdict = verdict_on(session, store, get_ticket(session, ticket_id), now=now)
    if verdict.code is not None:
        return False
    with transaction(sessions) as session:
        ticket = get_ticket(session, ticket_id)
        if ticket.status != TicketStatus.VERIFYING or not still_in_band(session, ticket, verdict):
            return False
        _close(session, ticket, CloseKind.VERIFIED, now=now, actor=SYSTEM, data=evidence_data(verdict))
    return True


def refusal(verdict: Verdict, *, verify_s: float) -> Conflict:
    """Why it is not closed, with what the sensor says."""
    return Conflict(
        verdict.detail["en"],
        verdict.detail["zh"],
        code=verdict.code,
        verify_s=verify_s,
        in_band_since=_iso(verdict.in_band_since),
        closes_at=_iso(verdict.closes_at),
        facts=[fact.model_dump() for fact in verdict.facts],
        evidence=evidence_data(verdict)["points"],
    )


def evidence_data(verdict: Verdict) -> dict[str, object]:
    """The evidence as it is kept on the closing event."""
    points = [{**one._asdict(), "last_at": _iso(one.last_at)} for one in verdict.evidence]
    return {"in_band_since": _iso(verdict.in_band_since), "points": points}


def _override(session: Session, ticket: Ticket, *, now: datetime, user: CurrentUser, wanted: Close) -> None:
    if user.role is not Role.ADMIN:
        raise Forbidden(
            "Only an admin may close a ticket against its sensor.",
            "只有管理员可以在传感器未确认时强制关闭工单。",
            code="override_needs_admin",
        )
    require(ticket, Verb.CLOSE)
    data = {"override_reason": wanted.override_reason}
    _close(session, ticket, CloseKind.OVERRIDE, now=now, actor=user.actor, comment=wanted.note, data=data)
    audit.record(
        session,
        now=now,
        actor=user.actor,
        action="ticket.overridden",
        subject=("ticket", ticket.id),
        detail={"number": ticket.number, "reason": wanted.override_reason},
    )


def _await_proof(
    session: Session, ticket: Ticket, verdict: Verdict, *, now: datetime, user: CurrentUser, note: str | None
) -> None:
    require(ticket, Verb.CLOSE_WHEN_VERIFIED)
    data = {"code": verdict.code, "closes_at": _iso(verdict.closes_at)}
    values = {"status": TicketStatus.VERIFYING, "done_at": now}
    move(session, ticket, values, kind="verifying", now=now, actor=user.actor, comment=note, data=data)


def _close(
    session: Session,
    ticket: Ticket,
    how: CloseKind,
    *,
    now: datetime,
    actor: Actor,
    comment: str | None = None,
    data: Mapping[str, object] | None = None,
) -> None:
    values = {
        "status": TicketStatus.CLOSED,
        "closed_at": now,
        "closed_by": actor.name,
        "close_kind": how,
        "done_at": ticket.done_at or now,
    }
    move(session, ticket, values, kind="closed", now=now, actor=actor, comment=comment, data=data)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None
