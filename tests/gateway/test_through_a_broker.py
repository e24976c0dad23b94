"""The whole process with a real broker and the real store."""

from __future__ import annotations

import sqlite3
import time
import urllib.request
from collections.abc import Iterator

import pytest

from telemetry import topics
from telemetry.bus import Bus
from telemetry.reading import Quality, Reading
from telemetry.store import open_store
from tests.gateway.support import GatewayProcess, Listener, connected, entries, publish_catalogue
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.waiting import eventually


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def device(mosquitto: Mosquitto, gateway: GatewayProcess, listener: Listener) -> Iterator[Bus]:
    """A device's connection, while the gateway works."""
    with connected(mosquitto.url, "device") as bus:
        publish_catalogue(bus, entries(2, points=2))
        gateway.start()
        listener.wait_online()
        yield bus


def test_it_stores_and_publishes_a_reading(device: Bus, gateway: GatewayProcess, listener: Listener) -> None:
    at_ms = now_ms()
    device.publish(topics.telemetry("device-1"), b'{"values":{"p0":41.5,"p1":2},"at":%d}' % at_ms)
    eventually(lambda: listener.listen() or len(listener.readings) == 2)
    assert sorted(listener.readings, key=lambda reading: reading.point) == [
        Reading(3, at_ms, 41.5, Quality.GOOD),
        Reading(4, at_ms, 2.0, Quality.GOOD),
    ]
    store = open_store(f"sqlite:///{gateway.data / 'readings.db'}", read_only=True)
    assert list(store.read([3, 4], 0, at_ms + 1)) == listener.readings
    assert listener.letters == []


MALFORMED = {
    "not_json": (topics.telemetry("device-0"), b"temp=5"),
    "wrong_type": (topics.telemetry("device-0"), b'{"values":[1]}'),
    "not_finite": (topics.telemetry("device-0"), b'{"values":{"p0":NaN}}'),
    "too_large": (topics.telemetry("device-0"), b" " * 300_000),
    "too_deep": (topics.telemetry("device-0"), b"[" * 100_000),
    "wrong_topic": ("plantroom/v1/devices/device-0/telemetrie", b"{}"),
    "future_timestamp": (topics.telemetry("device-0"), b'{"values":{"p0":1},"at":"2999-01-01T00:00:00Z"}'),
    "ancient_timestamp": (topics.telemetry("device-0"), b'{"values":{"p0":1},"at":"1999-01-01T00:00:00Z"}'),
    "bad_timestamp": (topics.telemetry("device-0"), b'{"values":{"p0":1},"at":"noon"}'),
    "unknown_device": (topics.telemetry("device-9"), b'{"values":{"p0":1}}'),
    "unknown_point": (topics.telemetry("device-0"), b'{"values":{"x":1}}'),
}


def test_malformed_input_of_every_kind_is_kept_and_told_and_stops_nothing(
    device: Bus, gateway: GatewayProcess, listener: Listener
) -> None:
    for topic, payload in MALFORMED.values():
        device.publish(topic, payload)
    device.publish(topics.telemetry("device-0"), b'{"values":{"p0":7}}')
    eventually(lambda: listener.listen() or len(listener.letters) == len(MALFORMED))
    eventually(lambda: listener.listen() or [reading.value for reading in listener.readings] == [7.0])
    assert {letter.reason for letter in listener.letters} == set(MALFORMED)
    connection = sqlite3.connect(gateway.data / "dead-letters-gateway-1.db")
    kept = connection.execute("SELECT reason, size FROM dead_letters").fetchall()
    connection.close()
    assert dict(kept) == {reason: len(payload) for reason, (_, payload) in MALFORMED.items()}
    eventually(lambda: listener.listen() or listener.health[-1].dead_letters == len(MALFORMED))


def test_a_new_device_is_known_as_soon_as_the_catalogue_says_so(device: Bus, listener: Listener) -> None:
    publish_catalogue(device, entries(3, points=2), revision=2)

    def sent_until_known() -> bool:
        device.publish(topics.telemetry("device-2"), b'{"values":{"p1":1}}')
        listener.listen()
        return any(reading.point == 6 for reading in listener.readings)

    eventually(sent_until_known)


def test_it_refuses_a_setting_that_makes_no_sense(gateway: GatewayProcess) -> None:
    gateway.environment["PLANTROOM_GATEWAY"] = "no spaces or / please"
    gateway.start()
    assert gateway.process.wait(20) == 2
    assert gateway.log.startswith("plantroom: PLANTROOM_GATEWAY: ")


def test_it_refuses_a_store_it_does_not_know(gateway: GatewayProcess) -> None:
    gateway.environment["PLANTROOM_STORE_URL"] = "oracle://somewhere"
    gateway.start()
    assert gateway.process.wait(20) == 2
    assert gateway.log.startswith("plantroom: PLANTROOM_STORE_URL: ")


def test_metrics_are_served_when_asked_for(
    mosquitto: Mosquitto, gateway: GatewayProcess, listener: Listener
) -> None:
    port = free_port()
    gateway.environment["PLANTROOM_GATEWAY_METRICS_PORT"] = str(port)
    gateway.start()
    listener.wait_online()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    assert "plantroom_gateway_messages_total 0.0" in text
    assert "plantroom_gateway_store_ok 1.0" in text
