"""The verbs on tickets, and the only writer of them.

Who works on a ticket: the person it is given to, or an admin. A free ticket is taken by one person
alone: every change of status is an UPDATE that names the status it was seen in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.alarms.lifecycle import Severity
from server.assets.service import get_asset
from server.audit.service import SYSTEM, Actor
from server.clock import to_ms
from server.db import note_change
from server.errors import Conflict, Forbidden, Invalid, Label, NotFound
from server.identity.access import CurrentUser
from server.identity.models import User
from server.identity.roles import Role
from server.tickets.deadlines import deadlines
from server.tickets.lifecycle import REOPENS_WITHIN, CloseKind, TicketStatus, Verb, may, working_status
from server.tickets.models import Ticket, TicketEvent

_HOUR_MS = 3_600_000
_STATUS_NAMES = {
    TicketStatus.OPEN: Label(en="open", zh="待受理"),
    TicketStatus.ACCEPTED: Label(en="accepted", zh="已受理"),
    TicketStatus.ON_SITE: Label(en="on site", zh="已到场"),
    TicketStatus.ON_HOLD: Label(en="on hold", zh="已挂起"),
    TicketStatus.VERIFYING: Label(en="being verified", zh="验证中"),
    TicketStatus.CLOSED: Label(en="closed", zh="已关闭"),
}


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
    ticket = session.scalar(
        select(Ticket)
        .where(Ticket.rule_id == rule_id, Ticket.asset_id == asset_id)
        .order_by(Ticket.id.desc())
        .limit(1)
        .with_for_update()
    )
    note_change(session, "tickets")
    if ticket is not None and ticket.closed_at is None:
        _recur(session, ticket, at=at)
        return ticket
    if ticket is not None and _may_reopen(ticket, at):
        _reopen(session, ticket, severity=severity, at=at)
        return ticket
    return _create(
        session,
        asset_id=asset_id,
        rule_id=rule_id,
        title=title,
        severity=severity,
        verify_s=verify_s,
        at=at,
        actor=SYSTEM,
    )


def open_for_cause(
    session: Session, *, asset_id: int, title: Label, severity: Severity, at: datetime
) -> Ticket:
    """A ticket for a cause that no sensor of ours sees: a supply that several alarms point at. Closes by hand."""
    note_change(session, "tickets")
    return _create(
        session,
        asset_id=asset_id,
        rule_id=None,
        title=title,
        severity=severity,
        verify_s=0,
        at=at,
        actor=SYSTEM,
    )


def merge(session: Session, ticket_id: int, *, into: Ticket, now: datetime) -> None:
    """Close a ticket because ``into`` deals with its cause. Whoever has begun keeps the work, on that one."""
    ticket = session.get(Ticket, ticket_id, with_for_update=True)
    if ticket is None or ticket.id == into.id or ticket.status == TicketStatus.CLOSED:
        return
    before, owner = ticket.status, ticket.assignee_id
    ticket.status, ticket.closed_at, ticket.closed_by = TicketStatus.CLOSED, now, SYSTEM.name
    ticket.close_kind, ticket.merged_into_id = CloseKind.MERGED, into.id
    data = {"into": into.id, "number": into.number}
    _record(session, ticket, before, kind="merged", at=now, actor=SYSTEM, data=data)
    status = into.status
    if owner is not None and into.assignee_id is None and status == TicketStatus.OPEN:
        into.assignee_id = owner
        into.accepted_at, into.on_site_at = ticket.accepted_at, ticket.on_site_at
        into.status = _working(into) if ticket.accepted_at is not None else TicketStatus.OPEN
    taken = {"ticket": ticket.id, "number": ticket.number, "assignee_id": owner}
    _record(session, into, status, kind="took_over", at=now, actor=SYSTEM, data=taken)
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
    _record(session, ticket, ticket.status, kind="severity_changed", at=at, actor=SYSTEM, data=data)
    note_change(session, "tickets")


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
    note_change(session, "tickets")
    ticket = _create(
        session,
        asset_id=asset_id,
        rule_id=None,
        title=Label(en=title, zh=title),
        severity=severity,
        verify_s=0,
        at=now,
        actor=user.actor,
        description=description,
        due_at=due_at,
    )
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
    move(session, ticket, {"status": _working(ticket)}, kind="resumed", now=now, actor=user.actor)
    return ticket


def comment(session: Session, ticket_id: int, *, now: datetime, user: CurrentUser, text: str) -> Ticket:
    """Add a remark; anyone who may report may remark, also on a closed ticket."""
    ticket = get_ticket(session, ticket_id)
    _record(session, ticket, ticket.status, kind="commented", at=now, actor=user.actor, comment=text)
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
    _record(session, ticket, before, kind=kind, at=now, actor=actor, comment=comment, data=data)
    note_change(session, "tickets")


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


def _create(
    session: Session,
    *,
    asset_id: int,
    rule_id: int | None,
    title: Label,
    severity: Severity,
    verify_s: float,
    at: datetime,
    actor: Actor,
    description: str | None = None,
    due_at: datetime | None = None,
) -> Ticket:
    given = deadlines(severity, at)
    last = due_at or given.due_at
    ticket = Ticket(
        title=title,
        description=description,
        asset_id=asset_id,
        rule_id=rule_id,
        severity=severity,
        status=TicketStatus.OPEN,
        reported_at=at,
        reporter_id=actor.id,
        respond_by=min(given.respond_by, last),
        on_site_by=min(given.on_site_by, last),
        due_at=last,
        verify_s=verify_s,
        recurrences=0,
        flap_hour=0,
    )
    session.add(ticket)
    session.flush()
    _record(session, ticket, TicketStatus.OPEN, kind="reported", at=at, actor=actor, comment=description)
    return ticket


def _may_reopen(ticket: Ticket, at: datetime) -> bool:
    """One that was merged was no repair: another ticket is the right one for it."""
    is_merged = ticket.close_kind == CloseKind.MERGED
    return ticket.closed_at is not None and not is_merged and at - ticket.closed_at < REOPENS_WITHIN


def _recur(session: Session, ticket: Ticket, *, at: datetime) -> None:
    """The alarm is back while the ticket is not closed. Counted always, told once an hour at most."""
    before = TicketStatus(ticket.status)
    ticket.recurrences += 1
    if before is TicketStatus.VERIFYING:
        ticket.status, ticket.done_at = _working(ticket), None
    hour = to_ms(at) // _HOUR_MS
    if hour != ticket.flap_hour or before is TicketStatus.VERIFYING:
        ticket.flap_hour = hour
        data = {"recurrences": ticket.recurrences}
        _record(session, ticket, before, kind="recurred", at=at, actor=SYSTEM, data=data)


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
    _record(session, ticket, TicketStatus.CLOSED, kind="reopened", at=at, actor=SYSTEM, data=data)


def _working(ticket: Ticket) -> TicketStatus:
    return working_status(has_owner=ticket.assignee_id is not None, has_arrived=ticket.on_site_at is not None)


def _record(
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
