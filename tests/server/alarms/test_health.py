from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from server.identity.roles import Role
from tests.server.alarms.scenes import Plant
from tests.server.conftest import Clock

AsRole = Callable[[Role], TestClient]


@pytest.fixture
def database_url(tmp_path: object) -> str:
    return f"sqlite:///{tmp_path}/plantroom.db"


def _health(as_role: AsRole, clock: Clock, **query: object) -> Any:
    start = (clock.now - timedelta(days=1)).isoformat()
    end = (clock.now + timedelta(minutes=1)).isoformat()
    return (
        as_role(Role.VIEWER).get("/api/v1/alarms/health", params={"from": start, "to": end, **query}).json()
    )


def _storm(plant: Plant, clock: Clock, times: int, *, every_s: float) -> None:
    for _ in range(times):
        plant.raise_(clock.now)
        plant.give_back(clock.now + timedelta(seconds=1))
        clock.advance(seconds=every_s)


def test_a_flood_is_counted_per_operator(plant: Plant, as_role: AsRole, clock: Clock) -> None:
    _storm(plant, clock, 12, every_s=40)
    found = _health(as_role, clock)
    assert (found["announced"], found["peak"], found["flood_count"]) == (12, 12, 1)
    assert (found["floods"][0]["alarms"], found["floods"][0]["minutes"]) == (12, 10)
    assert sum(bar["announced"] for bar in found["bars"]) == 12
    assert found["frequent"][0]["asset"]["key"] == "elevator-a1"
    assert found["frequent"][0]["share"] == 1
    shares = {one["severity"]: one["share"] for one in found["priorities"]}
    assert shares == {"critical": 0, "high": 1, "medium": 0, "low": 0}
    shared = _health(as_role, clock, operators=2)
    assert (shared["peak"], shared["flood_count"]) == (6, 0)


def test_three_cycles_in_a_minute_are_chatter(plant: Plant, as_role: AsRole, clock: Clock) -> None:
    _storm(plant, clock, 4, every_s=40)
    assert _health(as_role, clock)["chattering"] == []
    _storm(plant, clock, 3, every_s=20)
    [one] = _health(as_role, clock)["chattering"]
    assert (one["asset"]["key"], one["count"]) == ("elevator-a1", 1)
    assert as_role(Role.VIEWER).get("/api/v1/alarms?note=chattering").json()["items"][0]["chattering"]


def test_what_is_present_for_over_a_day_is_stale(plant: Plant, as_role: AsRole, clock: Clock) -> None:
    plant.raise_(clock.now)
    clock.advance(hours=24)
    assert _health(as_role, clock)["stale_total"] == 0
    clock.advance(minutes=1)
    found = _health(as_role, clock)
    assert (found["stale_total"], found["stale"][0]["id"]) == (1, plant.alarm().id)
    assert as_role(Role.VIEWER).get("/api/v1/alarms?note=stale").json()["total"] == 1


def test_the_time_to_acknowledge_is_measured(plant: Plant, as_role: AsRole, clock: Clock) -> None:
    for wait_min in (1, 2, 20):
        alarm = plant.raise_(clock.now)
        clock.advance(minutes=wait_min)
        as_role(Role.ENGINEER).post("/api/v1/alarms/acknowledge", json={"ids": [alarm.id]})
        plant.give_back(clock.now)
    found = _health(as_role, clock)["answering"]
    assert (found["acknowledged"], found["median_s"], found["longest_s"]) == (3, 120, 1200)
    assert found["in_time_share"] == pytest.approx(2 / 3)


def test_of_another_site_and_of_no_time_there_is_nothing(plant: Plant, as_role: AsRole, clock: Clock) -> None:
    plant.raise_(clock.now)
    assert _health(as_role, clock, site=999)["announced"] == 0
    assert (
        _health(as_role, clock, **{"from": clock.now.isoformat(), "to": clock.now.isoformat()})["code"]
        == "bad_range"
    )
