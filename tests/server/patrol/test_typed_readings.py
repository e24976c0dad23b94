"""A number typed on a round becomes a reading: phone, server, broker, gateway, store; beside it what the sensor said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.assets.models import Point
from server.assets.queries import catalogue_entries
from server.clock import to_ms
from server.db import reading, transaction
from server.identity.roles import Role
from server.patrol.evidence.models import PatrolException
from server.patrol.on_site import gauges
from server.patrol.on_site.models import TypedReading
from telemetry import topics
from telemetry.bus import Bus, delivered
from telemetry.reading import Quality, Reading
from telemetry.store import open_store
from tests.gateway.support import LISTENED, GatewayProcess, Listener, connected, publish_catalogue
from tests.server.conftest import Clock
from tests.server.patrol.conftest import ON_SQLITE, Estate, Phones, label
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

AsRole = Callable[[Role], TestClient]
pytestmark = ON_SQLITE


@pytest.fixture
def gateway(mosquitto: Mosquitto, tmp_path: Path) -> Iterator[GatewayProcess]:
    process = GatewayProcess(mosquitto.url, tmp_path / "gateway")
    yield process
    process.kill()


def sensor_of(session: Session, estate: Estate) -> Point:
    wanted = select(Point).where(Point.key == "discharge_pressure", Point.asset_id == estate.asset_id)
    return session.scalars(wanted).one()


def a_form(engineer: TestClient, estate: Estate, sensor: int) -> int:
    """It asks for the pressure on the pump's gauge; gives its number."""
    item = {"type": "number", "key": "gauge", "name": label("Gauge"), "unit": "kPa", "decimals": 1,
            "reading_of": estate.asset_id, "compare_point_id": sensor, "compare_tolerance": 20}  # fmt: skip
    made = engineer.post("/api/v1/forms", json={"key": "pump", "name": label("pump"), "items": [item]})
    assert made.status_code == 201, made.text
    return int(made.json()["id"])


def type_in(phone: Phones, estate: Estate, form: int, tenths: int) -> None:
    hand = phone()
    answers: dict[str, object] = {
        "round_id": estate.round_id, "checkpoint_id": estate.checkpoints["pump"], "scan_id": None,
        "form_id": form, "form_version": 1, "answers": {"gauge": tenths},
    }  # fmt: skip
    hand.note("answers", answers)
    assert hand.sync()[0]["status"] == "accepted"


def test_a_typed_number_goes_through_the_gateway_to_the_store_and_is_compared_with_the_sensor(
    *,
    db: sessionmaker[Session],
    estate: Estate,
    phone: Phones,
    clock: Clock,
    as_role: AsRole,
    mosquitto: Mosquitto,
    gateway: GatewayProcess,
) -> None:
    gateway.start()
    # the gateway has a clock of its own; the phone had no signal for an hour
    clock.now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    with reading(db) as session:
        sensor = sensor_of(session, estate)
    form = a_form(as_role(Role.ENGINEER), estate, sensor.id)
    with reading(db) as session:
        entries = catalogue_entries(session)
        typed = next(entry for entry in entries if entry.device == gauges.DEVICE)
    type_in(phone, estate, form, 5123)

    def publish(bus: Bus, payload: bytes) -> bool:
        return delivered([bus.publish(topics.telemetry(gauges.DEVICE), payload)], timeout_s=30)

    with connected(mosquitto.url, "server", subscriptions=LISTENED) as bus:
        publish_catalogue(bus, entries)
        listener = Listener(bus)
        listener.wait_online()
        live = b'{"values":{"%s":480},"at":%d}' % (sensor.source.encode(), to_ms(clock.now))
        bus.publish(topics.telemetry(sensor.device_id), live)
        with transaction(db) as session:
            assert gauges.send(session, lambda payload: publish(bus, payload), now=clock.now) == 1
        eventually(lambda: listener.listen(0.05) or len(listener.readings) == 2)
        assert listener.letters == []

    store = open_store(f"sqlite:///{gateway.data / 'readings.db'}", read_only=True)
    kept = list(store.read([typed.id], 0, to_ms(clock.now) + 1))
    assert kept == [Reading(typed.id, to_ms(clock.now), 512.3, Quality.MANUAL)]
    clock.advance(minutes=2)
    with transaction(db) as session:
        assert gauges.compare(session, store, now=clock.now) == 1
        row = session.scalars(select(TypedReading)).one()
        assert (row.value, row.live_value) == (512.3, 480.0)
        assert session.scalars(select(PatrolException.code)).all() == ["gauge_differs"]


def test_a_sensor_that_is_silent_is_waited_for_and_looked_at_seldom(
    *, db: sessionmaker[Session], estate: Estate, phone: Phones, clock: Clock, as_role: AsRole, tmp_path: Path
) -> None:
    with reading(db) as session:
        sensor = sensor_of(session, estate).id
    type_in(phone, estate, a_form(as_role(Role.ENGINEER), estate, sensor), 5123)
    store = open_store(f"sqlite:///{tmp_path / 'readings.db'}")
    clock.advance(hours=2)
    recent = clock.now - gauges.RECENT
    with transaction(db) as session:
        assert gauges.compare(session, store, now=clock.now, since=recent) == 0
        assert gauges.compare(session, store, now=clock.now) == 0
        assert gauges.compare(session, store, now=clock.now + timedelta(days=3)) == 1
        assert session.scalars(select(TypedReading)).one().live_value is None


def test_a_form_that_is_kept_again_keeps_its_point(
    estate: Estate, as_role: AsRole, db: sessionmaker[Session]
) -> None:
    engineer = as_role(Role.ENGINEER)
    with reading(db) as session:
        sensor = sensor_of(session, estate).id
    form = a_form(engineer, estate, sensor)
    known = engineer.get(f"/api/v1/forms/{form}").json()
    again = engineer.put(f"/api/v1/forms/{form}", json={key: known[key] for key in ("key", "name", "items")})
    assert again.json() == known
    point = engineer.get(f"/api/v1/forms/points/{known['items'][0]['point_id']}").json()
    assert (point["asset_id"], point["unit"]) == (estate.asset_id, "kPa")
    assert as_role(Role.GUARD).get(f"/api/v1/forms/points/{point['id']}").status_code == 403
