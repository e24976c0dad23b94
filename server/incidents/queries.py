"""Reading incidents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from server.alarms.lifecycle import PRESENT, Severity
from server.alarms.models import Alarm
from server.alarms.queries import asset_refs, read_alarms
from server.assets.models import Asset, Feed, Space
from server.errors import Label
from server.incidents.causes import shipped_causes
from server.incidents.models import Incident, IncidentEvent, IncidentMember
from server.incidents.schemas import (
    IncidentDetail,
    IncidentEventRead,
    IncidentRead,
    Member,
    Node,
    TicketRef,
)
from server.incidents.topology import supplied
from server.tickets.models import Ticket

Which = Literal["open", "ended", "all"]
MOST_MEMBERS = 500
MOST_EVENTS = 500
_RANK = {severity: rank for rank, severity in enumerate(Severity)}


def find_incidents(
    session: Session, *, which: Which, before_id: int | None, limit: int
) -> tuple[list[IncidentRead], int]:
    """(incidents, newest first, how many match without the cursor). Merged ones only under ``all``."""
    matching = [] if which == "all" else [Incident.status == which]
    total = session.scalar(select(func.count()).select_from(Incident).where(*matching)) or 0
    if before_id is not None:
        matching.append(Incident.id < before_id)
    rows = session.scalars(select(Incident).where(*matching).order_by(Incident.id.desc()).limit(limit)).all()
    return read_incidents(session, rows), total


def read_incidents(session: Session, incidents: Sequence[Incident]) -> list[IncidentRead]:
    """Incidents as people read them, in the order given."""
    ids = [incident.id for incident in incidents]
    counted = session.execute(
        select(
            IncidentMember.incident_id,
            func.count(),
            func.sum(case((Alarm.state.in_(PRESENT), 1), else_=0)),
        )
        .join(Alarm, Alarm.id == IncidentMember.alarm_id)
        .where(IncidentMember.incident_id.in_(ids))
        .group_by(IncidentMember.incident_id)
    )
    counts = {row[0]: (row[1], int(row[2] or 0)) for row in counted}
    tickets = _tickets(session, [one.ticket_id for one in incidents if one.ticket_id is not None])
    return [_read(one, counts.get(one.id, (0, 0)), tickets) for one in incidents]


def read_detail(session: Session, incident: Incident, *, now: datetime) -> IncidentDetail:
    """One incident with its alarms, its picture and its history."""
    members = _members(session, incident, now=now)
    nodes = _nodes(session, incident, members)
    refs = asset_refs(session, [incident.cause_asset_id] if incident.cause_asset_id is not None else [])
    cause = next((one for one in shipped_causes() if one.key == incident.cause_key), None)
    return IncidentDetail(
        **read_incidents(session, [incident])[0].model_dump(),
        description=incident.description,
        declared_by=incident.declared_by,
        cause=cause.name if cause else None,
        why=_why(incident, members, nodes),
        cause_asset=refs.get(incident.cause_asset_id or 0),
        cause_alarm_id=incident.cause_alarm_id,
        members=members,
        nodes=nodes,
        events=_events(session, incident),
    )


def _read(incident: Incident, counts: tuple[int, int], tickets: Mapping[int, TicketRef]) -> IncidentRead:
    return IncidentRead.model_validate(
        {
            "id": incident.id,
            "kind": incident.kind,
            "status": incident.status,
            "title": incident.title,
            "severity": incident.severity,
            "site_id": incident.site_id,
            "began_at": incident.began_at,
            "recovered_at": incident.recovered_at,
            "ended_at": incident.ended_at,
            "ticket": tickets.get(incident.ticket_id or 0),
            "alarms": counts[0],
            "present": counts[1],
            "merged_into_id": incident.merged_into_id,
        }
    )


def _tickets(session: Session, ids: Sequence[int]) -> dict[int, TicketRef]:
    rows = session.scalars(select(Ticket).where(Ticket.id.in_(ids)))
    return {one.id: TicketRef(id=one.id, number=one.number, status=one.status) for one in rows}


def _members(session: Session, incident: Incident, *, now: datetime) -> list[Member]:
    rows = session.execute(
        select(IncidentMember, Alarm)
        .join(Alarm, Alarm.id == IncidentMember.alarm_id)
        .where(IncidentMember.incident_id == incident.id)
        .order_by(IncidentMember.part, Alarm.since, Alarm.id)
        .limit(MOST_MEMBERS)
    ).all()
    read = read_alarms(session, [alarm for _, alarm in rows], now=now)
    return [
        Member.model_validate(
            {"part": member.part, "joined_at": member.joined_at, "left_at": member.left_at, "alarm": alarm}
        )
        for (member, _), alarm in zip(rows, read, strict=True)
    ]


def _nodes(session: Session, incident: Incident, members: Sequence[Member]) -> list[Node]:
    """The assets of the incident below its cause, with the asset that feeds each."""
    if incident.cause_asset_id is None:
        return []
    steps = supplied(session, incident.cause_asset_id)
    ids = {member.alarm.asset.id for member in members} | {incident.cause_asset_id}
    rows = session.execute(select(Asset.id, Asset.profile).where(Asset.id.in_(sorted(ids))))
    profiles = {row.id: row.profile for row in rows}
    above = _fed_by(session, ids)
    refs = asset_refs(session, ids)
    found = [
        _node(refs[one], profiles[one], steps.get(one, 1), above.get(one), members)
        for one in ids
        if one in refs
    ]
    return sorted(found, key=lambda node: (node.steps, node.profile, node.asset.key))


def _fed_by(session: Session, ids: set[int]) -> dict[int, int]:
    feeds = session.execute(
        select(Feed.to_asset, Feed.from_asset).where(
            Feed.to_asset.in_(sorted(ids)), Feed.from_asset.in_(sorted(ids))
        )
    )
    return {row.to_asset: row.from_asset for row in feeds}


def _node(ref: object, profile: str, steps: int, above: int | None, members: Sequence[Member]) -> Node:
    node = Node.model_validate(
        {
            "asset": ref,
            "profile": profile,
            "steps": steps,
            "fed_by": above,
            "alarms": 0,
            "present": 0,
            "worst": None,
        }
    )
    own = [member.alarm for member in members if member.alarm.asset.id == node.asset.id]
    node.alarms = len(own)
    node.present = sum(alarm.state in PRESENT for alarm in own)
    node.worst = min((alarm.severity for alarm in own), key=_RANK.__getitem__, default=None)
    return node


def _why(incident: Incident, members: Sequence[Member], nodes: Sequence[Node]) -> Label | None:
    """Why this is the most likely cause, from the facts at hand."""
    if incident.kind == "declared":
        return None
    effects = [member for member in members if member.part == "effect"]
    assets = len({member.alarm.asset.id for member in effects})
    if incident.kind == "inferred":
        return Label(
            en=f"{assets} assets that it feeds raised {len(effects)} alarms within two minutes, all of a kind "
            "that a lost supply explains, and nothing nearer feeds them all. It has not reported itself: "
            "its own measurement may be down, or missing.",
            zh=f"其供电的 {assets} 台设备在两分钟内产生 {len(effects)} 条告警，均可由断电解释，"
            "且没有更近的共同上级。该设备自身未上报：其测量可能也已中断或未安装。",
        )
    cause = next((member.alarm for member in members if member.part == "cause"), None)
    if cause is None:
        return None
    deepest = max((node.steps for node in nodes), default=0)
    times = [cause.since, *(one.alarm.since for one in effects)]
    seconds = round((max(times) - min(times)).total_seconds())
    if incident.cause_key == "device_silent":
        return Label(
            en=f"The device that carries these points fell silent; {len(effects)} alarms of its points follow.",
            zh=f"承载这些测点的设备失联，其测点相关的 {len(effects)} 条告警由此引起。",
        )
    return Label(
        en=f"It reported “{cause.rule.name['en']}” and feeds all {assets} assets concerned, over up to "
        f"{deepest} steps. All {len(effects)} alarms are of a kind that a lost supply explains and came "
        f"within {seconds} s. Nothing above it reported anything.",
        zh=f"该设备上报“{cause.rule.name['zh']}”，且经最多 {deepest} 级为全部 {assets} 台相关设备供电。"
        f"{len(effects)} 条告警均可由断电解释，并在 {seconds} 秒内出现；其上级没有任何告警。",
    )


def _events(session: Session, incident: Incident) -> list[IncidentEventRead]:
    rows = session.scalars(
        select(IncidentEvent)
        .where(IncidentEvent.incident_id == incident.id, IncidentEvent.kind != "joined")
        .order_by(IncidentEvent.id.desc())
        .limit(MOST_EVENTS)
    ).all()
    return [
        IncidentEventRead(
            id=row.id, at=row.at, kind=row.kind, actor=row.actor, comment=row.comment, data=row.data
        )
        for row in reversed(rows)
    ]


def is_site(session: Session, space_id: int) -> bool:
    space = session.get(Space, space_id)
    return space is not None and space.kind == "site"
