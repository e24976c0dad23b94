"""The verbs on teams, shifts, substitutions and the work calendar; their only writer. All are audited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.audit.service import Actor
from server.db import note_change
from server.errors import Conflict, Invalid, Label, NotFound
from server.identity.models import User
from server.shifts import calendar
from server.shifts.calendar import DayKind, ShiftTimes
from server.shifts.models import CalendarDay, Shift, ShiftMember, Substitution, Team, TeamMember
from server.shifts.queries import zone_of
from server.shifts.shipped_calendars import shipped_calendar

NOUN = "shifts"


@dataclass(frozen=True)
class Edit:
    """Who changes something, and when."""

    now: datetime
    actor: Actor


def create_team(
    session: Session, edit: Edit, *, key: str, name: Label, site_id: int, members: Sequence[int]
) -> Team:
    """Raises Conflict where the key is taken, NotFound for a site or person that does not exist."""
    zone_of(session, site_id)
    _require_free_key(session, key, None)
    team = Team(key=key, name=name, site_id=site_id)
    session.add(team)
    session.flush()
    _set_members(session, team, members)
    _record(session, edit, "team.created", ("team", team.id), {"key": key, "members": sorted(members)})
    return team


def update_team(
    session: Session, edit: Edit, team: Team, *, key: str, name: Label, site_id: int, members: Sequence[int]
) -> None:
    """Whoever leaves the team leaves its shifts as well."""
    zone_of(session, site_id)
    _require_free_key(session, key, team.id)
    team.key, team.name, team.site_id = key, name, site_id
    gone = _set_members(session, team, members)
    shifts = session.scalars(select(Shift.id).where(Shift.team_id == team.id)).all()
    session.execute(
        delete(ShiftMember).where(ShiftMember.shift_id.in_(shifts), ShiftMember.user_id.in_(sorted(gone)))
    )
    _record(session, edit, "team.changed", ("team", team.id), {"key": key, "members": sorted(members)})


def delete_team(session: Session, edit: Edit, team: Team) -> None:
    """With its shifts."""
    session.delete(team)
    _record(session, edit, "team.deleted", ("team", team.id), {"key": team.key})


def create_shift(
    session: Session, edit: Edit, team: Team, *, name: Label, times: ShiftTimes, members: Sequence[int]
) -> Shift:
    """Raises Invalid where the shift would never begin or a person is not of the team."""
    calendar.check(times)
    shift = Shift(team_id=team.id, name=name, **times._asdict())
    session.add(shift)
    session.flush()
    _set_shift_members(session, shift, members)
    _record(session, edit, "shift.created", ("shift", shift.id), _told(times, members))
    return shift


def update_shift(
    session: Session, edit: Edit, shift: Shift, *, name: Label, times: ShiftTimes, members: Sequence[int]
) -> None:
    """As ``create_shift``."""
    calendar.check(times)
    shift.name = name
    for column, value in times._asdict().items():
        setattr(shift, column, value)
    _set_shift_members(session, shift, members)
    _record(session, edit, "shift.changed", ("shift", shift.id), _told(times, members))


def delete_shift(session: Session, edit: Edit, shift: Shift) -> None:
    session.delete(shift)
    _record(session, edit, "shift.deleted", ("shift", shift.id), {"name": dict(shift.name)})


def substitute(
    session: Session,
    edit: Edit,
    shift: Shift,
    *,
    on: date,
    user_id: int,
    replaced_by: int | None,
    reason: str | None,
) -> Substitution:
    """Somebody else works a shift, or nobody. A second one for the same day and person replaces the first."""
    _require_working(session, shift, on, user_id)
    if replaced_by is not None:
        _require_people(session, [replaced_by])
        if _has_shift(session, shift.id, replaced_by):
            raise Invalid(
                "They have this shift themselves.", "该人员本来就在此班次。", code="already_on_shift"
            )
    known = session.scalar(
        select(Substitution).where(
            Substitution.shift_id == shift.id, Substitution.on == on, Substitution.user_id == user_id
        )
    )
    row = known or Substitution(shift_id=shift.id, on=on, user_id=user_id)
    row.replaced_by, row.reason = replaced_by, reason
    row.created_at, row.created_by = edit.now, edit.actor.name
    session.add(row)
    session.flush()
    detail: dict[str, object] = {"on": on.isoformat(), "user": user_id, "replaced_by": replaced_by}
    _record(session, edit, "shift.substituted", ("shift", shift.id), detail)
    return row


def withdraw_substitution(session: Session, edit: Edit, substitution_id: int) -> None:
    """They work their shift after all. Raises NotFound."""
    row = session.get(Substitution, substitution_id)
    if row is None:
        raise NotFound("There is no such substitution.", "没有该替班记录。")
    detail: dict[str, object] = {
        "on": row.on.isoformat(),
        "user": row.user_id,
        "replaced_by": row.replaced_by,
    }
    session.delete(row)
    _record(session, edit, "shift.substitution_withdrawn", ("shift", row.shift_id), detail)


def set_day(session: Session, edit: Edit, site_id: int, day: date, *, kind: DayKind, name: Label) -> None:
    """Say of one day that it is worked, or that it is off."""
    zone_of(session, site_id)
    _put_day(session, site_id, day, kind, name)
    _record(session, edit, "calendar.changed", ("site", site_id), {"day": day.isoformat(), "kind": kind})


def clear_day(session: Session, edit: Edit, site_id: int, day: date) -> None:
    """The day is what its weekday says."""
    row = session.get(CalendarDay, (site_id, day))
    if row is None:
        raise NotFound("The calendar says nothing of that day.", "日历中没有该日期的记录。")
    session.delete(row)
    _record(session, edit, "calendar.changed", ("site", site_id), {"day": day.isoformat(), "kind": None})


def take_over_calendar(session: Session, edit: Edit, site_id: int, key: str) -> int:
    """Enter the days of a list that came with the product; those already entered are replaced. How many."""
    zone_of(session, site_id)
    entries = list(shipped_calendar(key).entries())
    for day, kind, name in entries:
        _put_day(session, site_id, day, kind, name)
    _record(session, edit, "calendar.taken_over", ("site", site_id), {"calendar": key})
    return len(entries)


def get_team(session: Session, team_id: int) -> Team:
    """Raises NotFound."""
    team = session.get(Team, team_id)
    if team is None:
        raise NotFound(f"There is no team {team_id}.", f"没有编号为 {team_id} 的班组。")
    return team


def get_shift(session: Session, shift_id: int) -> Shift:
    """Raises NotFound."""
    shift = session.get(Shift, shift_id)
    if shift is None:
        raise NotFound(f"There is no shift {shift_id}.", f"没有编号为 {shift_id} 的班次。")
    return shift


def _require_free_key(session: Session, key: str, own_id: int | None) -> None:
    taken = session.scalar(select(Team.id).where(Team.key == key))
    if taken is not None and taken != own_id:
        raise Conflict(f"There is a team {key} already.", f"班组 {key} 已存在。", code="key_taken")


def _require_people(session: Session, users: Iterable[int]) -> None:
    wanted = set(users)
    active = select(User.id).where(User.id.in_(sorted(wanted)), User.disabled_at.is_(None))
    missing = wanted - set(session.scalars(active))
    if missing:
        raise Invalid(
            f"There is no active user {min(missing)}.",
            f"没有编号为 {min(missing)} 的在用用户。",
            code="no_such_user",
        )


def _set_members(session: Session, team: Team, members: Sequence[int]) -> set[int]:
    """Bring the team to these people; gives who left."""
    wanted = set(members)
    before = set(session.scalars(select(TeamMember.user_id).where(TeamMember.team_id == team.id)))
    _require_people(session, wanted - before)
    gone = before - wanted
    session.execute(
        delete(TeamMember).where(TeamMember.team_id == team.id, TeamMember.user_id.in_(sorted(gone)))
    )
    session.add_all(TeamMember(team_id=team.id, user_id=user) for user in sorted(wanted - before))
    session.flush()
    return gone


def _set_shift_members(session: Session, shift: Shift, members: Sequence[int]) -> None:
    wanted = set(members)
    team = set(session.scalars(select(TeamMember.user_id).where(TeamMember.team_id == shift.team_id)))
    if not wanted <= team:
        raise Invalid(
            "Only members of the team can have its shifts; for others there are substitutions.",
            "只有班组成员可以排班；其他人请使用替班。",
            code="not_of_the_team",
        )
    session.execute(delete(ShiftMember).where(ShiftMember.shift_id == shift.id))
    session.add_all(ShiftMember(shift_id=shift.id, user_id=user) for user in sorted(wanted))
    session.flush()


def _has_shift(session: Session, shift_id: int, user_id: int) -> bool:
    return session.get(ShiftMember, (shift_id, user_id)) is not None


def _require_working(session: Session, shift: Shift, on: date, user_id: int) -> None:
    times = ShiftTimes(
        shift.starts, shift.ends, shift.rrule, "any", shift.valid_from, shift.valid_to
    )  # the calendar may still change; the rule will not
    if next(calendar.days_of(times, first=on, last=on), None) is None:
        raise Invalid("The shift does not begin on that day.", "该班次当天不开始。", code="not_that_day")
    if not _has_shift(session, shift.id, user_id):
        raise Invalid("They do not have this shift.", "该人员不在此班次。", code="not_on_shift")


def _put_day(session: Session, site_id: int, day: date, kind: DayKind, name: Label) -> None:
    row = session.get(CalendarDay, (site_id, day))
    if row is None:
        session.add(CalendarDay(site_id=site_id, day=day, kind=kind, name=name))
    else:
        row.kind, row.name = kind, name


def _told(times: ShiftTimes, members: Sequence[int]) -> dict[str, object]:
    return {
        "from": times.starts,
        "to": times.ends,
        "rrule": times.rrule,
        "days": times.days,
        "members": sorted(members),
    }


def _record(
    session: Session, edit: Edit, action: str, subject: tuple[str, object], detail: dict[str, object]
) -> None:
    note_change(session, NOUN)
    audit.record(session, now=edit.now, actor=edit.actor, action=action, subject=subject, detail=detail)
