from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from starlette.testclient import TestClient

from server.alarms.lifecycle import Severity
from server.identity.roles import Role
from tests.server.alarms.scenes import Plant

AsRole = Callable[[Role], TestClient]


def _acknowledge(plant: Plant, as_role: AsRole) -> None:
    as_role(Role.ENGINEER).post("/api/v1/alarms/acknowledge", json={"ids": [plant.alarm().id]})


def test_one_that_rises_must_be_seen_again(plant: Plant, as_role: AsRole) -> None:
    plant.raise_(plant.now)
    _acknowledge(plant, as_role)
    alarm = plant.change_severity(Severity.CRITICAL, plant.now + timedelta(minutes=1))
    assert (alarm.severity, alarm.state, alarm.occurrences) == ("critical", "unacknowledged", 1)
    detail = as_role(Role.VIEWER).get(f"/api/v1/alarms/{alarm.id}").json()
    assert detail["events"][-1]["kind"] == "severity_raised"
    assert detail["events"][-1]["data"] == {"from": "high", "to": "critical"}


def test_one_that_returned_unseen_rises_to_unacknowledged(plant: Plant) -> None:
    plant.raise_(plant.now)
    plant.give_back(plant.now + timedelta(minutes=1))
    alarm = plant.change_severity(Severity.CRITICAL, plant.now + timedelta(minutes=2))
    assert alarm.state == "unacknowledged"


def test_one_that_falls_stays_acknowledged(plant: Plant, as_role: AsRole) -> None:
    plant.raise_(plant.now)
    _acknowledge(plant, as_role)
    alarm = plant.change_severity(Severity.LOW, plant.now + timedelta(minutes=1))
    assert (alarm.severity, alarm.state) == ("low", "acknowledged")


def test_what_is_over_has_no_severity_to_change(plant: Plant, as_role: AsRole) -> None:
    plant.raise_(plant.now)
    plant.give_back(plant.now + timedelta(minutes=1))
    _acknowledge(plant, as_role)
    assert plant.change_severity(Severity.CRITICAL, plant.now + timedelta(minutes=2)).severity == "high"
