"""Teams, shifts and weeks as people look at them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import Result, select
from sqlalchemy.orm import Session

from server.identity.models import User
from server.shifts.calendar import Days, is_work_day
from server.shifts.models import CalendarDay, Shift, ShiftMember, Substitution, Team, TeamMember
from server.shifts.queries import Working, calendars_of, workings, zone_of
from server.shifts.schemas import (
    DayRead,
    DutyRead,
    PersonRead,
    ShiftRead,
    SubstitutionRead,
    TeamRead,
    WeekRead,
    WorkingRead,
)

WEEK = 7
_DAY = timedelta(days=1)
People = Mapping[int, PersonRead]


def read_teams(session: Session, site_id: int | None = None) -> list[TeamRead]:
    """Every team with its people and shifts."""
    wanted = select(Team).order_by(Team.id)
    if site_id is not None:
        wanted = wanted.where(Team.site_id == site_id)
    teams = session.scalars(wanted).all()
    ids = [team.id for team in teams]
    shifts = session.scalars(
        select(Shift).where(Shift.team_id.in_(ids)).order_by(Shift.starts, Shift.id)
    ).all()
    in_team = _grouped(
        session.execute(select(TeamMember.team_id, TeamMember.user_id).where(TeamMember.team_id.in_(ids)))
    )
    in_shift = _grouped(
        session.execute(
            select(ShiftMember.shift_id, ShiftMember.user_id).where(
                ShiftMember.shift_id.in_([shift.id for shift in shifts])
            )
        )
    )
    people = _people(session, {user for users in in_team.values() for user in users})
    return [
        TeamRead(
            id=team.id,
            key=team.key,
            name=team.name,
            site_id=team.site_id,
            members=_named(people, in_team.get(team.id, ())),
            shifts=[
                _shift(shift, _named(people, in_shift.get(shift.id, ())))
                for shift in shifts
                if shift.team_id == team.id
            ],
        )
        for team in teams
    ]


def read_week(
    session: Session, site_id: int, *, first: date | None, now: datetime, days: int = WEEK
) -> WeekRead:
    """The days from ``first`` on (None: the Monday of this week), and who works them."""
    zone = zone_of(session, site_id)
    today = now.astimezone(zone).date()
    first = first or today - today.weekday() * _DAY
    start, end = _midnight(first, zone), _midnight(first + days * _DAY, zone)
    found = workings(session, start=start, end=end, site_id=site_id)
    people = _people(session, {user for one in found for user in _users(one)})
    return WeekRead(
        site_id=site_id,
        time_zone=zone.key,
        now=now,
        days=_days(session, site_id, zone, [first + number * _DAY for number in range(days)]),
        workings=[_working(one, people, now) for one in found],
    )


def read_substitutions(session: Session, *, site_id: int, first: date, last: date) -> list[SubstitutionRead]:
    """Who stands in for whom on the shifts of a site that begin in these days."""
    rows = session.scalars(
        select(Substitution)
        .join(Shift, Shift.id == Substitution.shift_id)
        .join(Team, Team.id == Shift.team_id)
        .where(Team.site_id == site_id, Substitution.on >= first, Substitution.on <= last)
        .order_by(Substitution.on, Substitution.id)
    ).all()
    people = _people(session, {user for row in rows for user in (row.user_id, row.replaced_by) if user})
    return [
        SubstitutionRead(
            id=row.id,
            shift_id=row.shift_id,
            on=row.on,
            user=people[row.user_id],
            replaced_by=people.get(row.replaced_by or 0),
            reason=row.reason,
            created_by=row.created_by,
            created_at=row.created_at,
        )
        for row in rows
    ]


def _days(session: Session, site_id: int, zone: ZoneInfo, days: list[date]) -> list[DayRead]:
    known = calendars_of(session, [site_id])[site_id]
    names = {
        row.day: row.name
        for row in session.scalars(
            select(CalendarDay).where(CalendarDay.site_id == site_id, CalendarDay.day.in_(days))
        )
    }
    return [
        DayRead(
            day=day,
            kind="work" if is_work_day(day, known) else "off",
            name=names.get(day),
            starts_at=_midnight(day, zone),
            ends_at=_midnight(day + _DAY, zone),
        )
        for day in days
    ]


def _working(one: Working, people: People, now: datetime) -> WorkingRead:
    return WorkingRead(
        shift_id=one.shift.id,
        shift=one.shift.name,
        team_id=one.team.id,
        team=one.team.name,
        day=one.when.day,
        starts_at=one.when.starts_at,
        ends_at=one.when.ends_at,
        people=[
            DutyRead(user=people[duty.user_id], replaces=people.get(duty.replaces or 0), reason=duty.reason)
            for duty in one.duties
        ],
        absent=[people[user] for user in one.absent],
        is_on=one.when.starts_at <= now < one.when.ends_at,
    )


def _shift(shift: Shift, members: list[PersonRead]) -> ShiftRead:
    return ShiftRead(
        id=shift.id,
        team_id=shift.team_id,
        name=shift.name,
        starts=shift.starts,
        ends=shift.ends,
        rrule=shift.rrule,
        days=cast("Days", shift.days),
        valid_from=shift.valid_from,
        valid_to=shift.valid_to,
        members=members,
    )


def _users(one: Working) -> Iterable[int]:
    yield from one.absent
    for duty in one.duties:
        yield duty.user_id
        if duty.replaces is not None:
            yield duty.replaces


def _people(session: Session, users: set[int]) -> People:
    rows = session.scalars(select(User).where(User.id.in_(sorted(users))))
    return {
        row.id: PersonRead(
            id=row.id,
            display_name=row.display_name,
            role=row.role,
            disabled=row.disabled_at is not None,
        )
        for row in rows
    }


def _named(people: People, users: Iterable[int]) -> list[PersonRead]:
    return sorted((people[user] for user in users), key=lambda person: person.display_name)


def _grouped(rows: Result[int, int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for key, value in rows:
        found.setdefault(key, []).append(value)
    return found


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, zone).astimezone(UTC)
