"""What planning says before anything is kept, and the labels as a file."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.db import transaction
from server.identity.roles import Role
from server.patrol.demo.site import seed_patrol
from server.patrol.house import PatrolHouse
from server.shifts.demo import seed_teams
from tests.server.conftest import Clock
from tests.server.patrol.conftest import ON_SQLITE

AsRole = Callable[[Role], TestClient]
pytestmark = ON_SQLITE
WANTED = {
    "route_id": 1,
    "rrule": "FREQ=DAILY",
    "starts": ["23:30"],
    "window_s": 60,
    "valid_from": "2020-01-01",
}


@pytest.fixture
def demo_patrol(db: sessionmaker[Session], demo_site: None, clock: Clock, house: PatrolHouse) -> None:
    with transaction(db) as session:
        seed_teams(session, now=clock.now)
        seed_patrol(session, house, now=clock.now)


def test_a_timetable_is_tried_without_being_kept(demo_patrol: None, as_role: AsRole) -> None:
    engineer = as_role(Role.ENGINEER)
    before = engineer.get("/api/v1/patrol/schedules").json()["total"]
    answer = engineer.post("/api/v1/patrol/schedules/preview", json=WANTED)
    assert answer.status_code == 200, answer.text
    assert 1 <= len(answer.json()["next"]) <= 10
    assert {"window_too_short", "nobody"} <= {doubt["code"] for doubt in answer.json()["doubts"]}
    assert engineer.get("/api/v1/patrol/schedules").json()["total"] == before


def test_labels_are_for_engineers(demo_patrol: None, as_role: AsRole) -> None:
    answer = as_role(Role.ENGINEER).get("/api/v1/patrol/labels.pdf")
    assert answer.content.startswith(b"%PDF")
    assert as_role(Role.GUARD).get("/api/v1/patrol/labels.pdf").status_code == 403
