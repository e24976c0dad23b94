from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from server.audit.models import AuditEvent
from server.db import reading
from server.identity.roles import Role
from server.incidents.sweep import sweep
from tests.server.alarms.scenes import Plant
from tests.server.conftest import Clock

AsRole = Callable[[Role], TestClient]


def _shelve(
    as_role: AsRole, ids: list[int], until: datetime, *, role: Role = Role.ENGINEER, confirm: bool = False
) -> dict[str, Any]:
    body = {
        "ids": ids,
        "ends_at": until.isoformat(),
        "reason": "sensor is being replaced",
        "confirm_life_safety": confirm,
    }
    answer: dict[str, Any] = as_role(role).post("/api/v1/alarms/shelve", json=body).json()
    return answer


@pytest.fixture
def database_url(tmp_path: object) -> str:
    return f"sqlite:///{tmp_path}/plantroom.db"


def _availability(plant: Plant, as_role: AsRole) -> dict[str, object]:
    alarm = as_role(Role.VIEWER).get(f"/api/v1/alarms/{plant.alarm().id}").json()
    return dict(alarm["availability"])


def test_it_is_listed_as_shelved_with_reason_end_and_who(plant: Plant, as_role: AsRole, clock: Clock) -> None:
    alarm = plant.raise_(plant.now)
    until = clock.now + timedelta(hours=2)
    assert _shelve(as_role, [alarm.id, 999], until)["shelved"] == [alarm.id]
    shown = _availability(plant, as_role)
    assert (shown["kind"], shown["by"]) == ("shelved", "erik")
    assert shown["reason"] == {"en": "sensor is being replaced", "zh": "sensor is being replaced"}
    viewer = as_role(Role.VIEWER)
    assert viewer.get("/api/v1/alarms?availability=shelved").json()["total"] == 1
    assert viewer.get("/api/v1/alarms?availability=in_service").json()["total"] == 0
    summary = viewer.get("/api/v1/alarms/summary").json()
    assert (summary["unacknowledged"], summary["quiet"]) == (0, 1)


def test_it_comes_back_quiet_and_through_as_fresh_at_its_end(
    plant: Plant, as_role: AsRole, clock: Clock
) -> None:
    alarm = plant.raise_(plant.now)
    _shelve(as_role, [alarm.id], clock.now + timedelta(hours=2))
    plant.give_back(plant.now + timedelta(minutes=1))
    assert plant.alarm().state == "normal"
    clock.advance(minutes=5)
    again = plant.raise_(clock.now)
    assert (again.id != alarm.id, again.availability, again.ticket_id) == (True, "shelved", None)
    clock.advance(hours=2)
    sweep(plant.db, now=clock.now)
    fresh = plant.alarm()
    assert (fresh.availability, fresh.state) == ("in_service", "unacknowledged")
    assert fresh.ticket_id is not None


def test_taken_off_the_shelf_it_comes_through(plant: Plant, as_role: AsRole, clock: Clock) -> None:
    alarm = plant.raise_(plant.now)
    as_role(Role.ENGINEER).post("/api/v1/alarms/acknowledge", json={"ids": [alarm.id]})
    _shelve(as_role, [alarm.id], clock.now + timedelta(hours=2))
    assert as_role(Role.ENGINEER).post(f"/api/v1/alarms/{alarm.id}/unshelve").status_code == 200
    assert as_role(Role.ENGINEER).post(f"/api/v1/alarms/{alarm.id}/unshelve").json()["code"] == "not_shelved"
    sweep(plant.db, now=clock.now)
    events = as_role(Role.VIEWER).get(f"/api/v1/alarms/{alarm.id}").json()["events"]
    kinds = [event["kind"] for event in events]
    assert kinds == ["raised", "acknowledged", "shelved", "unshelved", "came_through"]
    assert plant.alarm().state == "unacknowledged"


def test_an_end_is_needed_and_may_not_be_far(plant: Plant, as_role: AsRole, clock: Clock) -> None:
    alarm = plant.raise_(plant.now)
    assert _shelve(as_role, [alarm.id], clock.now)["code"] == "end_too_early"
    far = clock.now + timedelta(hours=9)
    assert _shelve(as_role, [alarm.id], far)["code"] == "too_long"
    assert _shelve(as_role, [alarm.id], far, role=Role.ADMIN)["shelved"] == [alarm.id]


def test_life_safety_only_when_confirmed_and_then_audited(
    plant: Plant, as_role: AsRole, clock: Clock
) -> None:
    plant.rule = next(number for number, info in plant.known.rules.items() if info.label.key == "entrapment")
    alarm = plant.raise_(plant.now)
    until = clock.now + timedelta(hours=1)
    assert _shelve(as_role, [alarm.id], until)["refused"][0]["code"] == "life_safety"
    assert _shelve(as_role, [alarm.id], until, confirm=True)["shelved"] == [alarm.id]
    with reading(plant.db) as session:
        assert session.query(AuditEvent).filter_by(action="alarm.shelved").count() == 1


@pytest.mark.parametrize("role", [Role.GUARD, Role.VIEWER])
def test_who_may_not(plant: Plant, as_role: AsRole, clock: Clock, role: Role) -> None:
    alarm = plant.raise_(plant.now)
    assert _shelve(as_role, [alarm.id], clock.now + timedelta(hours=1), role=role)["code"] == "role_needed"
    assert as_role(role).post(f"/api/v1/alarms/{alarm.id}/unshelve").status_code == 403
