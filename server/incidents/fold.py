"""Finding what an alarm follows from, and what follows from it, in whatever order they arrive.

An alarm looks up the ways to a cause that is there already; an alarm that tells of a cause looks down
for what came before it, and takes over incidents of causes that follow from its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.alarms.lifecycle import OPEN
from server.alarms.models import Alarm
from server.alarms.place import asset_of
from server.alarms.service import is_standing
from server.assets.models import Asset
from server.incidents import ledger
from server.incidents.causes import EARLY, LATE, Cause, Node, follows, shipped_causes
from server.incidents.models import Incident
from server.incidents.topology import of_same_device, site_mains, supplied, suppliers, unconnected

RELAPSES_WITHIN = timedelta(minutes=15)
"""A cause that comes back this soon goes on with the same incident."""


def fold(session: Session, *, now: datetime, alarm: Alarm) -> Incident | None:
    """The incident that a raised alarm belongs to, which it has joined or begun; None where it stands alone."""
    if alarm.life_safety:
        return None
    running = _running(session, alarm)
    if running is not None:
        return _again(session, running, alarm, now)
    node = _node(session, alarm)
    if not _concerns(node):
        return None
    session.flush()
    found = _found_cause(session, alarm, node)
    if found is not None:
        incident = _incident_of(session, *found, now=now)
        ledger.join(session, incident, alarm, now=now)
        _take_over(session, alarm, incident, now=now)
        return incident
    inferred = _inferred_above(session, alarm, node)
    if inferred is not None:
        ledger.join(session, inferred, alarm, now=now)
        return inferred
    return _gather(session, alarm, node, now=now)


def _concerns(node: Node) -> bool:
    """Whether any cause has to do with such alarms."""
    return any(
        cause.is_told_by(node.profile, node.rule) or cause.accounts_for(node.profile, node.rule)
        for cause in shipped_causes()
    )


def may_follow(session: Session, alarm: Alarm) -> bool:
    """Whether its cause may be about to report: worth a short wait before people are called."""
    if alarm.life_safety:
        return False
    profile = _profile(session, alarm.asset_id)
    for cause in shipped_causes():
        if cause.spreads == "feeds" and cause.accounts_for(profile, alarm.rule_key):
            return len(_ways_up(session, cause, alarm)) > 1
    return False


def supplier_paths(session: Session, alarm: Alarm) -> Mapping[int, int]:
    """The suppliers of an alarm's asset with the steps up, itself left out, if a lost supply explains it."""
    profile = _profile(session, alarm.asset_id)
    for cause in shipped_causes():
        if cause.spreads == "feeds" and cause.accounts_for(profile, alarm.rule_key):
            ways = _ways_up(session, cause, alarm)
            return {asset: steps for asset, steps in ways.items() if steps > 0}
    return {}


def _running(session: Session, alarm: Alarm) -> Incident | None:
    """The open incident it is in already; an ended one is history."""
    incident = session.get(Incident, alarm.incident_id) if alarm.incident_id is not None else None
    if incident is not None and incident.status == "open":
        return incident
    if alarm.incident_id is not None or alarm.explained is not None:
        alarm.incident_id, alarm.explained = None, None
    return None


def _again(session: Session, incident: Incident, alarm: Alarm, now: datetime) -> Incident:
    if incident.cause_alarm_id == alarm.id and incident.recovered_at is not None:
        incident.recovered_at = None
        ledger.note(session, incident, "relapsed", at=now)
    return incident


def _found_cause(session: Session, alarm: Alarm, node: Node) -> tuple[Cause, Alarm] | None:
    """The cause that is there already and farthest up the way."""
    best: tuple[int, Cause, Alarm] | None = None
    for cause in shipped_causes():
        if not cause.accounts_for(node.profile, node.rule):
            continue
        ways = _ways_up(session, cause, alarm)
        for source in _sources(session, cause, ways, node):
            steps = ways[source.asset_id]
            if best is None or steps > best[0]:
                best = (steps, cause, source)
    return None if best is None else best[1:]


def _sources(session: Session, cause: Cause, ways: Mapping[int, int], node: Node) -> Iterable[Alarm]:
    rows = session.execute(
        select(Alarm, Asset.profile)
        .join(Asset, Asset.id == Alarm.asset_id)
        .where(
            Alarm.asset_id.in_(sorted(ways)),
            Alarm.id != node.alarm_id,
            Alarm.since <= node.since + EARLY,
            or_(Alarm.state.in_(OPEN), Alarm.returned_at >= node.since - LATE),
        )
        .order_by(Alarm.id)
    )
    for source, profile in rows:
        if follows(cause, _as_node(source, profile), node):
            yield source


def _incident_of(session: Session, cause: Cause, source: Alarm, *, now: datetime) -> Incident:
    """The open incident that ``source`` is in, the one of it that ended lately, or a new one around it."""
    running = session.get(Incident, source.incident_id) if source.incident_id is not None else None
    if running is not None and running.status == "open":
        return running
    lately = session.scalar(
        select(Incident)
        .where(
            Incident.cause_alarm_id == source.id,
            Incident.status == "ended",
            Incident.ended_at >= now - RELAPSES_WITHIN,
        )
        .order_by(Incident.id.desc())
        .limit(1)
    )
    if lately is None:
        return ledger.open_incident(
            session, at=now, cause_key=cause.key, alarm=source, asset_id=source.asset_id, like=source
        )
    lately.status, lately.ended_at = "open", None
    lately.recovered_at = None if is_standing(source) else source.returned_at
    source.incident_id = lately.id
    ledger.note(session, lately, "reopened", at=now)
    return lately


def _take_over(session: Session, alarm: Alarm, incident: Incident, *, now: datetime) -> None:
    """The alarm was the cause of an incident of its own, and follows from a greater one."""
    own = session.scalars(
        select(Incident).where(Incident.cause_alarm_id == alarm.id, Incident.status == "open")
    )
    for smaller in own.all():
        if smaller.id != incident.id:
            ledger.merge(session, smaller, incident, now=now)


def _gather(session: Session, alarm: Alarm, node: Node, *, now: datetime) -> Incident | None:
    """What came before and follows from this alarm; None where it tells of no cause, or nothing follows."""
    incident: Incident | None = None
    for cause in shipped_causes():
        if not cause.is_told_by(node.profile, node.rule):
            continue
        ways = supplied(session, alarm.asset_id) if cause.spreads == "feeds" else None
        reach = set(ways) if ways is not None else of_same_device(session, alarm.asset_id)
        for smaller in _inferred_below(session, reach):
            incident = incident or _incident_of(session, cause, alarm, now=now)
            ledger.merge(session, smaller, incident, now=now)
        for effect in _effects(session, cause, reach, node, alarm):
            incident = incident or _incident_of(session, cause, alarm, now=now)
            _absorb(session, incident, effect, now=now)
    return incident


def _absorb(session: Session, incident: Incident, effect: Alarm, *, now: datetime) -> None:
    other = session.get(Incident, effect.incident_id) if effect.incident_id is not None else None
    if other is None or other.status != "open":
        ledger.join(session, incident, effect, now=now)
    elif other.id != incident.id and other.cause_alarm_id == effect.id:
        ledger.merge(session, other, incident, now=now)


def _effects(session: Session, cause: Cause, reach: set[int], node: Node, source: Alarm) -> list[Alarm]:
    rows = session.execute(
        select(Alarm, Asset.profile)
        .join(Asset, Asset.id == Alarm.asset_id)
        .where(
            Alarm.raised_at >= node.since - EARLY,
            Alarm.state.in_(OPEN),
            Alarm.id != node.alarm_id,
            Alarm.site_id.is_not_distinct_from(source.site_id),
        )
        .order_by(Alarm.id)
    ).all()
    found = [effect for effect, profile in rows if follows(cause, node, _as_node(effect, profile))]
    outside = {effect.asset_id for effect in found} - reach
    if outside and cause.spreads == "feeds" and source.site_id is not None:
        mains = site_mains(session, source.site_id, profiles=cause.raised_by)
        reach = reach | (unconnected(session, outside) if mains == node.asset_id else set())
    return [effect for effect in found if effect.asset_id in reach]


def _inferred_above(session: Session, alarm: Alarm, node: Node) -> Incident | None:
    """An open incident of a supplier that is silent itself, and feeds this asset."""
    open_ones = _inferred(session)
    if not open_ones:
        return None
    ways = supplier_paths(session, alarm)
    for incident in open_ones:
        if incident.cause_asset_id in ways and node.since >= incident.began_at - EARLY:
            return incident
    return None


def _inferred_below(session: Session, reach: set[int]) -> list[Incident]:
    return [incident for incident in _inferred(session) if incident.cause_asset_id in reach]


def _inferred(session: Session) -> list[Incident]:
    return list(
        session.scalars(
            select(Incident)
            .where(Incident.kind == "inferred", Incident.status == "open")
            .order_by(Incident.id)
        )
    )


def _ways_up(session: Session, cause: Cause, alarm: Alarm) -> Mapping[int, int]:
    """Assets from which this cause could reach the alarm's asset, with the steps between."""
    if cause.spreads == "device":
        return dict.fromkeys(of_same_device(session, alarm.asset_id), 0)
    ways = suppliers(session, alarm.asset_id)
    if len(ways) > 1 or alarm.site_id is None:
        return ways
    # nobody said what feeds it: then it is the mains of the site, if there is but one
    if len(supplied(session, alarm.asset_id)) > 1:
        return ways
    mains = site_mains(session, alarm.site_id, profiles=cause.raised_by)
    return ways if mains is None or mains == alarm.asset_id else {**ways, mains: 1}


def _node(session: Session, alarm: Alarm) -> Node:
    return _as_node(alarm, _profile(session, alarm.asset_id))


def _profile(session: Session, asset_id: int) -> str:
    asset = asset_of(session, asset_id)
    return asset.profile if asset else ""


def _as_node(alarm: Alarm, profile: str) -> Node:
    over_at = None if is_standing(alarm) else alarm.returned_at
    return Node(alarm.id, alarm.asset_id, profile, alarm.rule_key, alarm.life_safety, alarm.since, over_at)
