"""Store, then publish, then acknowledge: with a store that has bad days, behind a real broker."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pytest

from gateway.gateway import Gateway
from gateway.settings import GatewaySettings
from gateway.sink import LARGEST_PUBLISHED_BYTES, encode_readings
from telemetry import topics
from telemetry.bus import Bus
from telemetry.reading import Reading
from telemetry.store.contract import Maintained, RejectedReadings, Series, StoreUnavailable
from tests.gateway.support import PUMP, Listener, connected, publish_catalogue
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually


class MoodyStore:
    """A store in memory that is away or refuses readings when told to."""

    def __init__(self) -> None:
        self.away = threading.Event()
        self.rejected_value: float | None = None
        self.written: list[Reading] = []
        self.attempts = 0

    def write(self, readings: Sequence[Reading]) -> None:
        self.attempts += 1
        if self.away.is_set():
            raise StoreUnavailable("the disk is full")
        good = [reading for reading in readings if reading.value != self.rejected_value]
        self.written += good
        if len(good) < len(readings):
            raise RejectedReadings([(reading, "not today") for reading in readings if reading not in good])

    def read(self, points: Collection[int], start_ms: int, end_ms: int) -> Iterator[Reading]:
        return iter(self.written)

    def series(self, point: int, start_ms: int, end_ms: int, *, max_samples: int = 2000) -> Series:
        return Series(point, "raw", [])

    def latest(self, points: Collection[int]) -> dict[int, Reading]:
        return {}

    def maintain(self, now_ms: int) -> Maintained:
        return Maintained(0, 0, 0)


@pytest.fixture
def store() -> MoodyStore:
    return MoodyStore()


@pytest.fixture
def device(
    mosquitto: Mosquitto,
    listener: Listener,
    store: MoodyStore,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Bus]:
    """A device's connection, while a gateway with that store works; parameter: MiB of spool, else none."""
    stop = threading.Event()
    spool_max_mb = getattr(request, "param", 0)
    settings = GatewaySettings(data=tmp_path, mqtt_url=mosquitto.url, spool_max_mb=spool_max_mb)

    def work() -> None:
        gateway = Gateway(settings, store, stop)
        gateway.open()
        gateway.run()

    thread = threading.Thread(target=work)
    with connected(mosquitto.url, "device") as bus:
        publish_catalogue(bus, [PUMP])
        thread.start()
        listener.wait_online()
        yield bus
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def send(bus: Bus, *values: float) -> None:
    now_ms = time.time_ns() // 1_000_000
    for number, value in enumerate(values):
        payload = b'{"values":{"flow":%f},"at":%d}' % (value, now_ms - number)
        bus.publish(topics.telemetry("pump-a"), payload)


def test_nothing_is_published_before_it_is_stored(device: Bus, store: MoodyStore, listener: Listener) -> None:
    store.away.set()
    send(device, 1, 2, 3)
    eventually(lambda: store.attempts >= 3)
    listener.listen()
    assert listener.batches == []
    store.away.clear()
    eventually(lambda: listener.listen() or len(listener.readings) == 3)
    assert listener.readings == store.written


def test_health_says_why_nothing_is_stored_and_when_it_is_over(
    device: Bus, store: MoodyStore, listener: Listener
) -> None:
    store.away.set()
    send(device, 1)
    eventually(lambda: listener.listen() or listener.health[-1].store_error == "the disk is full")
    assert not listener.health[-1].store_ok
    store.away.clear()
    eventually(lambda: listener.listen() or listener.health[-1].store_ok)


def test_what_the_store_never_takes_becomes_a_dead_letter(
    device: Bus, store: MoodyStore, listener: Listener
) -> None:
    store.rejected_value = 2.0
    send(device, 1, 2, 3)
    eventually(lambda: listener.listen() or (len(listener.readings) == 2 and listener.letters))
    assert {reading.value for reading in listener.readings} == {1.0, 3.0}
    (letter,) = listener.letters
    assert (letter.reason, letter.topic) == ("rejected_by_store", topics.telemetry("pump-a"))
    assert "flow: the store does not take it: not today" in letter.detail


@pytest.mark.parametrize("device", [1], indirect=True)
def test_with_a_spool_values_go_on_while_the_store_is_away(
    device: Bus, store: MoodyStore, listener: Listener
) -> None:
    store.away.set()
    send(device, 1, 2, 3)
    eventually(lambda: listener.listen() or len(listener.readings) == 3)
    assert store.written == []
    eventually(lambda: listener.listen() or listener.health[-1].spooled_readings == 3)
    last = listener.health[-1]
    assert (last.store_ok, last.store_error, last.spool_full) == (False, "the disk is full", False)
    assert last.spool_oldest_ms == min(reading.at_ms for reading in listener.readings)
    store.away.clear()
    eventually(lambda: len(store.written) == 3)
    assert store.written == listener.readings
    eventually(lambda: listener.listen() or listener.health[-1].spooled_readings == 0)
    assert listener.health[-1].store_ok


@pytest.mark.parametrize("device", [1], indirect=True)
def test_what_the_store_never_takes_from_the_spool_becomes_a_dead_letter_and_the_drain_goes_on(
    device: Bus, store: MoodyStore, listener: Listener
) -> None:
    store.away.set()
    store.rejected_value = 2.0
    send(device, 1, 2, 3)
    eventually(lambda: listener.listen() or len(listener.readings) == 3)
    store.away.clear()
    eventually(lambda: listener.listen() or listener.letters)
    (letter,) = listener.letters
    assert (letter.reason, letter.topic) == ("rejected_by_store", topics.telemetry("pump-a"))
    assert "flow: the store does not take it: not today. It came from the spool" in letter.detail
    eventually(lambda: {reading.value for reading in store.written} == {1.0, 3.0})


def test_large_batches_are_split_below_what_small_brokers_take() -> None:
    readings = [Reading(point, 1_770_000_000_000, "运" * 64) for point in range(1000)]
    payloads = encode_readings(readings, 1)
    assert len(payloads) > 1
    assert max(len(payload) for payload in payloads) <= LARGEST_PUBLISHED_BYTES
