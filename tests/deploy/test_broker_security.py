"""The shipped broker configuration on a real mosquitto: TLS, and one credential a device."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.commands.cli import app
from server.onboarding import broker_users
from telemetry.topics import telemetry
from tests.deploy.broker_client import Client
from tests.deploy.shipped_broker import Listening, running
from tests.support.waiting import eventually

DEVICES = {"pump-a": broker_users.new_password(), "pump-b": broker_users.new_password()}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("secrets")
    outcome = CliRunner().invoke(app, ["prepare", "--to", str(folder), "--host", "localhost"])
    assert outcome.exit_code == 0, outcome.output
    return folder


@pytest.fixture(scope="module")
def broker(secrets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    with running(secrets, tmp_path_factory.mktemp("broker")) as ports:
        server = service(ports, secrets, "server", "plantroom-server")
        commands = [
            c for device, password in DEVICES.items() for c in broker_users.create_device(device, password)
        ]
        assert server.subscribe(f"{broker_users.CONTROL}/response") < 128
        server.publish(broker_users.CONTROL, json.dumps({"commands": commands}))
        eventually(lambda: len(server.heard) == 1, what="the broker confirms the new users")
        server.close()
        yield ports


def service(ports: Listening, secrets: Path, name: str, user: str) -> Client:
    return Client(ports.inside, user, (secrets / f"mqtt_{name}_password").read_text().strip(), client_id=user)


def device(ports: Listening, secrets: Path, name: str, *, client_id: str | None = None) -> Client:
    return Client(ports.devices, name, DEVICES[name], client_id=client_id or name, ca=secrets / "ca.crt")


def test_a_device_publishes_below_its_own_topics_over_tls(broker: Listening, secrets: Path) -> None:
    gateway = service(broker, secrets, "gateway", "plantroom-gateway-gateway-1")
    gateway.subscribe("plantroom/v1/devices/#")
    pump = device(broker, secrets, "pump-a")
    pump.publish(telemetry("pump-a"), "mine")
    eventually(lambda: (telemetry("pump-a"), b"mine") in gateway.heard, what="the gateway hears pump-a")
    pump.close()
    gateway.close()


def test_a_device_cannot_publish_as_another(broker: Listening, secrets: Path) -> None:
    gateway = service(broker, secrets, "gateway", "plantroom-gateway-gateway-1")
    gateway.subscribe("plantroom/v1/devices/#")
    pump = device(broker, secrets, "pump-a")
    pump.publish(telemetry("pump-b"), "forged")
    pump.publish(telemetry("pump-a"), "after the forgery")
    eventually(lambda: any(p == b"after the forgery" for _, p in gateway.heard), what="the honest message")
    assert not any(payload == b"forged" for _, payload in gateway.heard)
    pump.close()
    gateway.close()


@pytest.mark.parametrize(
    "topic_filter", ["plantroom/v1/devices/pump-b/#", "plantroom/v1/readings/+", "#", "$CONTROL/#"]
)
def test_a_device_cannot_listen_to_others(broker: Listening, secrets: Path, topic_filter: str) -> None:
    pump = device(broker, secrets, "pump-a")
    assert pump.subscribe(topic_filter) >= 128
    pump.close()


def test_a_device_cannot_take_over_the_session_of_another(broker: Listening, secrets: Path) -> None:
    victim = device(broker, secrets, "pump-b")
    thief = device(broker, secrets, "pump-a", client_id="pump-b")
    assert thief.answer != 0
    assert not victim.lost
    thief.close()
    victim.close()


def test_nobody_comes_in_without_a_password(broker: Listening, secrets: Path) -> None:
    stranger = Client(broker.devices, "pump-a", None, client_id="pump-a", ca=secrets / "ca.crt")
    assert stranger.answer != 0
    stranger.close()


def test_a_service_does_only_its_own_job(broker: Listening, secrets: Path) -> None:
    rules = service(broker, secrets, "rules", "plantroom-rules")
    assert rules.subscribe("$CONTROL/#") >= 128
    gateway = service(broker, secrets, "gateway", "plantroom-gateway-gateway-1")
    assert gateway.subscribe("plantroom/v1/devices/#") < 128
    rules.publish(telemetry("pump-a"), "rules are no device")
    rules.publish("plantroom/v1/changed/alarms", "")
    server = service(broker, secrets, "server", "plantroom-server")
    server.publish(broker_users.CONTROL, json.dumps({"commands": [{"command": "listClients"}]}))
    assert not gateway.heard
    for client in (rules, gateway, server):
        client.close()


def test_users_survive_a_killed_broker(secrets: Path, tmp_path: Path) -> None:
    with running(secrets, tmp_path) as ports:
        server = service(ports, secrets, "server", "plantroom-server")
        server.subscribe(f"{broker_users.CONTROL}/response")
        commands = broker_users.create_device("pump-a", DEVICES["pump-a"])
        server.publish(broker_users.CONTROL, json.dumps({"commands": commands}))
        eventually(lambda: bool(server.heard), what="the broker confirms")
    with running(secrets, tmp_path) as ports:
        pump = device(ports, secrets, "pump-a")
        assert pump.answer == 0
        pump.close()
