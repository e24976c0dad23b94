"""Calls for help: made, seen to, over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.audit.service import Actor
from server.db import note_change
from server.errors import Conflict, Label, NotFound
from server.identity.models import User
from server.notifications import service as notifications
from server.notifications.service import Notice
from server.patrol.evidence import log
from server.patrol.evidence.events import Place
from server.patrol.safety.models import Sos
from server.patrol.safety.whereabouts import last_checkpoint, site_of


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
    notifications.notify(session, now=now, notice=_notice(session, row))
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


def _notice(session: Session, row: Sos) -> Notice:
    person = session.get(User, row.user_id)
    name = person.display_name if person else str(row.user_id)
    if row.kind == "sos":
        title = Label(en=f"SOS from {name}", zh=f"{name} 发出求助")
    else:
        title = Label(en=f"{name} does not answer (lone worker)", zh=f"{name} 单人作业未报平安")
    return Notice(
        subject=f"sos:{row.id}",
        severity="critical",
        site_id=row.site_id,
        life_safety=True,
        title=title,
        body=Label(
            en=row.message or "Call them, and send somebody.", zh=row.message or "请立即联系并派人前往。"
        ),
        path="/patrol/sos",
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
