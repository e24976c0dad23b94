"""Reading notices, the outbox and the policies."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session

from server.errors import NotFound
from server.identity.models import User
from server.notifications.models import Channel, Notice, OutboxAttempt, OutboxMessage, Policy
from server.notifications.policy import DEFAULTS, RANK, Plan, Severity, loaded
from server.notifications.schemas import (
    AttemptRead,
    MessageDetail,
    MessageRead,
    MessageState,
    NoticeRead,
    OutboxSummary,
    PolicyRead,
    Recipient,
    Unread,
)

_IN_APP = "in_app"


class WantedMessages(NamedTuple):
    """Which messages to list; None leaves a side open."""

    state: MessageState | None = None
    way: str | None = None
    notice_id: int | None = None


def my_notices(session: Session, user_id: int, *, before_id: int | None, limit: int) -> list[NoticeRead]:
    """What one person was told of, the newest notice first."""
    mine = (
        select(
            OutboxMessage.notice_id,
            func.max(OutboxMessage.created_at).label("told_at"),
            func.count(OutboxMessage.read_at).label("read"),
            func.count().label("all"),
        )
        .where(OutboxMessage.user_id == user_id, OutboxMessage.way == _IN_APP)
        .group_by(OutboxMessage.notice_id)
        .subquery()
    )
    wanted = (
        select(Notice, mine.c.told_at, mine.c.read, mine.c.all)
        .join(mine, mine.c.notice_id == Notice.id)
        .order_by(Notice.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        wanted = wanted.where(Notice.id < before_id)
    return [
        NoticeRead(
            id=notice.id,
            subject=notice.subject,
            severity=cast("Severity", notice.severity),
            life_safety=notice.life_safety,
            title=notice.title,
            body=notice.body,
            path=notice.path,
            state=notice.state,
            raised_at=notice.raised_at,
            told_at=told_at,
            answered_at=notice.answered_at,
            answered_by=notice.answered_by,
            ended_at=notice.ended_at,
            is_read=read == all_of_them,
        )
        for notice, told_at, read, all_of_them in session.execute(wanted)
    ]


def unread(session: Session, user_id: int) -> Unread:
    """For the badge."""
    rows = session.execute(
        select(Notice.state, func.count(Notice.id.distinct()))
        .join(OutboxMessage, OutboxMessage.notice_id == Notice.id)
        .where(
            OutboxMessage.user_id == user_id,
            OutboxMessage.way == _IN_APP,
            OutboxMessage.read_at.is_(None),
        )
        .group_by(Notice.state)
    )
    total = in_open = 0
    for state, count in rows:
        total += count
        in_open += count if state == "open" else 0
    return Unread(unread=total, open=in_open)


def list_policies(session: Session, site_id: int | None) -> list[PolicyRead]:
    """What holds at a site (None: where a site has none of its own), the gravest first."""
    rows = session.scalars(select(Policy).where(Policy.site_id.is_(None) | (Policy.site_id == site_id))).all()
    found = {(row.site_id is not None, row.severity): row for row in rows}
    return [
        _policy(found.get((True, severity)) or found.get((False, severity)), cast("Severity", severity))
        for severity in sorted(RANK, key=lambda one: -RANK[one])
    ]


def find_messages(
    session: Session, wanted: WantedMessages, *, before_id: int | None, limit: int
) -> list[MessageRead]:
    """Rows of the outbox, newest first."""
    matching = _messages().order_by(OutboxMessage.id.desc()).limit(limit).where(*_matching(wanted))
    if before_id is not None:
        matching = matching.where(OutboxMessage.id < before_id)
    return [MessageRead(**_fields(row)) for row in session.execute(matching)]


def read_message(session: Session, message_id: int) -> MessageDetail:
    """One message with each of its tries. Raises NotFound."""
    row = session.execute(_messages().where(OutboxMessage.id == message_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no message {message_id}.", f"没有编号为 {message_id} 的消息。")
    tries = session.scalars(
        select(OutboxAttempt).where(OutboxAttempt.message_id == message_id).order_by(OutboxAttempt.id)
    )
    return MessageDetail(**_fields(row), tries=[AttemptRead.model_validate(one) for one in tries])


def summarise(session: Session, *, now: datetime) -> OutboxSummary:
    """How the outbox is doing."""
    recent = (
        select(OutboxMessage.state, func.count(), func.min(OutboxMessage.due_at))
        .where(
            (OutboxMessage.created_at >= now - timedelta(days=1))
            | OutboxMessage.state.in_(("waiting", "sending"))
        )
        .group_by(OutboxMessage.state)
    )
    rows = {state: (count, oldest) for state, count, oldest in session.execute(recent)}
    waiting, oldest = rows.get("waiting", (0, None))
    return OutboxSummary(
        waiting=waiting,
        failed=rows.get("failed", (0, None))[0],
        oldest_waiting_at=oldest,
        by_state={cast("MessageState", state): count for state, (count, _) in rows.items()},
    )


def _matching(wanted: WantedMessages) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(OutboxMessage.state == wanted.state)
    if wanted.way is not None:
        found.append(OutboxMessage.way == wanted.way)
    if wanted.notice_id is not None:
        found.append(OutboxMessage.notice_id == wanted.notice_id)
    return found


Found = tuple[OutboxMessage, Notice, str | None, str | None]


def _messages() -> Select[OutboxMessage, Notice, str | None, str | None]:
    return (
        select(OutboxMessage, Notice, User.display_name, Channel.name)
        .join(Notice, Notice.id == OutboxMessage.notice_id)
        .outerjoin(User, User.id == OutboxMessage.user_id)
        .outerjoin(Channel, Channel.id == OutboxMessage.channel_id)
    )


def _policy(row: Policy | None, severity: Severity) -> PolicyRead:
    if row is None:
        plan = DEFAULTS[severity]
        return PolicyRead(
            severity=severity, source="default", version=None, plan=plan, updated_at=None, updated_by=None
        )
    return PolicyRead(
        severity=severity,
        source="all_sites" if row.site_id is None else "site",
        version=row.version,
        plan=Plan(steps=loaded(row.steps), repeat_min=row.repeat_s / 60 if row.repeat_s else None),
        updated_at=row.updated_at,
        updated_by=row.updated_by,
    )


def _fields(found: Row[OutboxMessage, Notice, str | None, str | None]) -> dict[str, Any]:
    row, notice, person, channel = found
    recipient = None
    if row.user_id is not None:
        recipient = Recipient(id=row.user_id, display_name=person or "")
    return {
        "id": row.id,
        "notice_id": row.notice_id,
        "subject": notice.subject,
        "severity": notice.severity,
        "title": notice.title,
        "kind": row.kind,
        "step": row.step,
        "recipient": recipient,
        "way": row.way,
        "channel": channel,
        "state": row.state,
        "waits_for": row.waits_for,
        "due_at": row.due_at,
        "created_at": row.created_at,
        "sent_at": row.sent_at,
        "attempts": row.attempts,
        "last_error": row.last_error,
        "digest_id": row.digest_id,
        "fallback_of": row.fallback_of,
        "next_ways": [str(way) for way, _ in row.next_ways],
    }
