"""HTTP of incidents."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from server.db import RowId
from server.errors import Invalid
from server.identity.access import Engineer, Guard, Viewer
from server.incidents import declaring, queries, service
from server.incidents.queries import Which
from server.incidents.schemas import Comment, Declare, IncidentDetail, IncidentRead
from server.web.paging import Cursor, Limit, Page, cut
from server.web.requests import Now, ReadSession, WriteSession

router = APIRouter(tags=["incidents"])

IncidentId = Annotated[RowId, Path()]


@router.get("/incidents", response_model=Page[IncidentRead])
def list_incidents(
    *,
    _user: Viewer,
    session: ReadSession,
    status: Annotated[Which, Query()] = "open",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[IncidentRead]:
    """Incidents, newest first."""
    found, total = queries.find_incidents(session, which=status, before_id=cursor, limit=limit + 1)
    items, more = cut(found, limit)
    return Page(items=list(items), total=total, next=str(items[-1].id) if more else None)


@router.post("/incidents", status_code=201, response_model=IncidentDetail)
def declare_incident(user: Guard, session: WriteSession, now: Now, wanted: Declare) -> IncidentDetail:
    """Declare an emergency."""
    if wanted.site_id is not None and not queries.is_site(session, wanted.site_id):
        raise Invalid("There is no such site.", "没有此站点。", code="no_such_site")
    incident = declaring.declare(
        session,
        now=now,
        user=user,
        title=wanted.title,
        description=wanted.description,
        severity=wanted.severity,
        site_id=wanted.site_id,
        life_safety=wanted.life_safety,
        asset_id=wanted.asset_id,
        opens_ticket=wanted.opens_ticket,
    )
    return queries.read_detail(session, incident, now=now)


@router.get("/incidents/{incident_id}", response_model=IncidentDetail)
def read_incident(_user: Viewer, session: ReadSession, now: Now, incident_id: IncidentId) -> IncidentDetail:
    """One incident with its cause and why, its alarms, its picture and its history."""
    return queries.read_detail(session, service.get_incident(session, incident_id), now=now)


@router.post("/incidents/{incident_id}/end", response_model=IncidentDetail)
def end_incident(
    user: Engineer, session: WriteSession, now: Now, incident_id: IncidentId, wanted: Comment
) -> IncidentDetail:
    """End a declared emergency, with a word on how it ended."""
    incident = declaring.end_declared(session, incident_id, now=now, user=user, comment=wanted.text)
    return queries.read_detail(session, incident, now=now)


@router.post("/incidents/{incident_id}/comment", response_model=IncidentDetail)
def comment_on_incident(
    user: Guard, session: WriteSession, now: Now, incident_id: IncidentId, wanted: Comment
) -> IncidentDetail:
    """Add a remark."""
    incident = service.comment(session, incident_id, now=now, user=user, text=wanted.text)
    return queries.read_detail(session, incident, now=now)
