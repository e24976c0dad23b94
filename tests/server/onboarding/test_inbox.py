"""The inbox: what gateways tell becomes points of assets, all or nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.assets.models import Asset, Point
from server.assets.queries import catalogue_revision
from server.audit.models import AuditEvent
from server.db import reading, transaction
from server.identity.roles import Role
from server.onboarding import inbox
from server.onboarding.models import UnknownSource
from telemetry.messages import UnknownPoint, UnknownPoints

AT_MS = 1_770_000_000_000
SOURCES = ("dischargePressure", "Tank_Level", "noise")


def tell(db: sessionmaker[Session], *sources: str, device: str = "plc-7", value: float = 40.0) -> None:
    points = [UnknownPoint(device, source, [(AT_MS, value)], 3, AT_MS - 60_000, AT_MS) for source in sources]
    with transaction(db) as session:
        inbox.keep_unknown(session, UnknownPoints("gateway-1", points))


@pytest.fixture
def admin(demo_site: None, as_role: Callable[[Role], TestClient]) -> TestClient:
    return as_role(Role.ADMIN)


def waiting(client: TestClient, **query: str) -> list[dict[str, object]]:
    answer = client.get("/api/v1/inbox", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, object]] = answer.json()["items"]
    return items


NEW = {"key": "pump-c", "name": {"en": "Pump C", "zh": "水泵C"}, "profile": "pump", "space_id": 1}


def test_what_a_gateway_tells_twice_is_one_row_with_the_newest_values(
    admin: TestClient, db: sessionmaker[Session]
) -> None:
    tell(db, *SOURCES)
    tell(db, "noise", value=41.0)
    (device,) = waiting(admin)
    assert (device["device"], device["profile"], device["asset"]) == ("plc-7", "pump", None)
    sources = {each["source"]: each for each in device["sources"]}  # type: ignore[attr-defined]
    assert set(sources) == set(SOURCES)
    assert sources["noise"]["recent"] == [[AT_MS, 41.0]]
    assert sources["dischargePressure"]["guess"]["key"] == "discharge_pressure"


def test_a_device_becomes_a_new_asset_with_the_points_it_sends(
    admin: TestClient, db: sessionmaker[Session]
) -> None:
    tell(db, *SOURCES)
    with reading(db) as session:
        before = catalogue_revision(session)
    body = {"devices": [{"device": "plc-7", "new_asset": NEW}]}
    answer = admin.post("/api/v1/inbox/assign", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["points"] == 3
    with reading(db) as session:
        points = session.scalars(select(Point).where(Point.device_id == "plc-7").order_by(Point.id)).all()
        mapped = {point.source: point.key for point in points}
        assert mapped == dict(
            zip(sorted(SOURCES), ("tank_level", "discharge_pressure", "noise"), strict=True)
        )
        assert catalogue_revision(session) > before
        actions = session.scalars(select(AuditEvent.action)).all()
        assert {"asset.created", "inbox.assigned"} <= set(actions)
    assert waiting(admin) == []


def test_a_choice_goes_before_the_guess(admin: TestClient, db: sessionmaker[Session]) -> None:
    tell(db, *SOURCES)
    chosen = {"source": "noise", "key": "sound", "unit": "dB", "quantity": "sound", "interval_s": 30}
    body = {"devices": [{"device": "plc-7", "new_asset": NEW, "sources": [chosen]}]}
    assert admin.post("/api/v1/inbox/assign", json=body).status_code == 200
    with reading(db) as session:
        point = session.scalars(select(Point).where(Point.device_id == "plc-7")).one()
    assert (point.key, point.unit, point.interval_s) == ("sound", "dB", 30)
    assert len(waiting(admin)[0]["sources"]) == 2  # type: ignore[arg-type]


def test_one_wrong_device_of_many_leaves_everything_as_it_was(
    admin: TestClient, db: sessionmaker[Session]
) -> None:
    tell(db, "x", device="d-1")
    tell(db, "x", device="d-2")
    assets = [{**NEW, "key": "fine"}, {**NEW, "key": "pump-a"}]
    body = {"devices": [{"device": f"d-{n + 1}", "new_asset": asset} for n, asset in enumerate(assets)]}
    answer = admin.post("/api/v1/inbox/assign", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "key_taken")
    with reading(db) as session:
        assert session.scalar(select(func.count()).where(Asset.key == "fine")) == 0
    assert len(waiting(admin)) == 2


def test_a_further_point_of_a_known_device_is_offered_its_asset(
    admin: TestClient, db: sessionmaker[Session]
) -> None:
    tell(db, "noise", device="pump-a")
    (device,) = waiting(admin)
    asset = device["asset"]
    assert isinstance(asset, dict)
    assert asset["key"] == "pump-a"
    body = {"devices": [{"device": "pump-a", "asset_id": asset["id"]}]}
    assert admin.post("/api/v1/inbox/assign", json=body).json() == {"assets": [asset["id"]], "points": 1}


def test_a_point_changes_its_source_only_when_told_so_and_keeps_its_id(
    admin: TestClient, db: sessionmaker[Session]
) -> None:
    tell(db, "tank")
    with reading(db) as session:
        point, asset = session.execute(
            select(Point.id, Point.asset_id).where(Point.device_id == "pump-a", Point.key == "tank_level")
        ).one()
    choice = {
        "device": "plc-7",
        "asset_id": asset,
        "sources": [{"source": "tank", "key": "tank_level"}],
    }
    answer = admin.post("/api/v1/inbox/assign", json={"devices": [choice]})
    assert (answer.status_code, answer.json()["code"]) == (409, "point_taken")
    answer = admin.post("/api/v1/inbox/assign", json={"devices": [{**choice, "take_over": True}]})
    assert answer.status_code == 200, answer.text
    with reading(db) as session:
        moved = session.get_one(Point, point)
        assert (moved.device_id, moved.source) == ("plc-7", "tank")


def test_what_is_dismissed_stays_away_until_it_is_brought_back(
    admin: TestClient, db: sessionmaker[Session]
) -> None:
    tell(db, "noise")
    source = waiting(admin)[0]["sources"][0]  # type: ignore[index]
    body = {"ids": [source["id"]]}
    assert admin.post("/api/v1/inbox/dismiss", json=body).json() == {"count": 1}
    tell(db, "noise", value=42.0)
    assert waiting(admin) == []
    assert len(waiting(admin, dismissed="true")) == 1
    admin.post("/api/v1/inbox/dismiss", json={**body, "dismissed": False})
    assert len(waiting(admin)) == 1


def test_what_became_a_point_meanwhile_does_not_come_back(
    admin: TestClient, db: sessionmaker[Session]
) -> None:
    tell(db, "flow", device="pump-a")
    assert waiting(admin) == []


def test_the_table_is_bounded(
    admin: TestClient, db: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "MOST_ROWS", 10)
    tell(db, *(f"s{number}" for number in range(25)))
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(UnknownSource)) == 10


def test_a_replaced_device_hands_its_points_on_with_their_ids(
    admin: TestClient, db: sessionmaker[Session]
) -> None:
    with reading(db) as session:
        before = session.scalars(select(Point.id).where(Point.device_id == "pump-a").order_by(Point.id)).all()
    tell(db, "flow", device="plc-9")
    answer = admin.post("/api/v1/devices/pump-a/replace", json={"new_device": "plc-9"})
    assert answer.json() == {"points": list(before)}
    assert waiting(admin) == []
    with reading(db) as session:
        assert session.scalar(select(AuditEvent.action).order_by(AuditEvent.id.desc())) == "device.replaced"
    again = admin.post("/api/v1/devices/pump-a/replace", json={"new_device": "plc-9"})
    assert again.status_code == 404


def test_a_device_that_has_points_takes_no_others_place(admin: TestClient) -> None:
    answer = admin.post("/api/v1/devices/pump-a/replace", json={"new_device": "pump-b"})
    assert (answer.status_code, answer.json()["code"]) == (409, "device_taken")


def test_a_changed_source_is_taken_in_as_said_or_refused_by_name(
    admin: TestClient, db: sessionmaker[Session]
) -> None:
    tell(db, "noise", "dischargePressure")
    noise = {
        "source": "noise",
        "key": "loudness",
        "kind": "analog",
        "quantity": "sound",
        "unit": "",
        "scale": 0.1,
    }
    wrong = {"source": "dischargePressure", "kind": "state"}
    body = {"devices": [{"device": "plc-7", "new_asset": NEW, "sources": [noise, wrong]}]}
    refused = admin.post("/api/v1/inbox/assign", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_point")
    assert "dischargePressure" in refused.json()["detail"]
    body["devices"][0]["sources"] = [noise]
    assert admin.post("/api/v1/inbox/assign", json=body).json()["points"] == 1
    with reading(db) as session:
        point = session.scalars(select(Point).where(Point.source == "noise")).one()
        assert (point.key, point.quantity, point.unit, point.scale) == ("loudness", "sound", None, 0.1)
