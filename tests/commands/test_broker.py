"""The broker that comes along: who may do what, what survives, and both kinds of it."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.commands import broker
from server.commands.broker import BrokerPlan
from telemetry import topics
from telemetry.bus import Bus, delivered
from tests.support.ports import free_port, is_listening
from tests.support.waiting import eventually

PASSWORDS = {broker.INTERNAL: "in", broker.SIMULATOR: "sim", broker.DEVICES: "dev"}


@pytest.fixture(params=["mosquitto", "embedded"])
def plan(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BrokerPlan]:
    if request.param == "embedded":
        monkeypatch.setattr(broker, "find_mosquitto", lambda: None)
    made = broker.plan_broker(
        tmp_path / "broker", port=free_port(), spare_port=free_port(), passwords=PASSWORDS
    )
    with subprocess.Popen(made.command) as process:
        eventually(lambda: is_listening(made.device_port) and is_listening(made.bus_port))
        yield made
        process.terminate()


def connect(plan: BrokerPlan, login: str, password: str, *, listens_to: str) -> Bus:
    bus = Bus(
        f"mqtt://127.0.0.1:{plan.bus_port}",
        client_id=f"test-{login}",
        username=login,
        password=password,
        subscriptions=[listens_to],
    )
    bus.start()
    return bus


def publish(plan: BrokerPlan, login: str, password: str, topic: str) -> int:
    command = ["mosquitto_pub", "-p", str(plan.device_port), "-u", login, "-P", password, "-q", "1"]
    return subprocess.run([*command, "-t", topic, "-m", "{}"], check=False, timeout=20).returncode


def test_a_device_reaches_our_processes(plan: BrokerPlan) -> None:
    bus = connect(plan, broker.INTERNAL, "in", listens_to=topics.ALL_DEVICES)
    assert bus.wait_connected(5)
    assert publish(plan, broker.DEVICES, "dev", topics.telemetry("pump-a")) == 0
    assert [message.topic for message in bus.take(timeout_s=5)] == [topics.telemetry("pump-a")]
    bus.stop()


def test_a_wrong_password_is_refused(plan: BrokerPlan) -> None:
    assert publish(plan, broker.DEVICES, "wrong", topics.telemetry("pump-a")) != 0
    assert publish(plan, broker.INTERNAL, "dev", topics.telemetry("pump-a")) != 0


def test_a_message_too_large_for_a_device_still_arrives_to_be_explained(plan: BrokerPlan) -> None:
    bus = connect(plan, broker.INTERNAL, "in", listens_to=topics.ALL_DEVICES)
    assert bus.wait_connected(5)
    assert delivered([bus.publish(topics.telemetry("pump-a"), b"x" * 1_000_000)], timeout_s=30)
    assert [len(message.payload) for message in bus.take(timeout_s=5)] == [1_000_000]
    bus.stop()


def test_its_files_are_private(plan: BrokerPlan, tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    written = [folder / name for name in ("passwords", "acl", "mosquitto.conf", "rumqttd.toml")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in written if path.exists()} == {0o600}


@pytest.mark.parametrize("plan", ["mosquitto"], indirect=True)
def test_a_device_can_neither_forge_readings_nor_listen(plan: BrokerPlan) -> None:
    ours = connect(plan, broker.INTERNAL, "in", listens_to="#")
    device = connect(plan, broker.DEVICES, "dev", listens_to="plantroom/#")
    assert ours.wait_connected(5)
    assert device.wait_connected(5)
    device.publish(topics.readings(1), b"forged")
    device.publish(topics.telemetry("pump-a"), b"honest")
    assert [message.payload for message in ours.take(timeout_s=5)] == [b"honest"]
    assert device.take(timeout_s=0.5) == []
    ours.stop()
    device.stop()


@pytest.mark.parametrize("plan", ["mosquitto"], indirect=True)
def test_no_password_stands_in_a_file_in_clear(plan: BrokerPlan, tmp_path: Path) -> None:
    lines = (tmp_path / "broker" / "passwords").read_text().splitlines()
    assert [line.partition(":")[0] for line in lines] == list(PASSWORDS)
    assert all(line.partition(":")[2].startswith("$7$") for line in lines)
