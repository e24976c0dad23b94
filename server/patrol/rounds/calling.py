"""The control room calls the attention of somebody who walks a round, and hears that they have seen it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.audit.service import Actor
from server.db import note_change
from server.errors import Label
from server.notifications import service as notifications
from server.notifications.service import Notice
from server.patrol.rounds.models import GuardCall, Round

NOUN = "calls"
"""What a phone's stream hears of; a person's own calls only (see server.live.hub.personal)."""
STANDS_FOR = timedelta(hours=12)
"""An older call is nobody's business any more."""


def call(
    session: Session, found: Round, *, call_id: str, user_id: int, now: datetime, by: Actor, text: str
) -> None:
    """Put it on the person's phone, and tell them by every way of theirs. ``call_id``: of the log's row."""
    session.add(GuardCall(id=call_id, round_id=found.id, user_id=user_id, at=now, by=by.name, text=text))
    notice = Notice(
        subject=f"call:{call_id}",
        severity="medium",
        site_id=found.site_id,
        life_safety=False,
        title=Label(en=f"{by.name}: {text}"[:200], zh=f"{by.name}：{text}"[:200]),
        body=found.name,
        path=f"/phone/round/{found.id}",
        to=user_id,
    )
    notifications.notify(session, now=now, notice=notice)
    note_change(session, f"{NOUN}-{user_id}")


def answer(session: Session, call_id: str, *, by: Actor, at: datetime, now: datetime) -> int | None:
    """The person has seen it; gives the round. None: no such call of theirs."""
    row = session.get(GuardCall, call_id, with_for_update=True)
    if row is None or row.user_id != by.id:
        return None
    row.answered_at = min(row.answered_at or at, at)
    notifications.answered(session, now=now, subject=f"call:{call_id}", by=by)
    return row.round_id


def open_calls(session: Session, user_id: int, *, now: datetime) -> list[GuardCall]:
    """What somebody has not answered yet, oldest first."""
    rows = select(GuardCall).where(
        GuardCall.user_id == user_id, GuardCall.answered_at.is_(None), GuardCall.at > now - STANDS_FOR
    )
    return list(session.scalars(rows.order_by(GuardCall.at, GuardCall.id)))
