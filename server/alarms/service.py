"""What people do with alarms: see them, let go of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from server.alarms.lifecycle import PRESENT, AlarmState, Verb, after
from server.alarms.models import Alarm
from server.alarms.record import record
from server.audit.service import Actor
from server.db import note_change
from server.errors import Conflict, Label, NotFound
from server.notifications import service as notifications


@dataclass(frozen=True)
class Refusal:
    """One alarm that was not acknowledged, and why."""

    id: int
    code: str
    detail: Label


def acknowledge(
    session: Session, ids: Sequence[int], *, now: datetime, actor: Actor, comment: str | None
) -> tuple[list[int], list[Refusal]]:
    """(acknowledged, refused with the reason). One that cannot be acknowledged does not stop the others."""
    done: list[int] = []
    refused: list[Refusal] = []
    for alarm_id in dict.fromkeys(ids):
        refusal = _acknowledge_one(session, alarm_id, now=now, actor=actor, comment=comment)
        if refusal is None:
            done.append(alarm_id)
        else:
            refused.append(refusal)
    if done:
        note_change(session, "alarms")
    return done, refused


def reset(
    session: Session, alarm_id: int, *, now: datetime, actor: Actor, comment: str | None = None
) -> Alarm:
    """Let go of a latched alarm whose condition is over and that was seen. Raises Conflict otherwise."""
    alarm = session.get(Alarm, alarm_id, with_for_update=True) or get_alarm(session, alarm_id)
    state = AlarmState(alarm.state)
    if not alarm.latched or state is AlarmState.NORMAL:
        raise Conflict("There is nothing to reset.", "该告警无需复位。", code="not_latched")
    if is_standing(alarm):
        raise Conflict(
            "Its condition is still met; it can be reset once it is over.",
            "告警条件仍然成立，恢复后才能复位。",
            code="still_present",
        )
    target = after(state, Verb.RESET)
    if target is None:
        raise Conflict("Acknowledge it first.", "请先确认该告警。", code="not_acknowledged")
    alarm.state = target
    record(session, alarm, "reset", state, now=now, at=now, actor=actor, comment=comment)
    note_change(session, "alarms")
    return alarm


def get_alarm(session: Session, alarm_id: int) -> Alarm:
    """Raises NotFound."""
    alarm = session.get(Alarm, alarm_id)
    if alarm is None:
        raise NotFound(f"There is no alarm {alarm_id}.", f"没有编号为 {alarm_id} 的告警。")
    return alarm


def latest(session: Session, rule_id: int, asset_id: int) -> Alarm | None:
    """The newest alarm of a rule on an asset, whatever its state."""
    return session.scalar(newest(rule_id, asset_id))


def newest(rule_id: int, asset_id: int) -> Select[Alarm]:
    """The question for it, for who asks in a way of their own."""
    return (
        select(Alarm)
        .where(Alarm.rule_id == rule_id, Alarm.asset_id == asset_id)
        .order_by(Alarm.id.desc())
        .limit(1)
    )


def is_standing(alarm: Alarm) -> bool:
    """Whether its condition is met; a latched one whose condition is over only waits for its reset."""
    return alarm.state in PRESENT and alarm.returned_at is None


def subject_of(alarm: Alarm) -> str:
    """As notices name it."""
    return f"alarm:{alarm.id}"


def link_ticket(alarm: Alarm, ticket_id: int) -> None:
    """Say which ticket deals with this alarm."""
    alarm.ticket_id = ticket_id


def _acknowledge_one(
    session: Session, alarm_id: int, *, now: datetime, actor: Actor, comment: str | None
) -> Refusal | None:
    alarm = session.get(Alarm, alarm_id)
    if alarm is None:
        return Refusal(
            alarm_id, "not_found", Label(en=f"There is no alarm {alarm_id}.", zh=f"没有告警 {alarm_id}。")
        )
    before = AlarmState(alarm.state)
    target = after(before, Verb.ACKNOWLEDGE)
    if target is None:
        return _why_not(alarm, before)
    claimed = session.execute(
        update(Alarm)
        .where(Alarm.id == alarm_id, Alarm.state == before)
        .values(
            state=target,
            acknowledged_at=now,
            acknowledged_by=actor.name,
            acknowledge_comment=comment,
            answered_s=max(0.0, (now - alarm.raised_at).total_seconds()),
        )
        .returning(Alarm.id)
    ).one_or_none()
    if claimed is None:
        return Refusal(
            alarm_id,
            "changed_meanwhile",
            Label(en="It changed just now; look at it again.", zh="告警刚刚发生变化，请重新查看。"),
        )
    session.refresh(alarm)
    record(session, alarm, "acknowledged", before, now=now, at=now, actor=actor, comment=comment)
    notifications.answered(session, now=now, subject=subject_of(alarm), by=actor)
    return None


def _why_not(alarm: Alarm, state: AlarmState) -> Refusal:
    if state is AlarmState.ACKNOWLEDGED:
        detail = Label(
            en=f"{alarm.acknowledged_by} has acknowledged it already.",
            zh=f"{alarm.acknowledged_by} 已确认该告警。",
        )
        return Refusal(alarm.id, "already_acknowledged", detail)
    return Refusal(alarm.id, "cleared", Label(en="It is over and was seen.", zh="该告警已恢复并已确认。"))
