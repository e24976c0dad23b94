"""Reading alarms, with the names that make them readable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from server.alarms.availability import Availability, Standing
from server.alarms.lifecycle import OPEN, PRESENT, STALE_S, UNSEEN, AlarmState, Severity
from server.alarms.models import Alarm, AlarmEvent, StoredFact
from server.alarms.schemas import (
    AlarmDetail,
    AlarmEventRead,
    AlarmRead,
    AlarmSummary,
    AssetAlarms,
    AssetRef,
    FactRead,
    RuleRef,
    StandingRead,
)
from server.alarms.standing import standings
from server.assets.models import Asset, Point
from server.errors import Label

Which = Literal["open", "unacknowledged", "normal", "all"]
MOST_EVENTS = 500
CHATTERS_FOR = timedelta(minutes=10)
"""How long after its last quick comings an alarm counts as chattering."""
_RANK = {severity: rank for rank, severity in enumerate(Severity)}


class Wanted(NamedTuple):
    """Which alarms to list; None leaves a side open."""

    which: Which = "open"
    asset_id: int | None = None
    severity: Severity | None = None
    availability: Availability | None = None
    site_id: int | None = None
    incident_id: int | None = None
    note: Literal["stale", "chattering"] | None = None


def find_alarms(
    session: Session, wanted: Wanted, *, now: datetime, before_id: int | None, limit: int
) -> tuple[list[AlarmRead], int]:
    """(alarms, newest first, how many match without the cursor)."""
    matching = list(_matching(wanted, now))
    total = session.scalar(select(func.count()).select_from(Alarm).where(*matching)) or 0
    if before_id is not None:
        matching.append(Alarm.id < before_id)
    rows = session.scalars(select(Alarm).where(*matching).order_by(Alarm.id.desc()).limit(limit)).all()
    return read_alarms(session, rows, now=now), total


def _matching(wanted: Wanted, now: datetime) -> Iterator[ColumnElement[bool]]:
    if wanted.which != "all":
        states = {"open": OPEN, "unacknowledged": UNSEEN, "normal": (AlarmState.NORMAL,)}[wanted.which]
        yield Alarm.state.in_(states)
    same = {
        Alarm.asset_id: wanted.asset_id,
        Alarm.severity: wanted.severity,
        # as last acted on, at most two seconds ago: see incidents.sweep
        Alarm.availability: wanted.availability,
        Alarm.site_id: wanted.site_id,
        Alarm.incident_id: wanted.incident_id,
    }
    for column, value in same.items():
        if value is not None:
            yield column == value
    if wanted.note == "stale":
        yield is_stale(now)
    elif wanted.note == "chattering":
        yield Alarm.chattered_at > now - CHATTERS_FOR


def is_stale(now: datetime) -> ColumnElement[bool]:
    """Present for so long that it is no news any more."""
    return and_(Alarm.state.in_(PRESENT), Alarm.raised_at < now - timedelta(seconds=STALE_S))


def read_alarms(session: Session, alarms: Sequence[Alarm], *, now: datetime) -> list[AlarmRead]:
    """Alarms as people read them, in the order given."""
    assets = asset_refs(session, {alarm.asset_id for alarm in alarms})
    points = _points(session, (fact["point"] for alarm in alarms for fact in alarm.facts))
    stand = standings(session, alarms, now=now)
    return [_read(alarm, assets[alarm.asset_id], points, stand[alarm.id], now) for alarm in alarms]


def read_detail(session: Session, alarm: Alarm, *, now: datetime) -> AlarmDetail:
    """One alarm with its history."""
    newest = select(AlarmEvent).where(AlarmEvent.alarm_id == alarm.id).order_by(AlarmEvent.id.desc())
    events = session.scalars(newest.limit(MOST_EVENTS)).all()
    return AlarmDetail(
        **read_alarms(session, [alarm], now=now)[0].model_dump(),
        acknowledge_comment=alarm.acknowledge_comment,
        events=[AlarmEventRead.model_validate(event) for event in reversed(events)],
    )


def alarms_of_ticket(session: Session, ticket_id: int, *, now: datetime) -> list[AlarmRead]:
    """The alarms that a ticket deals with, newest first."""
    rows = session.scalars(
        select(Alarm).where(Alarm.ticket_id == ticket_id).order_by(Alarm.id.desc()).limit(100)
    ).all()
    return read_alarms(session, rows, now=now)


def summarise(session: Session) -> AlarmSummary:
    """What is open and in service: per asset its worst severity and how many, and how many of each severity."""
    rows = session.execute(
        select(Alarm.asset_id, Alarm.severity, func.count())
        .where(Alarm.availability == Availability.IN_SERVICE, Alarm.state.in_(OPEN))
        .group_by(Alarm.asset_id, Alarm.severity)
    ).all()
    by_severity = dict.fromkeys(Severity, 0)
    assets: dict[int, AssetAlarms] = {}
    for asset_id, severity_text, count in rows:
        severity = Severity(severity_text)
        by_severity[severity] += count
        known = assets.get(asset_id)
        worst = severity if known is None else min(severity, known.worst, key=_RANK.__getitem__)
        assets[asset_id] = AssetAlarms(worst=worst, open=count + (known.open if known else 0))
    speaks = Alarm.availability == Availability.IN_SERVICE
    unseen = select(func.count()).select_from(Alarm).where(speaks, Alarm.state.in_(UNSEEN))
    quiet = select(func.count()).select_from(Alarm).where(~speaks, Alarm.state.in_(OPEN))
    return AlarmSummary(
        assets=assets,
        by_severity=by_severity,
        unacknowledged=session.scalar(unseen) or 0,
        quiet=session.scalar(quiet) or 0,
    )


def asset_refs(session: Session, ids: Iterable[int]) -> Mapping[int, AssetRef]:
    """Key and name of these assets by id."""
    rows = session.execute(select(Asset.id, Asset.key, Asset.name).where(Asset.id.in_(sorted(set(ids)))))
    return {row.id: AssetRef(id=row.id, key=row.key, name=row.name) for row in rows}


def read_facts(session: Session, facts: Sequence[StoredFact]) -> list[FactRead]:
    """Facts with the names of their points, units and states."""
    points = _points(session, (fact["point"] for fact in facts))
    return [_fact(fact, points.get(fact["point"])) for fact in facts]


def _points(session: Session, ids: Iterable[int]) -> Mapping[int, Point]:
    wanted = sorted(set(ids))
    return {point.id: point for point in session.scalars(select(Point).where(Point.id.in_(wanted)))}


def _read(
    alarm: Alarm, asset: AssetRef, points: Mapping[int, Point], standing: Standing, now: datetime
) -> AlarmRead:
    return AlarmRead(
        id=alarm.id,
        rule=RuleRef(id=alarm.rule_id, key=alarm.rule_key, name=alarm.rule_name),
        asset=asset,
        severity=Severity(alarm.severity),
        state=AlarmState(alarm.state),
        since=alarm.since,
        raised_at=alarm.raised_at,
        returned_at=alarm.returned_at,
        in_band_since=alarm.in_band_since,
        occurrences=alarm.occurrences,
        facts=[_fact(fact, points.get(fact["point"])) for fact in alarm.facts],
        acknowledged_at=alarm.acknowledged_at,
        acknowledged_by=alarm.acknowledged_by,
        ticket_id=alarm.ticket_id,
        incident_id=alarm.incident_id,
        availability=StandingRead(**standing._asdict()),
        life_safety=alarm.life_safety,
        latched=alarm.latched,
        chattering=alarm.chattered_at is not None and alarm.chattered_at > now - CHATTERS_FOR,
        stale=alarm.state in PRESENT and (now - alarm.raised_at).total_seconds() > STALE_S,
        discipline=alarm.discipline,
    )


def _fact(fact: StoredFact, point: Point | None) -> FactRead:
    gone = Label(en="a point that is gone", zh="已删除的测点")
    names = (point.states or point.bits or {}) if point else {}
    value, limit = fact["value"], fact["limit"]
    is_state = fact["relation"] in ("is", "is_not", "silent")
    return FactRead.model_validate(
        {
            "point_id": fact["point"],
            "point": point.name if point else gone,
            "value": value,
            "value_label": names.get(_code(value)) if is_state else _words(fact),
            "unit": point.unit if point else None,
            "relation": fact["relation"],
            "limit": limit,
            "limit_labels": [names[_code(code)] for code in limit if _code(code) in names]
            if isinstance(limit, list)
            else None,
        }
    )


def _words(fact: StoredFact) -> Label | None:
    return fact.get("words") if fact["value"] is None else None


def _code(value: float | int | str | None) -> str:
    """A state as the profile's names are keyed: 1.0 and 1 are the same code."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
