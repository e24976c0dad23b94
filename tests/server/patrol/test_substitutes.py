"""Rounds follow the shifts, also those that exist already; what a person gave away stays."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from server.audit.service import SYSTEM
from server.db import transaction
from server.identity.roles import Role
from server.patrol.rounds import making, substitutes
from server.patrol.rounds import service as rounds
from server.patrol.rounds.models import Round, Schedule
from server.shifts import service as shifts
from server.shifts.calendar import ShiftTimes
from server.shifts.models import Shift
from server.shifts.service import Edit
from tests.server.conftest import Cast, Clock
from tests.server.patrol.conftest import ON_SQLITE, Estate, label

pytestmark = ON_SQLITE
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def night(db: sessionmaker[Session], estate: Estate, cast: Cast, clock: Clock) -> int:
    """The guard's night shift, and a round of theirs at 02:00 in it; gives the round."""
    with transaction(db) as session:
        edit, today = Edit(clock.now, SYSTEM), clock.now.astimezone(SHANGHAI).date()
        people = [cast.ids[Role.GUARD], cast.ids[Role.ENGINEER]]
        team = shifts.create_team(
            session, edit, key="watch", name=label("watch"), site_id=estate.site_id, members=people
        )
        times = ShiftTimes("20:00", "08:00", "FREQ=DAILY", "any", today - timedelta(days=7), None)
        shifts.create_shift(session, edit, team, name=label("night"), times=times, members=people[:1])
        schedule = Schedule(
            route_id=estate.route_id, rrule="FREQ=DAILY", starts=["02:00"], window_s=3600, days="any",
            valid_from=today, user_id=people[0],
        )  # fmt: skip
        session.add(schedule)
        session.flush()
        making.generate(session, now=clock.now)
        wanted = select(Round).where(Round.schedule_id == schedule.id).order_by(Round.starts_at)
        return session.scalars(wanted).all()[0].id


def stand_in(session: Session, clock: Clock, cast: Cast, on: date) -> None:
    shift = session.scalars(select(Shift)).one()
    shifts.substitute(
        session, Edit(clock.now, SYSTEM), shift, on=on, user_id=cast.ids[Role.GUARD],
        replaced_by=cast.ids[Role.ENGINEER], reason="ill",
    )  # fmt: skip


def evening_of(found: Round) -> date:
    """The day on which the night shift of a round at 02:00 began."""
    return (found.starts_at.astimezone(SHANGHAI) - timedelta(hours=6)).date()


def test_a_round_after_midnight_goes_to_who_stands_in_on_that_night_and_comes_back(
    db: sessionmaker[Session], night: int, cast: Cast, clock: Clock
) -> None:
    with transaction(db) as session:
        found = session.get_one(Round, night)
        stand_in(session, clock, cast, evening_of(found))
        assert substitutes.move_rounds(session, now=clock.now) == 1
        assert substitutes.move_rounds(session, now=clock.now) == 0
        assert found.user_id == cast.ids[Role.ENGINEER]
        other = session.scalars(
            select(Round).where(Round.schedule_id.is_not(None), Round.id != night)
        ).first()
        assert other is None or other.user_id == cast.ids[Role.GUARD]
        from server.shifts.models import Substitution  # noqa: PLC0415

        session.delete(session.scalars(select(Substitution)).one())
        session.flush()
        assert substitutes.move_rounds(session, now=clock.now) == 1
        assert found.user_id == cast.ids[Role.GUARD]


def test_what_a_person_gave_away_stays_there(
    db: sessionmaker[Session], night: int, cast: Cast, clock: Clock
) -> None:
    with transaction(db) as session:
        found = session.get_one(Round, night)
        rounds.reassign(session, night, now=clock.now, by=SYSTEM, user_id=cast.ids[Role.ADMIN])
        stand_in(session, clock, cast, evening_of(found))
        assert substitutes.move_rounds(session, now=clock.now) == 0
        assert found.user_id == cast.ids[Role.ADMIN]


def test_rounds_made_later_begin_with_who_stands_in(
    db: sessionmaker[Session], night: int, cast: Cast, clock: Clock
) -> None:
    with transaction(db) as session:
        later = clock.now + timedelta(days=3)
        day = datetime.combine((later.astimezone(SHANGHAI)).date(), datetime.min.time(), SHANGHAI)
        stand_in(session, clock, cast, day.date())
        making.generate(session, now=later)
        wanted = select(Round).where(Round.starts_at == day + timedelta(days=1, hours=2))
        assert session.scalars(wanted).one().user_id == cast.ids[Role.ENGINEER]
