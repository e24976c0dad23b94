"""Rows of the outbox: claimed by one server, sent, and marked with what became of it.

Delivery is at least once. A row is claimed by an UPDATE that only one server can win, and marked
sent after the provider has confirmed; a server killed in between leaves a claim that runs out, and
the message is sent again with the same key, by which webhooks and mail programs tell it is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.db import insert_ignoring, note_change
from server.errors import Conflict, Label, NotFound
from server.notifications.models import Channel, Notice, OutboxAttempt, OutboxMessage
from server.notifications.words import Telling

CLAIM = timedelta(seconds=90)
"""Longer than any send may take."""
RETRY_AFTER = (timedelta(seconds=15), timedelta(seconds=60))
"""Waits between the tries; after the last one the next channel is used. In all a little over a minute."""
AT_ONCE = 50
NOUN = "notices"
_STOPPED = Label(en="the server that was sending it stopped", zh="发送中的服务器已停止")


def ways_due(session: Session, *, now: datetime) -> set[str]:
    """Kinds of channels that have something to send."""
    due = select(OutboxMessage.way).where(OutboxMessage.state == "waiting", OutboxMessage.due_at <= now)
    return set(session.scalars(due.distinct()))


def due(session: Session, way: str, *, now: datetime) -> list[Telling]:
    """What waits to be sent one way: people in danger first, then by age."""
    rows = session.execute(
        select(OutboxMessage, Notice)
        .join(Notice, Notice.id == OutboxMessage.notice_id)
        .where(OutboxMessage.way == way, OutboxMessage.state == "waiting", OutboxMessage.due_at <= now)
        .order_by(Notice.life_safety.desc(), OutboxMessage.due_at, OutboxMessage.id)
        .limit(AT_ONCE)
    )
    return [Telling(row, notice) for row, notice in rows]


def claim(session: Session, row_id: int, *, by: str, now: datetime) -> bool:
    """Make a waiting row ours; False where somebody else has it or nobody wants it any more."""
    claimed = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == row_id, OutboxMessage.state == "waiting", OutboxMessage.due_at <= now)
        .values(
            state="sending",
            claimed_by=by,
            claimed_until=now + CLAIM,
            attempts=OutboxMessage.attempts + 1,
            waits_for=None,
        )
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return claimed is not None


def take_back_lost(session: Session, *, now: datetime) -> int:
    """Rows whose server never came back wait again; how many."""
    lost = session.scalars(
        select(OutboxMessage.id).where(OutboxMessage.state == "sending", OutboxMessage.claimed_until < now)
    ).all()
    for row_id in lost:
        returned = session.execute(
            update(OutboxMessage)
            .where(
                OutboxMessage.id == row_id,
                OutboxMessage.state == "sending",
                OutboxMessage.claimed_until < now,
            )
            .values(state="waiting", claimed_by=None, claimed_until=None, due_at=now, waits_for="retry")
            .returning(OutboxMessage.id)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if returned is not None:
            _note(session, row_id, now, "lost", _STOPPED)
    return len(lost)


def mark_sent(
    session: Session, rows: Sequence[OutboxMessage], *, by: str, now: datetime, answer: Label
) -> None:
    """The provider has confirmed. Several rows: they went out as one digest, the first of them carries it."""
    for row in rows:
        digest = rows[0].id if len(rows) > 1 else None
        values = {"state": "sent", "sent_at": now, "last_error": None, "digest_id": digest}
        if _finish(session, row.id, by, values):
            _note(session, row.id, now, "sent", answer)
    _channel_works(session, rows[0].channel_id, now)
    note_change(session, NOUN)


def mark_failed(
    session: Session,
    telling: Telling,
    *,
    by: str,
    now: datetime,
    answer: Label,
    may_retry: bool,
    blocked_s: float | None = None,
) -> None:
    """The provider did not take it: tried again, or told the next way; every try is kept."""
    row, notice = telling
    still_wanted = row.kind == "ended" or notice.state == "open"
    is_last = row.attempts > len(RETRY_AFTER) or (blocked_s is not None and bool(row.next_ways))
    if not still_wanted:
        values: dict[str, object] = {"state": "cancelled"}
    elif may_retry and not is_last:
        wait = RETRY_AFTER[row.attempts - 1] if blocked_s is None else timedelta(seconds=blocked_s)
        values = {"state": "waiting", "due_at": now + wait, "waits_for": "retry"}
    else:
        values = {"state": "failed"}
    if not _finish(session, row.id, by, values | {"last_error": answer}):
        return
    outcome = "refused" if not may_retry else "retry" if values["state"] == "waiting" else "given_up"
    _note(session, row.id, now, outcome, answer)
    _channel_fails(session, row.channel_id, now, answer, blocked_s)
    if values["state"] == "failed":
        _fall_back(session, row, now)
    note_change(session, NOUN)


def postpone(session: Session, rows: Sequence[OutboxMessage], *, until: datetime) -> None:
    """Leave rows for later because of a bot's limit; that is no try."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_([row.id for row in rows]), OutboxMessage.state == "waiting")
        .values(due_at=until, waits_for="pace")
        .execution_options(synchronize_session=False)
    )


def retry(session: Session, row_id: int, *, now: datetime) -> None:
    """Send a failed one once more, because an admin says so. Raises NotFound, Conflict."""
    row = session.get(OutboxMessage, row_id)
    if row is None:
        raise NotFound("There is no such message.", "没有该消息。")
    if row.state != "failed":
        raise Conflict(
            "Only a failed message can be sent again.", "只有发送失败的消息可以重发。", code="not_failed"
        )
    row.state, row.due_at, row.attempts = "waiting", now, 0
    note_change(session, NOUN)


def _finish(session: Session, row_id: int, by: str, values: dict[str, object]) -> bool:
    """Give a claim up; False where it ran out and somebody else has it."""
    finished = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == row_id, OutboxMessage.state == "sending", OutboxMessage.claimed_by == by)
        .values(claimed_by=None, claimed_until=None, **values)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return finished is not None


def _fall_back(session: Session, row: OutboxMessage, now: datetime) -> None:
    """The same message by the next way."""
    if not row.next_ways:
        return
    (way, channel_id), *others = row.next_ways
    further = {
        "key": f"{row.key}>{way}{channel_id or ''}",
        "notice_id": row.notice_id,
        "kind": row.kind,
        "step": row.step,
        "user_id": row.user_id,
        "way": way,
        "channel_id": channel_id,
        "mentions": row.mentions,
        "next_ways": others,
        "state": "waiting",
        "due_at": now,
        "waits_for": None,
        "attempts": 0,
        "created_at": now,
        "fallback_of": row.id,
    }
    insert_ignoring(session, OutboxMessage, [further])


def _channel_works(session: Session, channel_id: int | None, now: datetime) -> None:
    channel = session.get(Channel, channel_id) if channel_id is not None else None
    if channel is not None:
        channel.last_sent_at, channel.failing_since, channel.last_error = now, None, None


def _channel_fails(
    session: Session, channel_id: int | None, now: datetime, answer: Label, blocked_s: float | None
) -> None:
    channel = session.get(Channel, channel_id) if channel_id is not None else None
    if channel is None:
        return
    channel.failing_since, channel.last_error = channel.failing_since or now, answer
    if blocked_s is not None:
        channel.blocked_until = now + timedelta(seconds=blocked_s)


def _note(session: Session, row_id: int, now: datetime, outcome: str, answer: Label) -> None:
    session.add(OutboxAttempt(message_id=row_id, at=now, outcome=outcome, answer=answer))
