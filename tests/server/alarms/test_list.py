from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import insert
from starlette.testclient import TestClient

from server.alarms.models import Alarm
from server.db import transaction
from server.identity.roles import Role
from tests.server.alarms.scenes import Plant

AsRole = Callable[[Role], TestClient]


def test_the_list_names_point_unit_limit_and_ticket(plant: Plant, as_role: AsRole) -> None:
    plant.raise_(plant.now)
    page = as_role(Role.VIEWER).get("/api/v1/alarms").json()
    assert (page["total"], page["next"]) == (1, None)
    [alarm] = page["items"]
    assert alarm["asset"]["key"] == "elevator-a1"
    assert alarm["rule"]["name"]["zh"] == "电机过热"
    [fact] = alarm["facts"]
    assert (fact["point"]["en"], fact["unit"], fact["relation"]) == ("Motor temperature", "°C", "above")
    assert (fact["value"], fact["limit"]) == (95.0, 90.0)
    assert alarm["ticket_id"] == plant.ticket().id


def test_the_summary_counts_by_asset_and_severity(plant: Plant, as_role: AsRole) -> None:
    plant.raise_(plant.now)
    summary = as_role(Role.VIEWER).get("/api/v1/alarms/summary").json()
    assert summary["assets"] == {str(plant.asset): {"worst": "high", "open": 1}}
    assert summary["by_severity"] == {"critical": 0, "high": 1, "medium": 0, "low": 0}
    assert summary["unacknowledged"] == 1


def test_many_alarms_are_read_page_by_page_without_gaps(plant: Plant, as_role: AsRole) -> None:
    alarm = plant.raise_(plant.now)
    plant.give_back(plant.now + timedelta(minutes=1))
    row = {
        column.name: getattr(alarm, column.name) for column in Alarm.__table__.columns if column.name != "id"
    }
    with transaction(plant.db) as session:
        session.execute(insert(Alarm), [{**row, "state": "normal"} for _ in range(250)])
    viewer, cursor, seen = as_role(Role.VIEWER), "", []
    while True:
        page = viewer.get(f"/api/v1/alarms?state=all&limit=100{cursor}").json()
        assert page["total"] == 251
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == len(set(seen)) == 251
    assert viewer.get("/api/v1/alarms?state=open").json()["total"] == 1
    assert viewer.get("/api/v1/alarms?state=unacknowledged&severity=low").json()["total"] == 0
    assert viewer.get(f"/api/v1/alarms?asset={plant.asset}&state=normal").json()["total"] == 250


def test_nobody_reads_without_a_login(client: TestClient) -> None:
    assert client.get("/api/v1/alarms").status_code == 401
