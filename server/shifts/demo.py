"""The teams of the demo site: engineers and guards, by day and by night."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.models import Space
from server.audit.service import SYSTEM
from server.errors import Label
from server.identity import service as identity
from server.identity.models import User
from server.identity.roles import Role
from server.shifts import service
from server.shifts.calendar import ShiftTimes
from server.shifts.models import Team
from server.shifts.service import Edit

SITE = "harbour-court"
COLLEAGUES = {
    "chen": (Role.ENGINEER, "陈工 Chen"),
    "zhou": (Role.ENGINEER, "周工 Zhou"),
    "liu": (Role.GUARD, "刘师傅 Liu"),
    "sun": (Role.GUARD, "孙师傅 Sun"),
}
"""They cannot log in: they are there so that the demo people have somebody to take turns with."""
TEAMS = (
    ("engineers", Label(en="Engineers", zh="工程班组"), ("engineer", "chen"), ("zhou",)),
    ("guards", Label(en="Guards", zh="保安班组"), ("guard", "liu"), ("sun",)),
)
DAY = Label(en="Day", zh="白班")
NIGHT = Label(en="Night", zh="夜班")
_SINCE = timedelta(days=28)


def seed_teams(session: Session, *, now: datetime) -> None:
    """Two teams with a day and a night shift, once: what was changed since stays as it is."""
    site = session.scalar(select(Space).where(Space.key == SITE))
    if site is None or session.scalar(select(Team.id).limit(1)) is not None:
        return
    edit = Edit(now, SYSTEM)
    for name, (role, display_name) in COLLEAGUES.items():
        if session.scalar(select(User.id).where(User.name == name)) is None:
            identity.add_user(session, now=now, actor=SYSTEM, name=name, role=role, display_name=display_name)
    session.flush()
    since = (now - _SINCE).date()
    ids = {user.name: user.id for user in session.scalars(select(User))}
    for key, label, by_day, by_night in TEAMS:
        day_people = [ids[name] for name in by_day if name in ids]
        night_people = [ids[name] for name in by_night if name in ids]
        team = service.create_team(
            session, edit, key=key, name=label, site_id=site.id, members=[*day_people, *night_people]
        )
        for shift_name, starts, ends, people in (
            (DAY, "08:00", "20:00", day_people),
            (NIGHT, "20:00", "08:00", night_people),
        ):
            times = ShiftTimes(starts, ends, "FREQ=DAILY", "any", since, None)
            service.create_shift(session, edit, team, name=shift_name, times=times, members=people)
    service.take_over_calendar(session, edit, site.id, "cn-2026")
