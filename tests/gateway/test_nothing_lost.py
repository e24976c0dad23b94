"""Kill, cut and lock everything under load: what was acknowledged to a device is stored, once."""

from __future__ import annotations

import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from gateway.gateway import MOST_TAKEN
from telemetry import topics
from telemetry.bus import delivered
from telemetry.reading import Reading
from telemetry.store import open_store
from tests.gateway.support import (
    GatewayProcess,
    Listener,
    connected,
    entries,
    publish_catalogue,
)
from tests.support.mosquitto import Mosquitto, MosquittoFactory
from tests.support.waiting import eventually

DEVICES = 20
BURST = 300
TIMED = entries(DEVICES)


class Devices(threading.Thread):
    """Publishes numbered values with QoS 1 until told to stop; remembers which the broker took.

    The number is the value. ``timed``: with a time of their own, or the time of receipt.
    """

    def __init__(self, url: str, *, timed: bool, pause_s: float = 0.02) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._timed = timed
        self._pause_s = pause_s
        self._start_ms = time.time_ns() // 1_000_000 - 60_000
        self.enough = threading.Event()
        self.accepted: list[int] = []

    def run(self) -> None:
        number = 0
        with connected(self._url, "devices") as bus:
            while not self.enough.is_set():
                burst = range(number, number + BURST)
                infos = [bus.publish(self._topic(each), self._payload(each)) for each in burst]
                if delivered(infos, timeout_s=60):
                    self.accepted += burst
                number += BURST
                self.enough.wait(self._pause_s)

    def _topic(self, number: int) -> str:
        return topics.telemetry(f"device-{number % DEVICES}")

    def _payload(self, number: int) -> bytes:
        # no two of a device at the same instant: the second would rightly replace the first
        at = b',"at":%d' % (self._start_ms + number // DEVICES) if self._timed else b""
        return b'{"values":{"p0":%d}%s}' % (number, at)


@pytest.fixture
def ready(mosquitto: Mosquitto, gateway: GatewayProcess, listener: Listener) -> GatewayProcess:
    """The gateway runs, knows its points and listens."""
    with connected(mosquitto.url, "server") as bus:
        publish_catalogue(bus, TIMED)
    gateway.start()
    listener.wait_online()
    return gateway


def stored(gateway: GatewayProcess) -> list[Reading]:
    store = open_store(f"sqlite:///{gateway.data / 'readings.db'}", read_only=True)
    return list(store.read([entry.id for entry in TIMED], 0, 2**60))


def expect_nothing_lost(devices: Devices, gateway: GatewayProcess, listener: Listener) -> None:
    """Every accepted number is stored exactly once and was published at least once."""
    devices.enough.set()
    devices.join(60)
    accepted = set(devices.accepted)
    assert len(accepted) > 400
    eventually(
        lambda: listener.listen() or accepted <= {reading.value for reading in listener.readings},
        60,
        what="all accepted values were published",
    )
    # what was spooled while the store was locked is published before it is stored
    eventually(lambda: accepted <= {reading.value for reading in stored(gateway)}, what="all are stored")
    counts = Counter(reading.value for reading in stored(gateway))
    assert {value: count for value, count in counts.items() if count > 1} == {}


@pytest.mark.parametrize("timed", [True, False], ids=["own time", "time of receipt"])
def test_the_gateway_is_killed_again_and_again(
    mosquitto: Mosquitto, ready: GatewayProcess, listener: Listener, timed: bool
) -> None:
    chance = random.Random(7)
    devices = Devices(mosquitto.url, timed=timed)
    devices.start()
    for _ in range(5):
        before = len(listener.readings)
        eventually(lambda before=before: listener.listen() or len(listener.readings) > before + 100)
        time.sleep(chance.uniform(0, 0.3))  # the moment of the kill is what is being tested
        ready.kill()
        ready.start()
    expect_nothing_lost(devices, ready, listener)


def test_the_broker_is_restarted(mosquitto: Mosquitto, ready: GatewayProcess, listener: Listener) -> None:
    devices = Devices(mosquitto.url, timed=True)
    devices.start()
    for _ in range(2):
        before = len(listener.readings)
        eventually(lambda before=before: listener.listen() or len(listener.readings) > before + 200, 60)
        mosquitto.stop()
        mosquitto.start()
    expect_nothing_lost(devices, ready, listener)


def test_what_a_killed_broker_had_handed_over_is_stored_while_it_is_away(
    mosquitto_factory: MosquittoFactory, tmp_path: Path
) -> None:
    """More than one batch of it, and nobody else has it: a killed broker forgets what it did not write."""
    mosquitto = mosquitto_factory(options="max_inflight_messages 10000")
    gateway = GatewayProcess(mosquitto.url, tmp_path / "data")
    with connected(mosquitto.url, "server") as bus:
        publish_catalogue(bus, TIMED)
    gateway.start()
    try:
        with connected(mosquitto.url, "listener", subscriptions=[topics.ALL_GATEWAY_HEALTH]) as bus:
            eventually(lambda: bus.take(timeout_s=0.1), what="the gateway is online")
        devices = Devices(mosquitto.url, timed=True)
        gateway.process.send_signal(signal.SIGSTOP)
        devices.start()
        eventually(lambda: len(devices.accepted) > MOST_TAKEN + 1000, 60)
        accepted = set(devices.accepted)
        mosquitto.kill()
        gateway.process.send_signal(signal.SIGCONT)
        eventually(lambda: accepted <= {reading.value for reading in stored(gateway)}, what="all are stored")
    finally:
        devices.enough.set()
        gateway.kill()
        mosquitto.start()
        devices.join(60)


def test_the_store_is_locked_for_a_while(
    mosquitto: Mosquitto, ready: GatewayProcess, listener: Listener
) -> None:
    devices = Devices(mosquitto.url, timed=True, pause_s=0.2)
    devices.start()
    eventually(lambda: listener.listen() or len(listener.readings) > 100)
    lock = sqlite3.connect(ready.data / "readings.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    eventually(lambda: listener.listen() or not listener.health[-1].store_ok, 40, what="health tells it")
    assert listener.health[-1].store_error
    lock.execute("ROLLBACK")
    lock.close()
    eventually(lambda: listener.listen() or listener.health[-1].store_ok, 40, what="health tells the end")
    expect_nothing_lost(devices, ready, listener)


def test_a_stopped_gateway_leaves_the_rest_to_its_next_start(
    mosquitto: Mosquitto, ready: GatewayProcess, listener: Listener
) -> None:
    devices = Devices(mosquitto.url, timed=False)
    devices.start()
    eventually(lambda: listener.listen() or len(listener.readings) > 200)
    assert ready.stop() == 0
    eventually(lambda: listener.listen() or not listener.health[-1].online, what="it said goodbye")
    ready.start()
    expect_nothing_lost(devices, ready, listener)


def test_a_killed_gateway_is_said_to_be_offline_by_its_will(
    ready: GatewayProcess, listener: Listener
) -> None:
    ready.kill()
    eventually(lambda: listener.listen() or not listener.health[-1].online)


def test_messages_wait_until_the_catalogue_has_come(
    mosquitto: Mosquitto, gateway: GatewayProcess, listener: Listener
) -> None:
    gateway.start()
    listener.wait_online()
    with connected(mosquitto.url, "device") as bus:
        assert delivered([bus.publish(topics.telemetry("device-1"), b'{"values":{"p0":5}}')], timeout_s=30)
        publish_catalogue(bus, TIMED)
    eventually(lambda: listener.listen() or [reading.value for reading in listener.readings] == [5.0])
    assert listener.letters == []
