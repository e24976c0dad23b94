"""Who is on shift, and the pictures made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.models import Space
from server.errors import NotFound
from server.identity.models import User
from server.identity.roles import Role
from server.shifts.calendar import DayKind, Days, Occurrence, ShiftTimes, occurrences
from server.shifts.models import CalendarDay, Shift, ShiftMember, Substitution, Team

_INSTANT = timedelta(microseconds=1)


class OnShift(NamedTuple):
    """One person at work."""

    user_id: int
    team_id: int
    shift_id: int
    starts_at: datetime
    ends_at: datetime


class Duty(NamedTuple):
    """One person on one working of a shift."""

    user_id: int
    replaces: int | None
    """Whom they stand in for."""
    reason: str | None


class Working(NamedTuple):
    """One working of a shift with the people who have it."""

    shift: Shift
    team: Team
    when: Occurrence
    duties: list[Duty]
    absent: list[int]
    """Away, and nobody stands in."""


def on_shift(
    session: Session,
    *,
    at: datetime,
    site_id: int | None = None,
    team_id: int | None = None,
    role: Role | None = None,
) -> list[OnShift]:
    """Who is at work ``at``, substitutes in the place of whom they stand in for; each person and shift once.

    ``role``: only people who hold at least this role. Nobody whose account is disabled.
    """
    found = workings(session, start=at, end=at + _INSTANT, site_id=site_id, team_id=team_id)
    rows = [
        OnShift(duty.user_id, one.team.id, one.shift.id, one.when.starts_at, one.when.ends_at)
        for one in found
        for duty in one.duties
    ]
    if not rows:
        return []
    able = _able(session, {row.user_id for row in rows}, role)
    return [row for row in rows if row.user_id in able]


def workings(
    session: Session,
    *,
    start: datetime,
    end: datetime,
    site_id: int | None = None,
    team_id: int | None = None,
) -> list[Working]:
    """Every working of a shift that touches [start, end), by time and then by team."""
    rows = _shifts(session, site_id=site_id, team_id=team_id)
    if not rows:
        return []
    calendars = calendars_of(session, {team.site_id for _, team, _ in rows})
    found = [
        (shift, team, when)
        for shift, team, zone in rows
        for when in occurrences(times_of(shift), zone, start=start, end=end, calendar=calendars[team.site_id])
    ]
    members, changes = _people(session, found)
    result = [
        _working(shift, team, when, members.get(shift.id, ()), changes.get((shift.id, when.day), {}))
        for shift, team, when in found
    ]
    return sorted(result, key=lambda one: (one.when.starts_at, one.team.id, one.shift.id))


def times_of(shift: Shift) -> ShiftTimes:
    return ShiftTimes(
        shift.starts, shift.ends, shift.rrule, cast("Days", shift.days), shift.valid_from, shift.valid_to
    )


def zone_of(session: Session, site_id: int) -> ZoneInfo:
    """The time zone of a site. Raises NotFound."""
    site = session.get(Space, site_id)
    if site is None or site.kind != "site":
        raise NotFound(f"There is no site {site_id}.", f"没有编号为 {site_id} 的项目。")
    return ZoneInfo(site.time_zone or "UTC")


def calendars_of(session: Session, sites: Iterable[int]) -> dict[int, dict[date, DayKind]]:
    """The entries of each site's work calendar."""
    found: dict[int, dict[date, DayKind]] = {site: {} for site in sites}
    rows = session.scalars(select(CalendarDay).where(CalendarDay.site_id.in_(sorted(found))))
    for row in rows:
        found[row.site_id][row.day] = cast("DayKind", row.kind)
    return found


def _shifts(
    session: Session, *, site_id: int | None, team_id: int | None
) -> list[tuple[Shift, Team, ZoneInfo]]:
    wanted = (
        select(Shift, Team, Space.time_zone)
        .join(Team, Team.id == Shift.team_id)
        .join(Space, Space.id == Team.site_id)
        .order_by(Shift.id)
    )
    if site_id is not None:
        wanted = wanted.where(Team.site_id == site_id)
    if team_id is not None:
        wanted = wanted.where(Team.id == team_id)
    return [(shift, team, ZoneInfo(zone or "UTC")) for shift, team, zone in session.execute(wanted)]


Changes = Mapping[int, Substitution]


def _people(
    session: Session, found: Sequence[tuple[Shift, Team, Occurrence]]
) -> tuple[dict[int, list[int]], dict[tuple[int, date], dict[int, Substitution]]]:
    shifts = sorted({shift.id for shift, _, _ in found})
    days = sorted({when.day for _, _, when in found})
    members: dict[int, list[int]] = {}
    of_these = select(ShiftMember).where(ShiftMember.shift_id.in_(shifts)).order_by(ShiftMember.user_id)
    for row in session.scalars(of_these):
        members.setdefault(row.shift_id, []).append(row.user_id)
    changes: dict[tuple[int, date], dict[int, Substitution]] = {}
    for change in session.scalars(
        select(Substitution).where(Substitution.shift_id.in_(shifts), Substitution.on.in_(days))
    ):
        changes.setdefault((change.shift_id, change.on), {})[change.user_id] = change
    return members, changes


def _working(shift: Shift, team: Team, when: Occurrence, members: Sequence[int], changes: Changes) -> Working:
    duties: list[Duty] = []
    absent: list[int] = []
    for user_id in members:
        change = changes.get(user_id)
        if change is None:
            duties.append(Duty(user_id, None, None))
        elif change.replaced_by is None:
            absent.append(user_id)
        elif change.replaced_by not in members:
            duties.append(Duty(change.replaced_by, user_id, change.reason))
    return Working(shift, team, when, duties, absent)


def _able(session: Session, users: set[int], role: Role | None) -> frozenset[int]:
    rows = session.execute(
        select(User.id, User.role).where(User.id.in_(sorted(users)), User.disabled_at.is_(None))
    )
    return frozenset(row.id for row in rows if role is None or row.role.includes(role))
