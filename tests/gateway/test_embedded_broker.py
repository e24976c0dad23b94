"""With the broker of the iotcore wheel: never more than 100 messages unacknowledged, and QoS 0 waits behind them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from server.commands.broker import DEVICES, INTERNAL, SIMULATOR, embedded_config
from telemetry import topics
from telemetry.bus import Bus, delivered
from telemetry.store import open_store
from tests.gateway.support import LISTENED, GatewayProcess, Listener, connected, entries, publish_catalogue
from tests.support.ports import free_port, is_listening
from tests.support.waiting import eventually

PASSWORD = "only-for-this-test"
POINTS = entries(10)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    device_port, bus_port = free_port(), free_port()
    passwords = dict.fromkeys((DEVICES, INTERNAL, SIMULATOR), PASSWORD)
    config = tmp_path / "rumqttd.toml"
    config.write_text(embedded_config(device_port=device_port, bus_port=bus_port, passwords=passwords))
    broker = subprocess.Popen([sys.executable, "-m", "server.commands.embedded_broker", str(config)])
    eventually(lambda: is_listening(bus_port), what="the broker listens")
    yield f"mqtt://127.0.0.1:{bus_port}"
    broker.kill()
    broker.wait(10)


@pytest.fixture
def gateway(url: str, tmp_path: Path) -> Iterator[GatewayProcess]:
    process = GatewayProcess(
        url, tmp_path / "data", PLANTROOM_MQTT_USERNAME=INTERNAL, PLANTROOM_MQTT_PASSWORD=PASSWORD
    )
    yield process
    process.kill()


@pytest.fixture
def listener(url: str) -> Iterator[Listener]:
    with join(url, "listener", subscriptions=LISTENED) as bus:
        yield Listener(bus)


def join(url: str, client_id: str, *, subscriptions: tuple[str, ...] = ()) -> AbstractContextManager[Bus]:
    return connected(url, client_id, subscriptions=subscriptions, username=INTERNAL, password=PASSWORD)


def publish(bus: Bus, numbers: range, *, start_ms: int) -> None:
    infos = [
        bus.publish(
            topics.telemetry(f"device-{number % 10}"),
            b'{"values":{"p0":%d},"at":%d}' % (number, start_ms + number),
        )
        for number in numbers
    ]
    assert delivered(infos, timeout_s=30)


def test_a_full_window_of_waiting_messages_does_not_keep_the_catalogue_away(
    url: str, gateway: GatewayProcess, listener: Listener
) -> None:
    gateway.start()
    listener.wait_online()
    start_ms = time.time_ns() // 1_000_000 - 60_000
    with join(url, "devices") as devices, join(url, "server") as server:
        publish(devices, range(500), start_ms=start_ms)
        publish_catalogue(server, POINTS)
        eventually(lambda: listener.listen() or len(listener.readings) >= 500)
    assert listener.letters == []


def test_nothing_is_lost_when_the_gateway_is_killed(
    url: str, gateway: GatewayProcess, listener: Listener
) -> None:
    with join(url, "server") as server:
        publish_catalogue(server, POINTS)
    gateway.start()
    listener.wait_online()
    start_ms = time.time_ns() // 1_000_000 - 60_000
    with join(url, "devices") as devices:
        for kill in range(4):
            publish(devices, range(kill * 1000, kill * 1000 + 1000), start_ms=start_ms)
            gateway.kill()
            gateway.start()
        eventually(lambda: listener.listen() or len({each.value for each in listener.readings}) == 4000, 60)
    store = open_store(f"sqlite:///{gateway.data / 'readings.db'}", read_only=True)
    counts = Counter(reading.value for reading in store.read([entry.id for entry in POINTS], 0, 2**60))
    assert counts == Counter(range(4000))
