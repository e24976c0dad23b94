"""Putting alarms aside for a time, and taking them back. What comes through again is the incident room's work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.alarms.availability import Availability
from server.alarms.lifecycle import AlarmState
from server.alarms.models import Alarm, Shelf
from server.alarms.record import record
from server.alarms.service import Refusal, get_alarm, subject_of
from server.alarms.standing import standing_of
from server.audit import service as audit
from server.db import note_change
from server.errors import Conflict, Forbidden, Invalid, Label
from server.identity.person import CurrentUser
from server.identity.roles import Role
from server.notifications import service as notifications

LONGEST: dict[Role, timedelta] = {Role.ENGINEER: timedelta(hours=8), Role.ADMIN: timedelta(days=7)}
"""How long an alarm may lie on the shelf, by who puts it there: a shift, a week."""


def shelve(
    session: Session,
    ids: Sequence[int],
    *,
    now: datetime,
    user: CurrentUser,
    ends_at: datetime,
    reason: str,
    confirm_life_safety: bool,
) -> tuple[list[int], list[Refusal]]:
    """(shelved, refused with the reason). Raises Invalid or Forbidden where the end is no good for any."""
    _check_end(user, ends_at, now)
    done: list[int] = []
    refused: list[Refusal] = []
    for alarm_id in dict.fromkeys(ids):
        alarm = session.get(Alarm, alarm_id, with_for_update=True)
        refusal = _why_not(alarm_id, alarm, confirm_life_safety)
        if alarm is None or refusal is not None:
            refused += [refusal] if refusal else []
            continue
        _put_aside(session, alarm, now=now, user=user, ends_at=ends_at, reason=reason.strip())
        done.append(alarm_id)
    if done:
        note_change(session, "alarms")
    return done, refused


def unshelve(session: Session, alarm_id: int, *, now: datetime, user: CurrentUser) -> Alarm:
    """Take it off the shelf. If its condition is still met it comes through as fresh. Raises Conflict."""
    alarm = get_alarm(session, alarm_id)
    rows = _current(session, alarm, now)
    if not rows:
        raise Conflict("It is not shelved.", "该告警未被搁置。", code="not_shelved")
    for row in rows:
        row.ended_at, row.ended_by = now, user.name
    record(session, alarm, "unshelved", AlarmState(alarm.state), now=now, at=now, actor=user.actor)
    if alarm.life_safety:
        _audit(session, alarm, "alarm.unshelved", now=now, user=user, detail={})
    note_change(session, "alarms")
    return alarm


def _put_aside(
    session: Session, alarm: Alarm, *, now: datetime, user: CurrentUser, ends_at: datetime, reason: str
) -> None:
    for row in _current(session, alarm, now):  # another end and reason: the new one holds
        row.ended_at, row.ended_by = now, user.name
    session.add(
        Shelf(
            rule_id=alarm.rule_id,
            asset_id=alarm.asset_id,
            reason=reason,
            starts_at=now,
            ends_at=ends_at,
            by_id=user.id,
            by=user.name,
        )
    )
    session.flush()
    data: dict[str, object] = {"ends_at": ends_at.isoformat(), "reason": reason}
    state = AlarmState(alarm.state)
    record(session, alarm, "shelved", state, now=now, at=now, actor=user.actor, comment=reason, data=data)
    standing = standing_of(session, alarm, now=now)
    alarm.availability = standing.kind
    alarm.ticket_wait_until = None
    notifications.answered(session, now=now, subject=subject_of(alarm), by=user.actor)
    if alarm.life_safety:
        _audit(session, alarm, "alarm.shelved", now=now, user=user, detail=data)


def _check_end(user: CurrentUser, ends_at: datetime, now: datetime) -> None:
    if ends_at <= now:
        raise Invalid("The end must lie in the future.", "结束时间必须晚于当前时间。", code="end_too_early")
    longest = LONGEST.get(user.role, timedelta(0))
    if ends_at - now > longest:
        hours = round(longest.total_seconds() / 3600)
        raise Forbidden(
            f"With the role {user.role.value} an alarm may be shelved for {hours} h at most.",
            f"您的角色最多可搁置告警 {hours} 小时。",
            code="too_long",
            longest_h=hours,
        )


def _why_not(alarm_id: int, alarm: Alarm | None, confirm_life_safety: bool) -> Refusal | None:
    if alarm is None:
        return Refusal(
            alarm_id, "not_found", Label(en=f"There is no alarm {alarm_id}.", zh=f"没有告警 {alarm_id}。")
        )
    if alarm.availability not in (Availability.IN_SERVICE, Availability.SHELVED):
        detail = Label(en="It is quiet already, by design.", zh="该告警已被抑制，无需搁置。")
        return Refusal(alarm_id, "already_quiet", detail)
    if alarm.life_safety and not confirm_life_safety:
        detail = Label(
            en="Lives may hang on it: confirm expressly that it is to be shelved.",
            zh="该告警涉及生命安全，请明确确认后再搁置。",
        )
        return Refusal(alarm_id, "life_safety", detail)
    return None


def _current(session: Session, alarm: Alarm, now: datetime) -> Sequence[Shelf]:
    return session.scalars(
        select(Shelf).where(
            Shelf.rule_id == alarm.rule_id,
            Shelf.asset_id == alarm.asset_id,
            Shelf.ended_at.is_(None),
            Shelf.ends_at > now,
        )
    ).all()


def _audit(
    session: Session,
    alarm: Alarm,
    action: str,
    *,
    now: datetime,
    user: CurrentUser,
    detail: dict[str, object],
) -> None:
    audit.record(
        session, now=now, actor=user.actor, action=action, subject=("alarm", alarm.id), detail=detail
    )
