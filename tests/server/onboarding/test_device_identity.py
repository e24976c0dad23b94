"""A device's own user at a real broker: issued, shown once, bound, re-issued, withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient
from typer.testing import CliRunner

from server.audit.models import AuditEvent
from server.commands.cli import app as command_line
from server.db import reading
from server.identity.roles import Role
from server.main import create_app
from server.settings import ServerSettings
from telemetry import topics
from tests.deploy.broker_client import Client
from tests.deploy.shipped_broker import Listening, running
from tests.server.conftest import Cast
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.waiting import eventually


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'plantroom.db'}"


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("secrets")
    outcome = CliRunner().invoke(command_line, ["prepare", "--to", str(folder), "--host", "localhost"])
    assert outcome.exit_code == 0, outcome.output
    return folder


@pytest.fixture(scope="module")
def broker(secrets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    with running(secrets, tmp_path_factory.mktemp("broker")) as ports:
        yield ports


Connect = Callable[..., TestClient]


@pytest.fixture
def connect(settings: ServerSettings, engine: Engine, demo_site: None, cast: Cast) -> Connect:
    """The admin of a server on the broker with these settings."""

    def make(role: Role = Role.ADMIN, **changes: object) -> TestClient:
        app: FastAPI = create_app(settings.model_copy(update=changes), engine=engine)
        return TestClient(app, headers=cast.headers(role))

    return make


@pytest.fixture
def admin(connect: Connect, broker: Listening, secrets: Path) -> TestClient:
    fields = ServerSettings(mqtt_password=(secrets / "mqtt_server_password").read_text().strip())
    return connect(
        mqtt_url=f"mqtt://127.0.0.1:{broker.inside}",
        mqtt_username="plantroom-server",
        mqtt_password=fields.mqtt_password,
    )


@pytest.fixture
def gateway(broker: Listening, secrets: Path) -> Iterator[Client]:
    """What of the devices' messages gets through."""
    name = "plantroom-gateway-gateway-1"
    password = (secrets / "mqtt_gateway_password").read_text().strip()
    client = Client(broker.inside, name, password, client_id=name)
    client.subscribe(topics.ALL_DEVICES)
    yield client
    client.close()


def issue(admin: TestClient, device: str) -> dict[str, str]:
    answer = admin.post(f"/api/v1/devices/{device}/identity")
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    issued: dict[str, str] = answer.json()
    return issued


def device(broker: Listening, secrets: Path, issued: dict[str, str], **changes: str) -> Client:
    given = issued | changes
    return Client(
        broker.devices,
        given["username"],
        given["password"],
        client_id=given["client_id"],
        ca=secrets / "ca.crt",
    )


def test_it_publishes_as_itself_and_as_nobody_else(
    admin: TestClient, broker: Listening, secrets: Path, gateway: Client
) -> None:
    one, other = issue(admin, "plc-1"), issue(admin, "plc-2")
    client = device(broker, secrets, one)
    assert client.answer == 0
    client.publish(other["topic"], "forged")
    client.publish(one["topic"], "honest")
    eventually(lambda: (one["topic"], b"honest") in gateway.heard)
    assert not any(payload == b"forged" for _, payload in gateway.heard)
    assert client.subscribe(other["topic"]) >= 128
    thief = device(broker, secrets, one, client_id="plc-2")
    assert thief.answer != 0
    client.close()
    thief.close()


def test_a_new_password_ends_the_old_one(admin: TestClient, broker: Listening, secrets: Path) -> None:
    before = issue(admin, "plc-3")
    client = device(broker, secrets, before)
    after = issue(admin, "plc-3")
    assert after["password"] != before["password"]
    eventually(lambda: client.lost, what="the connection with the old password ends")
    client.close()
    for issued, is_let_in in ((before, False), (after, True)):
        again = device(broker, secrets, issued)
        assert (again.answer == 0) is is_let_in
        again.close()


def test_a_withdrawn_device_is_thrown_out(admin: TestClient, broker: Listening, secrets: Path) -> None:
    issued = issue(admin, "plc-4")
    client = device(broker, secrets, issued)
    assert client.answer == 0
    assert admin.delete("/api/v1/devices/plc-4/identity").status_code == 204
    eventually(lambda: client.lost, what="it is put out")
    client.close()
    again = device(broker, secrets, issued)
    assert again.answer != 0
    again.close()
    assert admin.delete("/api/v1/devices/plc-4/identity").status_code == 204


def test_the_password_is_kept_nowhere(
    admin: TestClient,
    db: sessionmaker[Session],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    issued = issue(admin, "pump-a")
    said = capfd.readouterr()
    assert issued["password"] not in caplog.text + said.out + said.err
    for path in tmp_path.glob("plantroom.db*"):
        assert issued["password"].encode() not in path.read_bytes()
    with reading(db) as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert event is not None
    assert (event.action, event.subject_id, event.detail) == ("device.identity_issued", "pump-a", {})
    (listed,) = admin.get("/api/v1/devices", params={"q": "pump-a"}).json()["items"]
    assert listed["identity"]["issued_by"] == "ada"
    assert [asset["key"] for asset in listed["assets"]] == ["pump-a"]


def test_names_of_our_own_processes_are_refused(admin: TestClient) -> None:
    for name in ("plantroom-server", "Plantroom-rules", "plantroom-gateway-gateway-1"):
        answer = admin.post(f"/api/v1/devices/{name}/identity")
        assert (answer.status_code, answer.json()["code"]) == (422, "reserved_name")
        assert admin.delete(f"/api/v1/devices/{name}/identity").status_code == 422


def test_a_user_that_somebody_made_by_hand_stays(admin: TestClient, broker: Listening, secrets: Path) -> None:
    password = (secrets / "mqtt_server_password").read_text().strip()
    server = Client(broker.inside, "plantroom-server", password, client_id="by-hand")
    command = '{"commands":[{"command":"createClient","username":"grafana","password":"x","roles":[{"rolename":"rules"}]}]}'
    server.publish("$CONTROL/dynamic-security/v1", command)
    server.close()
    answer = admin.post("/api/v1/devices/grafana/identity")
    assert (answer.status_code, answer.json()["code"]) == (409, "user_taken")


def test_a_broker_without_the_plugin_is_said_so(connect: Connect, mosquitto: Mosquitto) -> None:
    answer = connect(mqtt_url=mosquitto.url).post("/api/v1/devices/plc-1/identity")
    assert (answer.status_code, answer.json()["code"]) == (409, "broker_keeps_no_users")
    assert "mosquitto.conf" in answer.json()["detail"]


def test_a_broker_that_is_away_is_said_so(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.onboarding.broker_control.CONNECT_S", 0.3)
    admin = connect(mqtt_url=f"mqtt://127.0.0.1:{free_port()}")
    answer = admin.post("/api/v1/devices/plc-1/identity")
    assert (answer.status_code, answer.json()["code"]) == (503, "broker_away")
    assert admin.get("/api/v1/devices", params={"q": "plc-1"}).json()["items"] == []


def test_a_device_gets_a_name_and_keeps_its_points(connect: Connect) -> None:
    admin = connect()
    before = admin.get("/api/v1/devices", params={"q": "pump-a"}).json()["items"][0]
    del before["presence"]  # is not what an admin decides
    answer = admin.patch("/api/v1/devices/pump-a", json={"name": "PLC in the basement"})
    assert answer.json() == {**before, "name": "PLC in the basement"}
    found = admin.get("/api/v1/devices", params={"q": "basement"}).json()
    assert [each["id"] for each in found["items"]] == ["pump-a"]
    assert admin.patch("/api/v1/devices/nothing", json={"name": "x"}).status_code == 404
