"""The verbs on alarms, and the only writer of them. What rules tell may be told twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from server.alarms.lifecycle import PRESENT, AlarmState, Severity, Verb, after
from server.alarms.models import Alarm, AlarmEvent, StoredFact
from server.audit.service import SYSTEM, Actor
from server.clock import to_ms
from server.db import note_change
from server.errors import Label, NotFound

FLAP_EVENTS_PER_HOUR = 20
"""An alarm that comes and goes more often is counted, and one event says that it chatters."""
_HOUR_MS = 3_600_000


class RuleLabel(NamedTuple):
    """What an alarm keeps of its rule."""

    id: int
    key: str
    name: Label
    severity: Severity


@dataclass(frozen=True)
class Refusal:
    """One alarm that was not acknowledged, and why."""

    id: int
    code: str
    detail: Label


def raise_alarm(
    session: Session,
    *,
    now: datetime,
    rule: RuleLabel,
    asset_id: int,
    at: datetime,
    since: datetime,
    mark: int,
    facts: list[StoredFact],
) -> Alarm | None:
    """The alarm that is raised ``at``: a new one, or the open one of this rule and asset once more.

    None where this was told before, or the alarm is present already.
    """
    alarm = _claim(session, rule.id, asset_id)
    if alarm is not None and (alarm.mark >= mark or alarm.state in PRESENT):
        return None
    if alarm is None or alarm.state == AlarmState.NORMAL:
        alarm = _new(rule, asset_id, at=at, since=since, mark=mark, facts=facts)
        session.add(alarm)
        session.flush()
        _record(session, alarm, "raised", AlarmState.NORMAL, now=now, at=at)
    else:
        before = AlarmState(alarm.state)
        alarm.state = AlarmState.UNACKNOWLEDGED
        alarm.severity, alarm.since, alarm.raised_at = rule.severity, since, at
        alarm.returned_at = alarm.in_band_since = None
        alarm.occurrences += 1
        alarm.mark, alarm.facts = mark, facts
        _record_flap(session, alarm, "raised_again", before, now=now, at=at)
    note_change(session, "alarms")
    return alarm


def return_alarm(
    session: Session,
    *,
    now: datetime,
    key: tuple[int, int],
    at: datetime,
    since: datetime,
    mark: int,
    kind: str = "returned",
) -> Alarm | None:
    """The condition is over ``at``, in band since ``since``; ``withdrawn``: its rule looks no more.

    ``key``: (rule, asset). None where there is nothing to return, or it was told before.
    """
    alarm = _claim(session, *key)
    if alarm is None or alarm.mark >= mark:
        return None
    before = AlarmState(alarm.state)
    target = after(before, Verb.RETURN)
    alarm.mark, alarm.in_band_since = mark, since
    if target is None:
        return None
    alarm.state, alarm.returned_at = target, at
    _record_flap(session, alarm, kind, before, now=now, at=at)
    note_change(session, "alarms")
    return alarm


def note_band(
    session: Session, *, key: tuple[int, int], in_band_since: datetime | None, mark: int
) -> Alarm | None:
    """The condition began or ceased to be met, delays left aside. The alarm, or None where none cares."""
    alarm = _claim(session, *key)
    if alarm is None or alarm.mark >= mark:
        return None
    alarm.in_band_since, alarm.mark = in_band_since, mark
    note_change(session, "alarms")
    return alarm


def link_ticket(alarm: Alarm, ticket_id: int) -> None:
    """Say which ticket deals with this alarm."""
    alarm.ticket_id = ticket_id


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


def latest(session: Session, rule_id: int, asset_id: int) -> Alarm | None:
    """The newest alarm of a rule on an asset, whatever its state."""
    return session.scalar(_latest(rule_id, asset_id))


def get_alarm(session: Session, alarm_id: int) -> Alarm:
    """Raises NotFound."""
    alarm = session.get(Alarm, alarm_id)
    if alarm is None:
        raise NotFound(f"There is no alarm {alarm_id}.", f"没有编号为 {alarm_id} 的告警。")
    return alarm


def _latest(rule_id: int, asset_id: int) -> Select[Alarm]:
    return (
        select(Alarm)
        .where(Alarm.rule_id == rule_id, Alarm.asset_id == asset_id)
        .order_by(Alarm.id.desc())
        .limit(1)
    )


def _claim(session: Session, rule_id: int, asset_id: int) -> Alarm | None:
    """The newest alarm, locked: somebody who acknowledges it meanwhile waits, and is not overwritten."""
    return session.scalar(_latest(rule_id, asset_id).with_for_update())


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
        .values(state=target, acknowledged_at=now, acknowledged_by=actor.name, acknowledge_comment=comment)
        .returning(Alarm.id)
    ).one_or_none()
    if claimed is None:
        return Refusal(
            alarm_id,
            "changed_meanwhile",
            Label(en="It changed just now; look at it again.", zh="告警刚刚发生变化，请重新查看。"),
        )
    session.refresh(alarm)
    _record(session, alarm, "acknowledged", before, now=now, at=now, actor=actor, comment=comment)
    return None


def _why_not(alarm: Alarm, state: AlarmState) -> Refusal:
    if state is AlarmState.ACKNOWLEDGED:
        detail = Label(
            en=f"{alarm.acknowledged_by} has acknowledged it already.",
            zh=f"{alarm.acknowledged_by} 已确认该告警。",
        )
        return Refusal(alarm.id, "already_acknowledged", detail)
    return Refusal(alarm.id, "cleared", Label(en="It is over and was seen.", zh="该告警已恢复并已确认。"))


def _new(
    rule: RuleLabel, asset_id: int, *, at: datetime, since: datetime, mark: int, facts: list[StoredFact]
) -> Alarm:
    return Alarm(
        rule_id=rule.id,
        asset_id=asset_id,
        rule_key=rule.key,
        rule_name=rule.name,
        severity=rule.severity,
        state=AlarmState.UNACKNOWLEDGED,
        since=since,
        raised_at=at,
        occurrences=1,
        facts=facts,
        mark=mark,
        flap_hour=0,
        flap_events=0,
    )


def _record_flap(
    session: Session, alarm: Alarm, kind: str, before: AlarmState, *, now: datetime, at: datetime
) -> None:
    """Record a coming or going, within the hour's budget: a chattering alarm must not fill the disk."""
    hour = to_ms(at) // _HOUR_MS
    if alarm.flap_hour != hour:
        alarm.flap_hour, alarm.flap_events = hour, 0
    alarm.flap_events += 1
    if alarm.flap_events < FLAP_EVENTS_PER_HOUR:
        _record(session, alarm, kind, before, now=now, at=at)
    elif alarm.flap_events == FLAP_EVENTS_PER_HOUR:
        _record(session, alarm, "chattering", before, now=now, at=at)


def _record(
    session: Session,
    alarm: Alarm,
    kind: str,
    before: AlarmState,
    *,
    now: datetime,
    at: datetime,
    actor: Actor = SYSTEM,
    comment: str | None = None,
) -> None:
    session.add(
        AlarmEvent(
            alarm_id=alarm.id,
            at=at,
            recorded_at=now,
            kind=kind,
            from_state=before,
            to_state=alarm.state,
            actor_id=actor.id,
            actor=actor.name,
            comment=comment,
            facts=alarm.facts if kind in ("raised", "raised_again") else [],
        )
    )
