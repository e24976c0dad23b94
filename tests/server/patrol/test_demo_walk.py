"""The guards of the demo site: some rounds behind them, those of now told once, by phones like any other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from server.db import reading, transaction
from server.patrol.demo import walk as demo_walk
from server.patrol.demo.site import seed_patrol
from server.patrol.evidence import log
from server.patrol.evidence.models import Scan
from server.patrol.house import PatrolHouse
from server.patrol.rounds.models import Round
from server.shifts.demo import seed_teams
from tests.server.conftest import Clock
from tests.server.patrol.conftest import ON_SQLITE

pytestmark = ON_SQLITE


@pytest.fixture
def walked(db: sessionmaker[Session], demo_site: None, clock: Clock, house: PatrolHouse) -> int:
    """How many rounds half a day gave."""
    with transaction(db) as session:
        seed_teams(session, now=clock.now)
        seed_patrol(session, house, now=clock.now)
        return demo_walk.seed_history(session, house, now=clock.now, days=0.5)


def test_half_a_day_of_rounds_is_behind_them_and_their_log_holds(
    db: sessionmaker[Session], walked: int, house: PatrolHouse, clock: Clock
) -> None:
    assert walked >= 5
    with transaction(db) as session:
        states = session.scalars(select(Round.state).where(Round.window_ends_at < clock.now)).all()
        assert "finished" in states
        assert "due" not in states
        assert {row.strength for row in session.scalars(select(Scan))} >= {"fair", "strong"}
        assert log.verify(session) is None
        assert demo_walk.seed_history(session, house, now=clock.now, days=0.5) == 0


def test_what_happens_now_is_told_once(
    db: sessionmaker[Session], walked: int, house: PatrolHouse, clock: Clock
) -> None:
    told = 0
    for _ in range(6):
        clock.advance(minutes=40)
        with transaction(db) as session:
            told += demo_walk.walk_on(session, house, now=clock.now)
            assert demo_walk.walk_on(session, house, now=clock.now) == 0
    assert told > 0
    with reading(db) as session:
        since = clock.now - timedelta(hours=4)
        assert session.scalars(select(Scan.id).where(Scan.at > since)).first() is not None
        assert log.verify(session) is None
