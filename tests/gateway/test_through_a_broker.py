"""The whole process with a real broker and the real store."""

from __future__ import annotations

import time

from telemetry import topics
from telemetry.reading import Quality, Reading
from telemetry.store import open_store
from tests.gateway.support import GatewayProcess, Listener, connected, entries, publish_catalogue
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def test_it_stores_then_publishes_a_reading(
    mosquitto: Mosquitto, gateway: GatewayProcess, listener: Listener
) -> None:
    at_ms = now_ms()
    with connected(mosquitto.url, "device") as bus:
        publish_catalogue(bus, entries(2, points=2))
        gateway.start()
        listener.wait_online()
        bus.publish(topics.telemetry("device-1"), b'{"values":{"p0":41.5,"p1":2},"at":%d}' % at_ms)
        eventually(lambda: listener.listen() or len(listener.readings) == 2)
    assert sorted(listener.readings, key=lambda reading: reading.point) == [
        Reading(3, at_ms, 41.5, Quality.GOOD),
        Reading(4, at_ms, 2.0, Quality.GOOD),
    ]
    store = open_store(f"sqlite:///{gateway.data / 'readings.db'}", read_only=True)
    assert list(store.read([3, 4], 0, at_ms + 1)) == listener.readings
    assert listener.letters == []
