"""What supervisors decide: what an exception was, whether a contest is granted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.db import note_change
from server.errors import Conflict, Forbidden, NotFound
from server.identity.person import CurrentUser
from server.notifications import service as notifications
from server.patrol.evidence import log
from server.patrol.evidence.models import PatrolException
from server.patrol.rounds import alarms
from server.patrol.rounds import service as rounds
from server.patrol.rounds.models import Contest


def settle(
    session: Session, row_id: int, *, now: datetime, user: CurrentUser, settled_as: str, comment: str | None
) -> PatrolException:
    """Raises NotFound, Forbidden for one's own, Conflict where it is settled."""
    row = session.scalar(select(PatrolException).where(PatrolException.id == row_id).with_for_update())
    if row is None:
        raise NotFound(f"There is no exception {row_id}.", f"没有编号为 {row_id} 的异常。")
    if row.user_id == user.id:
        raise Forbidden("It is about yourself.", "不能处理与本人有关的异常。", code="own_case")
    if row.settled_at is not None:
        raise Conflict("It is settled.", "该异常已处理。", code="settled")
    row.settled_at, row.settled_by, row.settled_as, row.comment = now, user.name, settled_as, comment
    detail: dict[str, object] = {"exception": row.id, "as": settled_as, "by": user.name, "comment": comment}
    log.note(session, now=now, kind="exception_settled", detail=detail, round_id=row.round_id)
    if row.code in alarms.CODES and row.round_id is not None:
        notifications.answered(session, now=now, subject=alarms.subject_of(row.round_id), by=user.actor)
    audit.record(
        session,
        now=now,
        actor=user.actor,
        action="patrol.settled",
        subject=("exception", row.id),
        detail=detail,
    )
    note_change(session, "patrol")
    return row


def decide(
    session: Session,
    contest_id: str,
    *,
    now: datetime,
    user: CurrentUser,
    is_granted: bool,
    comment: str | None,
) -> Contest:
    """Raises NotFound, Forbidden for one's own, Conflict where it is decided."""
    row = session.get(Contest, contest_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such contest.", "没有此申诉。")
    if row.user_id == user.id:
        raise Forbidden("It is your own.", "不能处理本人的申诉。", code="own_case")
    if row.decided_at is not None:
        raise Conflict("It is decided.", "该申诉已处理。", code="decided")
    row.decided_at, row.decided_by = now, user.name
    row.is_granted, row.comment = is_granted, comment
    detail: dict[str, object] = {
        "contest": row.id,
        "granted": is_granted,
        "by": user.name,
        "comment": comment,
    }
    log.note(session, now=now, kind="contest_decided", detail=detail, round_id=row.round_id)
    if is_granted:
        rounds.excuse(session, row.round_id, row.checkpoint_id, now=now, by=user.actor, comment=comment)
    audit.record(
        session,
        now=now,
        actor=user.actor,
        action="patrol.decided",
        subject=("contest", row.id),
        detail=detail,
    )
    note_change(session, "patrol")
    return row
