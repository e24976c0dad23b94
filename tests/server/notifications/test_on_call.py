"""Whoever is on shift is told: by team, at night, and the substitute instead of whom they stand in for."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from server.audit.service import SYSTEM
from server.db import transaction
from server.identity import service as identity
from server.identity.models import User
from server.identity.roles import Role
from server.notifications import channel_admin
from server.notifications.policy import OnCall, Plan, Step
from server.shifts import service as shifts
from server.shifts.demo import seed_teams
from server.shifts.models import Shift
from server.shifts.service import Edit
from tests.server.conftest import Clock
from tests.server.notifications.conftest import Desk

NIGHT = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)
"""Three in the morning in Shanghai."""


@pytest.fixture
def people(desk: Desk, db: sessionmaker[Session], clock: Clock) -> dict[str, int]:
    with transaction(db) as session:
        for name, role in (("engineer", Role.ENGINEER), ("guard", Role.GUARD)):
            identity.add_user(session, now=clock.now, actor=SYSTEM, name=name, role=role)
        session.flush()
        seed_teams(session, now=clock.now)
        return {user.name: user.id for user in session.scalars(select(User))}


def test_the_night_shift_is_told_at_night(desk: Desk, people: dict[str, int]) -> None:
    desk.clock.now = NIGHT
    desk.notify()
    assert set(desk.told()) == {people["zhou"], people["sun"]}
    assert desk.events() == ["raised", "step"]


def test_a_policy_of_the_site_may_name_a_team(desk: Desk, people: dict[str, int]) -> None:
    plan = Plan(steps=[Step(after_min=0, who=[OnCall(team_id=1)])])
    with transaction(desk.db) as session:
        channel_admin.put_policy(
            session, now=NIGHT, actor=SYSTEM, site_id=1, severity="critical", version=None, plan=plan
        )
    desk.clock.now = NIGHT
    desk.notify()
    desk.notify("alarm:2", severity="high")
    assert desk.told()[:1] == [people["zhou"]]
    assert len(desk.told()) == 3


def test_the_substitute_is_told_instead(desk: Desk, people: dict[str, int]) -> None:
    with transaction(desk.db) as session:
        night = session.scalars(select(Shift).where(Shift.team_id == 1, Shift.starts == "20:00")).one()
        shifts.substitute(
            session,
            Edit(NIGHT, SYSTEM),
            night,
            on=date(2026, 3, 2),
            user_id=people["zhou"],
            replaced_by=people["chen"],
            reason=None,
        )
    desk.clock.now = NIGHT
    desk.notify()
    assert set(desk.told()) == {people["chen"], people["sun"]}


def test_a_step_after_the_change_of_shift_tells_the_new_shift(desk: Desk, people: dict[str, int]) -> None:
    desk.clock.now = datetime(2026, 3, 2, 23, 58, tzinfo=UTC)  # two minutes before eight in Shanghai
    desk.notify()
    assert people["zhou"] in desk.told(step=0)
    desk.escalate(minutes=5)
    assert people["engineer"] in desk.told(step=1)
