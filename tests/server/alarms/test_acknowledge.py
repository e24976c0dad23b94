from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from starlette.testclient import TestClient

from server.identity.roles import Role
from tests.server.alarms.scenes import Plant

AsRole = Callable[[Role], TestClient]
URL = "/api/v1/alarms/acknowledge"


def test_it_is_seen_and_who_saw_it_stands_on_it(plant: Plant, as_role: AsRole) -> None:
    alarm = plant.raise_(plant.now)
    answer = as_role(Role.ENGINEER).post(URL, json={"ids": [alarm.id], "comment": "on my way"})
    assert answer.json() == {"acknowledged": [alarm.id], "refused": []}
    detail = as_role(Role.VIEWER).get(f"/api/v1/alarms/{alarm.id}").json()
    assert (detail["state"], detail["acknowledged_by"]) == ("acknowledged", "erik")
    assert detail["events"][-1]["comment"] == "on my way"
    assert [event["kind"] for event in detail["events"]] == ["raised", "acknowledged"]


def test_one_that_returned_is_over_once_seen_and_the_next_is_another_alarm(
    plant: Plant, as_role: AsRole
) -> None:
    alarm = plant.raise_(plant.now)
    plant.give_back(plant.now + timedelta(minutes=1))
    as_role(Role.ENGINEER).post(URL, json={"ids": [alarm.id]})
    assert plant.alarm().state == "normal"
    plant.raise_(plant.now + timedelta(minutes=2))
    assert [a.state for a in plant.alarms()] == ["normal", "unacknowledged"]
    assert len(plant.tickets()) == 1


def test_it_refuses_a_cleared_alarm_and_goes_on_with_the_others(plant: Plant, as_role: AsRole) -> None:
    first = plant.raise_(plant.now)
    plant.give_back(plant.now + timedelta(minutes=1))
    engineer = as_role(Role.ENGINEER)
    engineer.post(URL, json={"ids": [first.id]})
    second = plant.raise_(plant.now + timedelta(minutes=2))
    answer = engineer.post(
        URL, json={"ids": [first.id, 999, second.id]}, headers={"accept-language": "zh"}
    ).json()
    assert answer["acknowledged"] == [second.id]
    assert [one["code"] for one in answer["refused"]] == ["cleared", "not_found"]
    assert "已恢复" in answer["refused"][0]["detail"]
    again = engineer.post(URL, json={"ids": [second.id]}).json()
    assert again["refused"][0]["code"] == "already_acknowledged"


def test_a_guard_may_not(plant: Plant, as_role: AsRole) -> None:
    alarm = plant.raise_(plant.now)
    assert as_role(Role.GUARD).post(URL, json={"ids": [alarm.id]}).status_code == 403
    assert plant.alarm().state == "unacknowledged"
