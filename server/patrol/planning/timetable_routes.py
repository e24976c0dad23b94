"""HTTP of planning: routes and timetables, and what about them cannot work."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db import RowId
from server.identity.access import Engineer, Guard
from server.patrol.planning import doubts, ways
from server.patrol.planning import service as planning
from server.patrol.planning.rows import find
from server.patrol.planning.schemas import (
    Doubt,
    RouteIn,
    RouteLegIn,
    RouteRead,
    ScheduleDetail,
    ScheduleIn,
    SchedulePreview,
    ScheduleRead,
    Suggestion,
    Way,
)
from server.patrol.rounds.models import Route, RouteLeg, Schedule
from server.web.paging import Page
from server.web.requests import Now, ReadSession, WriteSession

router = APIRouter(tags=["patrol planning"])

Id = Annotated[RowId, Path()]
SiteQuery = Annotated[RowId | None, Query(description="Only of this site")]


@router.get("/patrol/routes", response_model=Page[RouteRead])
def list_routes(_user: Guard, session: ReadSession, site: SiteQuery = None) -> Page[RouteRead]:
    """The routes in use."""
    rows = select(Route).where(Route.retired_at.is_(None)).order_by(Route.key)
    if site is not None:
        rows = rows.where(Route.site_id == site)
    items = _routes(session, list(session.scalars(rows)))
    return Page(items=items, total=len(items), next=None)


@router.get("/patrol/routes/{row_id}", response_model=RouteRead)
def read_route(_user: Guard, session: ReadSession, row_id: Id) -> RouteRead:
    """One route."""
    return _routes(session, [find(session, Route, row_id)])[0]


@router.post("/patrol/routes", response_model=RouteRead, status_code=201)
def create_route(user: Engineer, session: WriteSession, now: Now, wanted: RouteIn) -> RouteRead:
    """A new route."""
    return _routes(session, [planning.create_route(session, wanted, now=now, by=user.actor)])[0]


@router.put("/patrol/routes/{row_id}", response_model=RouteRead)
def change_route(user: Engineer, session: WriteSession, now: Now, row_id: Id, wanted: RouteIn) -> RouteRead:
    """All of it anew; rounds that did not begin follow."""
    row = find(session, Route, row_id)
    return _routes(session, [planning.change_route(session, row, wanted, now=now, by=user.actor)])[0]


@router.delete("/patrol/routes/{row_id}", response_model=RouteRead)
def retire_route(user: Engineer, session: WriteSession, now: Now, row_id: Id) -> RouteRead:
    """It is not walked any more."""
    row = find(session, Route, row_id)
    return _routes(session, [planning.retire_route(session, row, now=now, by=user.actor)])[0]


@router.get("/patrol/routes/{row_id}/check", response_model=list[Doubt])
def check_route(_user: Engineer, session: ReadSession, now: Now, row_id: Id) -> list[Doubt]:
    """What about the route cannot work."""
    return doubts.of_route(session, find(session, Route, row_id), now=now)


@router.get("/patrol/routes/{row_id}/suggestion", response_model=Suggestion)
def suggest_walk(_user: Engineer, session: ReadSession, now: Now, row_id: Id) -> Suggestion:
    """A shorter walk through the same checkpoints, by the times learned from past rounds."""
    return doubts.suggest(session, find(session, Route, row_id), now=now)


@router.get("/patrol/routes/{row_id}/ways", response_model=list[Way])
def list_ways(_user: Engineer, session: ReadSession, now: Now, row_id: Id) -> list[Way]:
    """Each way of the route: the time that is planned for it beside the time that people took."""
    return ways.of_route(session, find(session, Route, row_id), now=now)


@router.get("/patrol/schedules", response_model=Page[ScheduleRead])
def list_schedules(_user: Guard, session: ReadSession) -> Page[ScheduleRead]:
    """When routes are walked."""
    items = [
        ScheduleRead.model_validate(row) for row in session.scalars(select(Schedule).order_by(Schedule.id))
    ]
    return Page(items=items, total=len(items), next=None)


@router.get("/patrol/schedules/{row_id}", response_model=ScheduleDetail)
def read_schedule(_user: Guard, session: ReadSession, now: Now, row_id: Id) -> ScheduleDetail:
    """One timetable, its coming rounds, and what about it cannot work."""
    return _schedule(session, find(session, Schedule, row_id), now)


@router.post("/patrol/schedules", response_model=ScheduleDetail, status_code=201)
def create_schedule(user: Engineer, session: WriteSession, now: Now, wanted: ScheduleIn) -> ScheduleDetail:
    """A new timetable; its rounds are made at once."""
    return _schedule(session, planning.create_schedule(session, wanted, now=now, by=user.actor), now)


@router.put("/patrol/schedules/{row_id}", response_model=ScheduleDetail)
def change_schedule(
    user: Engineer, session: WriteSession, now: Now, row_id: Id, wanted: ScheduleIn
) -> ScheduleDetail:
    """All of it anew; rounds that did not begin are made anew."""
    row = find(session, Schedule, row_id)
    return _schedule(session, planning.change_schedule(session, row, wanted, now=now, by=user.actor), now)


@router.post("/patrol/schedules/preview", response_model=SchedulePreview)
def preview_schedule(
    _user: Engineer,
    session: ReadSession,
    now: Now,
    wanted: ScheduleIn,
    instead_of: Annotated[RowId | None, Query(description="Timetable that is being changed")] = None,
) -> SchedulePreview:
    """What a timetable would give, before it is kept: its coming rounds, and what cannot work."""
    row = planning.draft_schedule(session, wanted)
    if instead_of is not None:
        row.id = instead_of
    return SchedulePreview(
        next=[when.starts_at for when in doubts.coming(session, row, now=now)][:10],
        doubts=doubts.of_schedule(session, row, now=now),
    )


def _routes(session: Session, rows: list[Route]) -> list[RouteRead]:
    legs: dict[int, list[RouteLegIn]] = {}
    ids = [row.id for row in rows]
    found = select(RouteLeg).where(RouteLeg.route_id.in_(ids)).order_by(RouteLeg.route_id, RouteLeg.position)
    for leg in session.scalars(found):
        legs.setdefault(leg.route_id, []).append(
            RouteLegIn(checkpoint_id=leg.checkpoint_id, after_s=leg.after_s, tolerance_s=leg.tolerance_s)
        )
    return [
        RouteRead.model_validate(
            {
                "id": row.id,
                "key": row.key,
                "name": row.name,
                "site_id": row.site_id,
                "walk": row.walk,
                "legs": legs.get(row.id, []),
                "retired_at": row.retired_at,
            }
        )
        for row in rows
    ]


def _schedule(session: Session, row: Schedule, now: Now) -> ScheduleDetail:
    return ScheduleDetail(
        **ScheduleRead.model_validate(row).model_dump(),
        next=[when.starts_at for when in doubts.coming(session, row, now=now)],
        doubts=doubts.of_schedule(session, row, now=now),
    )
