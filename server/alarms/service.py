"""The verbs on alarms, and the only writer of them. What rules tell may be told twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from server.alarms.lifecycle import LIFE_SAFETY, PRESENT, AlarmState, Severity, Verb, after
from server.alarms.models import Alarm, StoredFact
from server.alarms.record import note_raise, record, record_flap
from server.assets.models import Asset, Space
from server.assets.profiles import shipped_profiles
from server.audit.service import Actor
from server.clock import to_ms
from server.db import ask_once, note_change
from server.errors import Conflict, Label, NotFound
from server.notifications import service as notifications

_MOST_DEEP = 16
_IN_SERVICE = "in_service"


class RuleLabel(NamedTuple):
    """What an alarm keeps of its rule."""

    id: int
    key: str
    name: Label
    severity: Severity
    latched: bool = False
    """Its alarms are over only once a person has reset them."""
    life_safety: bool = False
    """Also without this, a rule of a key in ``LIFE_SAFETY`` is one."""


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
    if alarm is not None and (alarm.mark >= mark or is_standing(alarm)):
        return None
    if alarm is None or alarm.state == AlarmState.NORMAL:
        alarm = _new(session, rule, asset_id, at=at, since=since, mark=mark, facts=facts)
        record(session, alarm, "raised", AlarmState.NORMAL, now=now, at=at)
    else:
        before = AlarmState(alarm.state)
        alarm.state = AlarmState.UNACKNOWLEDGED
        alarm.severity, alarm.since, alarm.raised_at = rule.severity, since, at
        alarm.returned_at = alarm.in_band_since = None
        alarm.latched = rule.latched
        alarm.occurrences += 1
        alarm.mark, alarm.facts = mark, facts
        record_flap(session, alarm, "raised_again", before, now=now, at=at)
        note_raise(session, alarm, now=now, at=at)
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

    A latched one stays as it is until a person resets it, and one that spoke to nobody is over at once.
    ``key``: (rule, asset). None where there is nothing to return, or it was told before.
    """
    alarm = _claim(session, *key)
    if alarm is None or alarm.mark >= mark:
        return None
    alarm.mark = mark
    if not is_standing(alarm):
        if alarm.state not in PRESENT:  # a latched one has its time already
            alarm.in_band_since = since
        return None
    before = AlarmState(alarm.state)
    alarm.in_band_since, alarm.returned_at = since, at
    if not alarm.latched or kind == "withdrawn":
        verb = Verb.RETURN if alarm.availability == _IN_SERVICE else Verb.RETURN_UNHEARD
        alarm.state = after(before, verb) or before
    record_flap(session, alarm, kind, before, now=now, at=at)
    note_change(session, "alarms")
    return alarm


def change_severity(
    session: Session, *, now: datetime, key: tuple[int, int], severity: Severity, at: datetime, mark: int
) -> Alarm | None:
    """The open alarm of ``key`` (rule, asset) is of another severity from ``at`` on.

    One that rises must be seen again, whoever saw it before. None where there is no open alarm, it
    has this severity already, or it was told before.
    """
    alarm = _claim(session, *key)
    if alarm is None or alarm.mark >= mark or alarm.state == AlarmState.NORMAL:
        return None
    alarm.mark = mark
    before, was = AlarmState(alarm.state), Severity(alarm.severity)
    if was is severity:
        return None
    rises = severity.is_above(was)
    alarm.severity = severity
    if rises:
        alarm.state = after(before, Verb.ESCALATE) or before
    kind = "severity_raised" if rises else "severity_lowered"
    record(session, alarm, kind, before, now=now, at=at, data={"from": was.value, "to": severity.value})
    note_change(session, "alarms")
    return alarm


def subject_of(alarm: Alarm) -> str:
    """As notices name it."""
    return f"alarm:{alarm.id}"


def remind(session: Session, *, now: datetime, key: tuple[int, int], at: datetime, mark: int) -> Alarm | None:
    """The alarm of ``key`` (rule, asset) is still present at its re-alarm time: whoever saw it, sees it again."""
    alarm = _claim(session, *key)
    if alarm is None or alarm.mark >= mark or not is_standing(alarm):
        return None
    alarm.mark = mark
    before = AlarmState(alarm.state)
    alarm.state = after(before, Verb.ESCALATE) or before
    record(session, alarm, "reminded", before, now=now, at=at)
    note_change(session, "alarms")
    return alarm


def is_standing(alarm: Alarm) -> bool:
    """Whether its condition is met; a latched one whose condition is over only waits for its reset."""
    return alarm.state in PRESENT and alarm.returned_at is None


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


def _new(
    session: Session,
    rule: RuleLabel,
    asset_id: int,
    *,
    at: datetime,
    since: datetime,
    mark: int,
    facts: list[StoredFact],
) -> Alarm:
    asset = asset_of(session, asset_id)
    profile = shipped_profiles().get(asset.profile) if asset else None
    alarm = Alarm(
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
        site_id=site_of(session, asset.space_id) if asset else None,
        explained=None,
        incident_id=None,
        ticket_id=None,
        ticket_wait_until=None,
        discipline=profile.discipline if profile else "",
        life_safety=rule.life_safety or rule.key in LIFE_SAFETY,
        latched=rule.latched,
        availability=_IN_SERVICE,
        raised_ms=[to_ms(at)],
    )
    session.add(alarm)
    session.flush()
    return alarm


def asset_of(session: Session, asset_id: int) -> Asset | None:
    """The asset of an alarm."""
    return ask_once(session, ("asset", asset_id), lambda: session.get(Asset, asset_id))


def site_of(session: Session, space_id: int) -> int | None:
    """The site that a space lies in."""
    return ask_once(session, ("site of", space_id), lambda: _site_of(session, space_id))


def _site_of(session: Session, space_id: int) -> int | None:
    current: int | None = space_id
    for _ in range(_MOST_DEEP):
        space = session.get(Space, current) if current is not None else None
        if space is None or space.parent_id is None:
            return space.id if space else None
        current = space.parent_id
    return None
