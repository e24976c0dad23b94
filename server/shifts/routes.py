"""HTTP of teams, shifts and the work calendar. Everybody may see who works when; admins change it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, status
from sqlalchemy import select

from server.db import RowId
from server.identity.access import Admin, Viewer
from server.shifts import pictures, service
from server.shifts.calendar import ShiftTimes
from server.shifts.models import CalendarDay
from server.shifts.schemas import (
    CalendarDayRead,
    CalendarDayWrite,
    CalendarRead,
    ShiftWrite,
    ShippedCalendarRead,
    SubstitutionRead,
    SubstitutionWrite,
    TeamRead,
    TeamWrite,
    WeekRead,
)
from server.shifts.service import Edit
from server.shifts.shipped_calendars import shipped_calendars
from server.web.paging import Page
from server.web.requests import Now, ReadSession, WriteSession

router = APIRouter(tags=["shifts"])

Id = Annotated[RowId, Path()]
Site = Annotated[RowId, Query(description="Id of the site")]


@router.get("/teams", response_model=Page[TeamRead])
def list_teams(
    _user: Viewer, session: ReadSession, site: Annotated[RowId | None, Query()] = None
) -> Page[TeamRead]:
    """Teams with their people and shifts."""
    items = pictures.read_teams(session, site)
    return Page(items=items, total=len(items), next=None)


@router.post("/teams", response_model=list[TeamRead], status_code=status.HTTP_201_CREATED)
def create_team(user: Admin, session: WriteSession, now: Now, body: TeamWrite) -> list[TeamRead]:
    """A new team; the answer lists the teams of its site."""
    service.create_team(
        session,
        Edit(now, user.actor),
        key=body.key,
        name=body.name.label(),
        site_id=body.site_id,
        members=body.members,
    )
    return pictures.read_teams(session, body.site_id)


@router.put("/teams/{team_id}", response_model=list[TeamRead])
def update_team(
    *, user: Admin, session: WriteSession, now: Now, team_id: Id, body: TeamWrite
) -> list[TeamRead]:
    """Change a team; whoever leaves it leaves its shifts as well."""
    team = service.get_team(session, team_id)
    service.update_team(
        session,
        Edit(now, user.actor),
        team,
        key=body.key,
        name=body.name.label(),
        site_id=body.site_id,
        members=body.members,
    )
    return pictures.read_teams(session, body.site_id)


@router.delete("/teams/{team_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_team(user: Admin, session: WriteSession, now: Now, team_id: Id) -> None:
    """Remove a team and its shifts."""
    service.delete_team(session, Edit(now, user.actor), service.get_team(session, team_id))


@router.post("/teams/{team_id}/shifts", response_model=list[TeamRead], status_code=status.HTTP_201_CREATED)
def create_shift(
    *, user: Admin, session: WriteSession, now: Now, team_id: Id, body: ShiftWrite
) -> list[TeamRead]:
    """A new shift; refused where it would never begin."""
    team = service.get_team(session, team_id)
    service.create_shift(
        session, Edit(now, user.actor), team, name=body.name.label(), times=_times(body), members=body.members
    )
    return pictures.read_teams(session, team.site_id)


@router.put("/shifts/{shift_id}", response_model=list[TeamRead])
def update_shift(
    *, user: Admin, session: WriteSession, now: Now, shift_id: Id, body: ShiftWrite
) -> list[TeamRead]:
    """Change a shift."""
    shift = service.get_shift(session, shift_id)
    service.update_shift(
        session,
        Edit(now, user.actor),
        shift,
        name=body.name.label(),
        times=_times(body),
        members=body.members,
    )
    return pictures.read_teams(session, service.get_team(session, shift.team_id).site_id)


@router.delete("/shifts/{shift_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_shift(user: Admin, session: WriteSession, now: Now, shift_id: Id) -> None:
    """Remove a shift and its substitutions."""
    service.delete_shift(session, Edit(now, user.actor), service.get_shift(session, shift_id))


@router.get("/shifts/week", response_model=WeekRead)
def read_week(
    _user: Viewer,
    session: ReadSession,
    now: Now,
    site: Site,
    first: Annotated[date | None, Query(description="None: the Monday of this week")] = None,
) -> WeekRead:
    """Seven days of a site: who works when, and who is at work now."""
    return pictures.read_week(session, site, first=first, now=now)


@router.get("/shifts/substitutions", response_model=Page[SubstitutionRead])
def list_substitutions(
    _user: Viewer, session: ReadSession, site: Site, first: date, last: date
) -> Page[SubstitutionRead]:
    """Who stands in for whom; at most a year at once."""
    last = min(last, first + timedelta(days=366))
    items = pictures.read_substitutions(session, site_id=site, first=first, last=last)
    return Page(items=items, total=len(items), next=None)


@router.post("/shifts/substitutions", status_code=status.HTTP_204_NO_CONTENT)
def substitute(user: Admin, session: WriteSession, now: Now, body: SubstitutionWrite) -> None:
    """Somebody stands in for somebody on one day of a shift."""
    service.substitute(
        session,
        Edit(now, user.actor),
        service.get_shift(session, body.shift_id),
        on=body.on,
        user_id=body.user_id,
        replaced_by=body.replaced_by,
        reason=body.reason,
    )


@router.delete("/shifts/substitutions/{substitution_id}", status_code=status.HTTP_204_NO_CONTENT)
def withdraw_substitution(user: Admin, session: WriteSession, now: Now, substitution_id: Id) -> None:
    """They work their shift after all."""
    service.withdraw_substitution(session, Edit(now, user.actor), substitution_id)


@router.get("/sites/{site_id}/calendar", response_model=CalendarRead)
def read_calendar(
    _user: Viewer, session: ReadSession, site_id: Id, year: Annotated[int, Query(ge=2000, le=2100)]
) -> CalendarRead:
    """The days of a year that are not what their weekday says."""
    rows = session.scalars(
        select(CalendarDay)
        .where(
            CalendarDay.site_id == site_id,
            CalendarDay.day >= date(year, 1, 1),
            CalendarDay.day <= date(year, 12, 31),
        )
        .order_by(CalendarDay.day)
    )
    return CalendarRead(
        days=[CalendarDayRead.model_validate(row) for row in rows],
        shipped=[ShippedCalendarRead(key=key, name=found.name) for key, found in shipped_calendars().items()],
    )


@router.put("/sites/{site_id}/calendar/{day}", status_code=status.HTTP_204_NO_CONTENT)
def set_calendar_day(
    *, user: Admin, session: WriteSession, now: Now, site_id: Id, day: date, body: CalendarDayWrite
) -> None:
    """Say of one day that it is worked or off."""
    service.set_day(session, Edit(now, user.actor), site_id, day, kind=body.kind, name=body.name.label())


@router.delete("/sites/{site_id}/calendar/{day}", status_code=status.HTTP_204_NO_CONTENT)
def clear_calendar_day(user: Admin, session: WriteSession, now: Now, site_id: Id, day: date) -> None:
    """The day is what its weekday says."""
    service.clear_day(session, Edit(now, user.actor), site_id, day)


@router.post("/sites/{site_id}/calendar/shipped/{key}", status_code=status.HTTP_204_NO_CONTENT)
def take_over_calendar(user: Admin, session: WriteSession, now: Now, site_id: Id, key: str) -> None:
    """Enter the days of a list that came with the product."""
    service.take_over_calendar(session, Edit(now, user.actor), site_id, key)


def _times(body: ShiftWrite) -> ShiftTimes:
    return ShiftTimes(body.starts, body.ends, body.rrule, body.days, body.valid_from, body.valid_to)
