"""The timer of whoever works alone: who gives no sign in time is helped."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.patrol.checkpoints.policy import policy_of
from server.patrol.evidence import log
from server.patrol.evidence.events import PhoneEvent
from server.patrol.safety.calls import call, cancel
from server.patrol.safety.models import LoneWorker, Sos
from server.patrol.safety.whereabouts import site_of


def start(session: Session, event: PhoneEvent, *, every_s: int, at: datetime) -> None:
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


def sign(session: Session, event: PhoneEvent, *, at: datetime, now: datetime) -> None:
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


def watch(session: Session, *, now: datetime) -> int:
    """Call for help for everyone whose timer ran out; gives how many."""
    overdue = session.scalars(
        select(LoneWorker)
        .where(LoneWorker.ended_at.is_(None), LoneWorker.called_at.is_(None), LoneWorker.due_at < now)
        .with_for_update()
    ).all()
    called = 0
    for row in overdue:
        grace = policy_of(session, site_of(session, row.user_id, at=now)).lone_worker_grace_s
        if now >= row.due_at + timedelta(seconds=grace) and _claim(session, row, now=now):
            _call_for(session, row, now=now)
            called += 1
    return called


def _claim(session: Session, row: LoneWorker, *, now: datetime) -> bool:
    """Whether it is for us to call: no other server did, and no sign came meanwhile."""
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
    return claimed is not None


def _call_for(session: Session, row: LoneWorker, *, now: datetime) -> None:
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
