"""What rules tell about alarms: raised, returned, more or less severe, still there. May be told twice."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from server.alarms.availability import Availability
from server.alarms.lifecycle import LIFE_SAFETY, PRESENT, AlarmState, Severity, Verb, after
from server.alarms.models import Alarm, StoredFact
from server.alarms.place import asset_of, site_of
from server.alarms.record import note_raise, record, record_flap
from server.alarms.service import is_standing, newest
from server.assets.profiles import shipped_profiles
from server.clock import to_ms
from server.db import note_change
from server.errors import Label


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
        _come_again(alarm, rule, at=at, since=since)
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
        verb = Verb.RETURN if alarm.availability == Availability.IN_SERVICE else Verb.RETURN_UNHEARD
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


def _claim(session: Session, rule_id: int, asset_id: int) -> Alarm | None:
    """The newest alarm, locked: somebody who acknowledges it meanwhile waits, and is not overwritten."""
    return session.scalar(newest(rule_id, asset_id).with_for_update())


def _come_again(alarm: Alarm, rule: RuleLabel, *, at: datetime, since: datetime) -> None:
    alarm.state = AlarmState.UNACKNOWLEDGED
    alarm.severity, alarm.since, alarm.raised_at = rule.severity, since, at
    alarm.returned_at = alarm.in_band_since = None
    alarm.latched = rule.latched
    alarm.occurrences += 1


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
        availability=Availability.IN_SERVICE,
        raised_ms=[to_ms(at)],
    )
    session.add(alarm)
    session.flush()
    return alarm
