from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from server.identity.roles import Role
from tests.server.alarms.scenes import Plant

AsRole = Callable[[Role], TestClient]


@pytest.fixture
def latched(plant: Plant) -> Plant:
    plant.latch()
    plant.raise_(plant.now)
    return plant


def _reset(latched: Plant, as_role: AsRole, role: Role = Role.ENGINEER) -> tuple[int, str | None]:
    answer = as_role(role).post(
        f"/api/v1/alarms/{latched.alarm().id}/reset", json={"comment": "looked at it"}
    )
    return answer.status_code, answer.json().get("code")


def _acknowledge(latched: Plant, as_role: AsRole) -> None:
    as_role(Role.ENGINEER).post("/api/v1/alarms/acknowledge", json={"ids": [latched.alarm().id]})


def test_it_stays_until_it_was_over_seen_and_reset(latched: Plant, as_role: AsRole) -> None:
    assert _reset(latched, as_role) == (409, "still_present")
    alarm = latched.give_back(latched.now + timedelta(minutes=1))
    assert (alarm.state, alarm.returned_at) == ("unacknowledged", latched.now + timedelta(minutes=1))
    assert _reset(latched, as_role) == (409, "not_acknowledged")
    _acknowledge(latched, as_role)
    assert latched.alarm().state == "acknowledged"
    assert _reset(latched, as_role)[0] == 200
    assert latched.alarm().state == "normal"
    assert _reset(latched, as_role) == (409, "not_latched")


def test_it_comes_again_before_the_reset(latched: Plant, as_role: AsRole) -> None:
    latched.give_back(latched.now + timedelta(minutes=1))
    _acknowledge(latched, as_role)
    alarm = latched.raise_(latched.now + timedelta(minutes=2))
    assert (alarm.state, alarm.occurrences, alarm.returned_at) == ("unacknowledged", 2, None)


def test_an_ordinary_alarm_has_nothing_to_reset(plant: Plant, as_role: AsRole) -> None:
    plant.raise_(plant.now)
    assert _reset(plant, as_role) == (409, "not_latched")


def test_a_guard_may_not(latched: Plant, as_role: AsRole) -> None:
    assert _reset(latched, as_role, Role.GUARD) == (403, "role_needed")
