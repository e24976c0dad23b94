"""Calls for help, and the timer of whoever works alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.audit.service import Actor
from server.db import note_change
from server.errors import Conflict, Label, NotFound
from server.identity.models import User
from server.notifications import service as notifications
from server.notifications.service import Notice
from server.patrol import log
from server.patrol.book import policy_of
from server.patrol.events import PhoneEvent, Place
from server.patrol.models import Round
from server.patrol.records import LoneWorker, Scan, Sos
from server.shifts.models import Team, TeamMember


def call(
    session: Session,
    *,
    now: datetime,
    event_id: str,
    user_id: int,
    at: datetime,
    message: str | None,
    place: Place | None,
    kind: str = "sos",
) -> Sos:
    """Somebody needs help: everyone who can come hears of it."""
    person = session.get(User, user_id)
    name = person.display_name if person else str(user_id)
    row = Sos(
        event_id=event_id,
        kind=kind,
        site_id=site_of(session, user_id, at=at),
        user_id=user_id,
        at=at,
        received_at=now,
        message=message,
        place=_place(place),
        checkpoint_id=last_checkpoint(session, user_id, at=at),
    )
    session.add(row)
    session.flush()
    if kind == "sos":
        title = Label(en=f"SOS from {name}", zh=f"{name} 发出求助")
    else:
        title = Label(en=f"{name} does not answer (lone worker)", zh=f"{name} 单人作业未报平安")
    text = message or ""
    notifications.notify(
        session,
        now=now,
        notice=Notice(
            subject=f"sos:{row.id}",
            severity="critical",
            site_id=row.site_id,
            life_safety=True,
            title=title,
            body=Label(en=text or "Call them, and send somebody.", zh=text or "请立即联系并派人前往。"),
            path="/patrol/sos",
        ),
    )
    note_change(session, "sos")
    return row


def cancel(session: Session, sos_id: int | str, *, user_id: int, now: datetime, at: datetime) -> bool:
    """Whoever called says it is over. It stays on the list until somebody closes it. False: no such call of theirs."""
    wanted = Sos.id == sos_id if isinstance(sos_id, int) else Sos.event_id == sos_id
    row = session.scalar(select(Sos).where(wanted, Sos.user_id == user_id).with_for_update())
    if row is None:
        return False
    row.cancelled_at = row.cancelled_at or at
    notifications.ended(session, now=now, subject=f"sos:{row.id}")
    note_change(session, "sos")
    return True


def acknowledge(session: Session, sos_id: int, *, now: datetime, by: Actor) -> Sos:
    """Somebody sees to it; the caller's phone shows who. Raises NotFound."""
    row = get_sos(session, sos_id)
    if row.acknowledged_at is None:
        row.acknowledged_at, row.acknowledged_by = now, by.name
        notifications.answered(session, now=now, subject=f"sos:{row.id}", by=by)
        _record(session, row, "sos.acknowledged", now=now, by=by)
    return row


def close(session: Session, sos_id: int, *, now: datetime, by: Actor) -> Sos:
    """It is over. Raises NotFound, Conflict where nobody acknowledged it."""
    row = get_sos(session, sos_id)
    if row.acknowledged_at is None and row.cancelled_at is None:
        raise Conflict("Acknowledge it first.", "请先确认该求助。", code="not_acknowledged")
    if row.closed_at is None:
        row.closed_at, row.closed_by = now, by.name
        notifications.ended(session, now=now, subject=f"sos:{row.id}")
        _record(session, row, "sos.closed", now=now, by=by)
    return row


def get_sos(session: Session, sos_id: int) -> Sos:
    """Raises NotFound."""
    row = session.scalar(select(Sos).where(Sos.id == sos_id).with_for_update())
    if row is None:
        raise NotFound(f"There is no call number {sos_id}.", f"没有编号为 {sos_id} 的求助。")
    return row


def lone_start(session: Session, event: PhoneEvent, *, every_s: int, at: datetime) -> None:
    """From now on the person answers every so often."""
    row = session.get(LoneWorker, event.user_id, with_for_update=True)
    if row is not None and row.started_at > at:
        return
    values = {
        "every_s": every_s,
        "started_at": at,
        "due_at": at + timedelta(seconds=every_s),
        "event_id": event.id,
        "phone_id": event.device_id,
        "called_at": None,
        "ended_at": None,
    }
    if row is None:
        session.add(LoneWorker(user_id=event.user_id, **values))
        session.flush()
        return
    for key, value in values.items():
        setattr(row, key, value)


def lone_sign(session: Session, event: PhoneEvent, *, at: datetime, now: datetime) -> None:
    """The person is well, or has ended it. After help was called the timer runs on: they still are alone.

    A sign that was made in time but came late ends the call as well: there was nothing to call for.
    """
    row = session.get(LoneWorker, event.user_id, with_for_update=True)
    if row is None or at < row.started_at:
        return
    due_at = at + timedelta(seconds=row.every_s)
    if event.kind == "lone_ended":
        row.ended_at = at
    elif due_at > row.due_at:
        row.due_at, row.called_at = due_at, None
    late = session.scalars(
        select(Sos).where(Sos.user_id == event.user_id, Sos.kind == "lone_worker", Sos.cancelled_at.is_(None))
    )
    for call_ in late:
        if due_at > call_.at:
            cancel(session, call_.id, user_id=event.user_id, now=now, at=at)


def watch_lone_workers(session: Session, *, now: datetime) -> int:
    """Call for help for everyone whose timer ran out; gives how many."""
    overdue = session.scalars(
        select(LoneWorker)
        .where(LoneWorker.ended_at.is_(None), LoneWorker.called_at.is_(None), LoneWorker.due_at < now)
        .with_for_update()
    ).all()
    called = 0
    for row in overdue:
        grace = policy_of(session, site_of(session, row.user_id, at=now)).lone_worker_grace_s
        if now < row.due_at + timedelta(seconds=grace):
            continue
        claimed = session.execute(
            update(LoneWorker)
            .where(
                LoneWorker.user_id == row.user_id,
                LoneWorker.due_at == row.due_at,
                LoneWorker.ended_at.is_(None),
                LoneWorker.called_at.is_(None),
            )
            .values(called_at=now)
            .returning(LoneWorker.user_id)
        ).one_or_none()
        if claimed is None:
            continue
        event_id = log.note(
            session,
            now=now,
            kind="lone_worker_silent",
            detail={"since": row.due_at.isoformat()},
            user_id=row.user_id,
        )
        call(
            session,
            now=now,
            event_id=event_id,
            user_id=row.user_id,
            at=row.due_at,
            message=None,
            place=None,
            kind="lone_worker",
        )
        called += 1
    return called


def site_of(session: Session, user_id: int, *, at: datetime) -> int | None:
    """Where a person works: the site of the round they walk, else of their team."""
    site = session.scalar(
        select(Round.site_id)
        .where(
            Round.user_id == user_id, Round.started_at.is_not(None), Round.starts_at > at - timedelta(days=1)
        )
        .order_by(Round.started_at.desc())
        .limit(1)
    )
    if site is not None:
        return site
    return session.scalar(
        select(Team.site_id)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.user_id == user_id)
        .limit(1)
    )


def last_checkpoint(session: Session, user_id: int, *, at: datetime) -> int | None:
    """Where the person was last, within half a day."""
    return session.scalar(
        select(Scan.checkpoint_id)
        .where(
            Scan.user_id == user_id,
            Scan.at.between(at - timedelta(hours=12), at),
            Scan.checkpoint_id.is_not(None),
            Scan.strength != "refused",
        )
        .order_by(Scan.at.desc())
        .limit(1)
    )


def _place(place: Place | None) -> dict[str, object] | None:
    if place is None:
        return None
    return {
        "lat_e7": place.lat_e7,
        "lng_e7": place.lng_e7,
        "accuracy_m": place.accuracy_m,
        "age_ms": place.age_ms,
    }


def _record(session: Session, row: Sos, action: str, *, now: datetime, by: Actor) -> None:
    note_change(session, "sos")
    log.note(session, now=now, kind=action.replace(".", "_"), detail={"sos": row.id, "by": by.name})
    audit.record(session, now=now, actor=by, action=action, subject=("sos", row.id))
