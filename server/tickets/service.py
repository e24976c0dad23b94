"""What people do with tickets. Who works on one: the person it is given to, or an admin."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from server.alarms.lifecycle import Severity
from server.assets.service import get_asset
from server.audit.service import Actor
from server.db import note_change
from server.errors import Conflict, Forbidden, Invalid, Label, NotFound
from server.identity.models import User
from server.identity.person import CurrentUser
from server.identity.roles import Role
from server.tickets.lifecycle import TicketStatus, Verb, may
from server.tickets.models import Ticket
from server.tickets.record import NewTicket, create, move, record, working

_STATUS_NAMES = {
    TicketStatus.OPEN: Label(en="open", zh="待受理"),
    TicketStatus.ACCEPTED: Label(en="accepted", zh="已受理"),
    TicketStatus.ON_SITE: Label(en="on site", zh="已到场"),
    TicketStatus.ON_HOLD: Label(en="on hold", zh="已挂起"),
    TicketStatus.VERIFYING: Label(en="being verified", zh="验证中"),
    TicketStatus.CLOSED: Label(en="closed", zh="已关闭"),
}


def report(
    session: Session,
    *,
    now: datetime,
    user: CurrentUser,
    asset_id: int,
    title: str,
    description: str | None,
    severity: Severity,
    owner_id: int | None = None,
    due_at: datetime | None = None,
) -> Ticket:
    """A ticket that a person opens. It has no sensor to agree, and is closed by hand.

    ``owner_id``: whom it is given to at once; one who may not have tickets is passed over, and it is free.
    ``due_at``: by when it is wanted, instead of what its severity gives.
    """
    get_asset(session, asset_id)
    label = Label(en=title, zh=title)
    new = NewTicket(asset_id, label, severity, description=description, due_at=due_at)
    ticket = create(session, new, at=now, actor=user.actor)
    person = _able(session, owner_id)
    if person is not None:
        _give(session, ticket, person, now=now, actor=user.actor)
    return ticket


def accept(session: Session, ticket_id: int, *, now: datetime, user: CurrentUser) -> Ticket:
    """Take a free ticket, or one that was given to ``user``. Raises Conflict where somebody else has it."""
    ticket = get_ticket(session, ticket_id)
    require(ticket, Verb.ACCEPT)
    if ticket.assignee_id not in (None, user.id):
        raise Conflict("It was given to somebody else.", "该工单已指派给其他人。", code="assigned_to_another")
    values = {"status": TicketStatus.ACCEPTED, "assignee_id": user.id, "accepted_at": now}
    move(session, ticket, values, kind="accepted", now=now, actor=user.actor)
    return ticket


def assign(session: Session, ticket_id: int, *, now: datetime, user: CurrentUser, to: int) -> Ticket:
    """Give a ticket to an engineer, who then accepts it. Its owner and admins may, and anyone if it is free."""
    ticket = get_ticket(session, ticket_id)
    require(ticket, Verb.ASSIGN)
    if ticket.assignee_id is not None:
        require_worker(ticket, user)
    person = _able(session, to)
    if person is None:
        raise Invalid(
            "Only an engineer or admin who is active can be given a ticket.",
            "只能指派给在用的工程师或管理员。",
            code="not_an_engineer",
        )
    _give(session, ticket, person, now=now, actor=user.actor)
    return ticket


def arrive(session: Session, ticket_id: int, *, now: datetime, user: CurrentUser) -> Ticket:
    """Say that one is at the machine."""
    ticket = get_ticket(session, ticket_id)
    require(ticket, Verb.ARRIVE)
    require_worker(ticket, user)
    values = {"status": TicketStatus.ON_SITE, "on_site_at": now}
    move(session, ticket, values, kind="arrived", now=now, actor=user.actor)
    return ticket


def hold(session: Session, ticket_id: int, *, now: datetime, user: CurrentUser, reason: str) -> Ticket:
    """Put it aside, with the reason: a part is awaited, nobody lets us in."""
    ticket = get_ticket(session, ticket_id)
    require(ticket, Verb.HOLD)
    require_worker(ticket, user)
    values = {"status": TicketStatus.ON_HOLD}
    move(session, ticket, values, kind="held", now=now, actor=user.actor, comment=reason)
    return ticket


def resume(session: Session, ticket_id: int, *, now: datetime, user: CurrentUser) -> Ticket:
    """Go on where it was put aside."""
    ticket = get_ticket(session, ticket_id)
    require(ticket, Verb.RESUME)
    require_worker(ticket, user)
    move(session, ticket, {"status": working(ticket)}, kind="resumed", now=now, actor=user.actor)
    return ticket


def comment(session: Session, ticket_id: int, *, now: datetime, user: CurrentUser, text: str) -> Ticket:
    """Add a remark; anyone who may report may remark, also on a closed ticket."""
    ticket = get_ticket(session, ticket_id)
    record(session, ticket, ticket.status, kind="commented", at=now, actor=user.actor, comment=text)
    note_change(session, "tickets")
    return ticket


def get_ticket(session: Session, ticket_id: int) -> Ticket:
    """Raises NotFound."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None:
        raise NotFound(f"There is no ticket {ticket_id}.", f"没有编号为 {ticket_id} 的工单。")
    return ticket


def require_worker(ticket: Ticket, user: CurrentUser) -> None:
    """Raises Forbidden where the ticket is somebody else's."""
    if user.role is not Role.ADMIN and ticket.assignee_id != user.id:
        raise Forbidden(
            "It is not yours: take it first, or ask whoever has it.",
            "该工单不在您名下，请先受理或联系负责人。",
            code="not_yours",
        )


def require(ticket: Ticket, verb: Verb) -> None:
    """Raises Conflict where the ticket's status does not allow this."""
    status = TicketStatus(ticket.status)
    if not may(status, verb):
        name = _STATUS_NAMES[status]
        raise Conflict(
            f"The ticket is {name['en']}; that cannot be done now.",
            f"工单当前状态为“{name['zh']}”，不能进行此操作。",
            code="wrong_status",
            status_now=status.value,
        )


def _able(session: Session, user_id: int | None) -> User | None:
    """The person, if they may have tickets: an engineer or admin who is active."""
    person = session.get(User, user_id) if user_id is not None else None
    if person is None or person.disabled_at is not None or not Role(person.role).includes(Role.ENGINEER):
        return None
    return person


def _give(session: Session, ticket: Ticket, person: User, *, now: datetime, actor: Actor) -> None:
    """It is this person's to accept."""
    values = {"status": TicketStatus.OPEN, "assignee_id": person.id, "accepted_at": None, "on_site_at": None}
    data = {"to": {"id": person.id, "display_name": person.display_name}, "from": ticket.assignee_id}
    move(session, ticket, values, kind="assigned", now=now, actor=actor, data=data)
