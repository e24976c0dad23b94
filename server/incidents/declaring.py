"""Emergencies that a person declares, and ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from server.alarms.lifecycle import Severity
from server.alarms.place import site_of
from server.assets.service import get_asset
from server.audit import service as audit
from server.errors import Conflict, Label
from server.identity.person import CurrentUser
from server.incidents import ledger
from server.incidents.models import Incident
from server.incidents.notices import tell_of_incident
from server.incidents.service import end, get_incident
from server.tickets.service import report


def declare(
    session: Session,
    *,
    now: datetime,
    user: CurrentUser,
    title: str,
    description: str | None,
    severity: Severity,
    site_id: int | None,
    life_safety: bool,
    asset_id: int | None = None,
    opens_ticket: bool = False,
) -> Incident:
    """A person declares an emergency: everybody whom it concerns is told at once. Raises NotFound for an asset."""
    asset = get_asset(session, asset_id) if asset_id is not None else None
    if asset is not None and site_id is None:
        site_id = site_of(session, asset.space_id)
    incident = Incident(
        kind="declared",
        status="open",
        title=Label(en=title, zh=title),
        description=description,
        severity=severity,
        site_id=site_id,
        began_at=now,
        declared_by=user.name,
        cause_asset_id=asset_id,
    )
    session.add(incident)
    session.flush()
    ledger.note(session, incident, "declared", at=now, actor=user.actor, comment=description)
    if opens_ticket:
        _open_ticket(session, incident, now=now, user=user)
    tell_of_incident(session, incident, now=now, life_safety=life_safety)
    detail = {"title": title, "severity": severity.value, "life_safety": life_safety}
    _record(session, incident, now=now, user=user, detail=detail)
    return incident


def end_declared(
    session: Session, incident_id: int, *, now: datetime, user: CurrentUser, comment: str
) -> Incident:
    """End a declared emergency. One that alarms made ends by itself: raises Conflict."""
    incident = get_incident(session, incident_id)
    if incident.kind != "declared":
        raise Conflict(
            "It ends by itself when its alarms do.", "该事件会随告警恢复自动结束。", code="ends_by_itself"
        )
    if incident.status != "open":
        raise Conflict("It is over already.", "该事件已结束。", code="over")
    end(session, incident, now=now, actor=user.actor, comment=comment)
    return incident


def _record(
    session: Session, incident: Incident, *, now: datetime, user: CurrentUser, detail: Mapping[str, object]
) -> None:
    audit.record(
        session,
        now=now,
        actor=user.actor,
        action="incident.declared",
        subject=("incident", incident.id),
        detail=detail,
    )


def _open_ticket(session: Session, incident: Incident, *, now: datetime, user: CurrentUser) -> None:
    """Of the asset that it is about, where it is about one."""
    if incident.cause_asset_id is None:
        return
    ticket = report(
        session,
        now=now,
        user=user,
        asset_id=incident.cause_asset_id,
        title=incident.title["en"],
        description=incident.description,
        severity=Severity(incident.severity),
    )
    ledger.give_ticket(session, incident, ticket, now=now)
