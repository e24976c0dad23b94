"""The shipped broker configuration on a real mosquitto: TLS, and one credential a device."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from typer.testing import CliRunner

from server.commands.cli import app
from server.onboarding import broker_users
from telemetry.topics import telemetry
from tests.deploy.shipped_broker import Listening, running
from tests.support.waiting import eventually

DEVICES = {"pump-a": broker_users.new_password(), "pump-b": broker_users.new_password()}


class Client:
    """One MQTT connection that notes what it hears and how it was answered."""

    def __init__(
        self, port: int, name: str, password: str | None, *, client_id: str, ca: Path | None = None
    ) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.answer: int | None = None
        self.granted: list[int] = []
        self.lost = False
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv5)
        self._client.username_pw_set(name, password)
        if ca:
            self._client.tls_set(ca_certs=str(ca))
        self._client.on_connect = lambda _c, _u, _f, reason, _p: setattr(self, "answer", reason.value)
        self._client.on_disconnect = lambda *_details: setattr(self, "lost", True)
        self._client.on_message = lambda _c, _u, message: self.heard.append((message.topic, message.payload))
        self._client.on_subscribe = lambda _c, _u, _m, reasons, _p: self.granted.extend(
            r.value for r in reasons
        )
        self._client.reconnect_delay_set(60, 60)
        self._client.connect("localhost" if ca else "127.0.0.1", port)
        self._client.loop_start()
        eventually(lambda: self.answer is not None or self.lost, 5, what="the broker answers")

    def publish(self, topic: str, payload: str) -> None:
        self._client.publish(topic, payload, qos=1).wait_for_publish(5)

    def subscribe(self, topic_filter: str) -> int:
        """The broker's reason code: below 128 is granted."""
        before = len(self.granted)
        self._client.subscribe(topic_filter, qos=1)
        eventually(lambda: len(self.granted) > before, 5, what="the broker answers a subscription")
        return self.granted[-1]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


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
        eventually(lambda: len(server.heard) == 1, 5, what="the broker confirms the new users")
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
    eventually(lambda: (telemetry("pump-a"), b"mine") in gateway.heard, 5, what="the gateway hears pump-a")
    pump.close()
    gateway.close()


def test_a_device_cannot_publish_as_another(broker: Listening, secrets: Path) -> None:
    gateway = service(broker, secrets, "gateway", "plantroom-gateway-gateway-1")
    gateway.subscribe("plantroom/v1/devices/#")
    pump = device(broker, secrets, "pump-a")
    pump.publish(telemetry("pump-b"), "forged")
    pump.publish(telemetry("pump-a"), "after the forgery")
    eventually(lambda: any(p == b"after the forgery" for _, p in gateway.heard), 5, what="the honest message")
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
        eventually(lambda: bool(server.heard), 5, what="the broker confirms")
    with running(secrets, tmp_path) as ports:
        pump = device(ports, secrets, "pump-a")
        assert pump.answer == 0
        pump.close()
