"""Thirteen hours without a store, at speed: everything goes on meanwhile, and all of it is stored afterwards."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pytest

from gateway.catalogue import PointCatalogue
from gateway.condition import Condition
from gateway.dead_letters import DeadLetterFile
from gateway.decoders.native import NativeDecoder
from gateway.drain import Drain
from gateway.pipeline import Pipeline
from gateway.receipts import Receipts
from gateway.sink import Sink
from gateway.spool import Spool
from gateway.stages import Counters
from telemetry import topics
from telemetry.bus import Bus
from telemetry.inbox import Incoming
from telemetry.reading import Quality, Reading
from telemetry.store import open_store
from telemetry.store.contract import Maintained, ReadingStore, Series
from tests.gateway.support import DAY_MS, NOW_MS, Listener, catalogues, connected, entries
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

HOURS = 13
POINTS = 100
EVERY_S = 45
BATCH = 500
STEPS = HOURS * 3600 // EVERY_S
ENTRIES = entries(POINTS)
LIVE_BATCHES = 20


class Witnessed:
    """A real store, and the order in which it was given what it acknowledged."""

    def __init__(self, store: ReadingStore) -> None:
        self._store = store
        self.order: list[tuple[str, Reading]] = []

    def write(self, readings: Sequence[Reading]) -> None:
        self._store.write(readings)
        self.order += [(threading.current_thread().name, reading) for reading in readings]

    def read(self, points: Collection[int], start_ms: int, end_ms: int) -> Iterator[Reading]:
        return self._store.read(points, start_ms, end_ms)

    def series(self, point: int, start_ms: int, end_ms: int, *, max_samples: int = 2000) -> Series:
        return self._store.series(point, start_ms, end_ms, max_samples=max_samples)

    def latest(self, points: Collection[int]) -> dict[int, Reading]:
        return self._store.latest(points)

    def maintain(self, now_ms: int) -> Maintained:
        return self._store.maintain(now_ms)


class Plant:
    """The gateway's own parts on a clock of the test, so that 13 hours of live values pass in a minute."""

    def __init__(self, folder: Path, bus: Bus) -> None:
        self.url = f"sqlite:///{folder / 'readings.db'}"
        self.store = Witnessed(open_store(self.url))
        self.stop = threading.Event()
        self.condition = Condition(started_ms=NOW_MS)
        self.spool = Spool(folder / "spool", limit_bytes=64 * 1024 * 1024)
        self.spool.open()
        self.now_ms = NOW_MS
        letters = DeadLetterFile(folder / "letters.db", most_rows=1000, most_bytes=1_000_000)
        receipts = Receipts(folder / "receipts.db")
        letters.open()
        receipts.open()
        catalogue, counters = PointCatalogue(), Counters()
        catalogue.learn(catalogues(ENTRIES))
        self._pipeline = Pipeline(
            [NativeDecoder()], catalogue, receipts, counters, raw_retention_ms=30 * DAY_MS
        )
        self._sink = Sink(
            "g",
            store=self.store,
            spool=self.spool,
            devices=bus,
            processes=bus,
            dead_letters=letters,
            receipts=receipts,
            counters=counters,
            condition=self.condition,
            stop=self.stop,
            now_ms=lambda: self.now_ms,
            find_point=catalogue.find,
        )
        self.drain = Drain(
            "g",
            self.spool,
            self.store,
            dead_letters=DeadLetterFile(folder / "letters.db", most_rows=1000, most_bytes=1_000_000),
            condition=self.condition,
            find_point=catalogue.find,
            tell=bus.publish,
            stop=self.stop,
            now_ms=lambda: self.now_ms,
        )

    def hear(self, instants: Sequence[tuple[int, int]]) -> None:
        """Deliver one message for each (device, step); on return all would be acknowledged."""
        messages = []
        for device, step in instants:
            at_ms = NOW_MS + step * EVERY_S * 1000
            payload = b'{"values":{"p0":%d},"at":%d}' % (step, at_ms)
            topic = topics.telemetry(f"device-{device}")
            messages.append(Incoming(topic, payload, 1, False, 1, 0, at_ms))
            self.now_ms = at_ms
        self._sink.deliver(self._pipeline.run(messages))


@pytest.fixture
def plant(mosquitto: Mosquitto, tmp_path: Path) -> Iterator[Plant]:
    with connected(mosquitto.url, "gateway") as bus:
        plant = Plant(tmp_path, bus)
        yield plant
        plant.stop.set()


def instants(first_step: int, steps: int) -> Iterator[list[tuple[int, int]]]:
    """Batches of messages as they come: all devices of a step, then those of the next."""
    every = ((device, step) for step in range(first_step, first_step + steps) for device in range(POINTS))
    while batch := list(itertools.islice(every, BATCH)):
        yield batch


def stored(plant: Plant) -> list[Reading]:
    return list(open_store(plant.url, read_only=True).read([e.id for e in ENTRIES], 0, 2**60))


@pytest.mark.timeout(600)
def test_thirteen_hours_without_a_store(plant: Plant, listener: Listener, tmp_path: Path) -> None:
    lock = sqlite3.connect(tmp_path / "readings.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    drain = threading.Thread(target=plant.drain.run, name="drain", daemon=True)
    drain.start()
    total = STEPS * POINTS
    heard = 0
    for batch in instants(0, STEPS):
        plant.hear(batch)
        heard += len(batch)
        eventually(lambda heard=heard: listener.listen(0.01) or len(listener.readings) == heard)
    assert heard == total > 100_000
    assert {reading.quality for reading in listener.readings} == {Quality.GOOD}  # they are live, not late
    assert in_order(listener.readings)
    assert stored(plant) == []
    state = plant.spool.state
    assert (state.readings, state.oldest_ms, state.why_full) == (total, NOW_MS, None)
    assert state.size < 20 * total  # bytes a reading: what "size your machine" reckons with

    lock.execute("ROLLBACK")
    lock.close()
    live = 0
    for batch in instants(STEPS, LIVE_BATCHES * BATCH // POINTS):  # new readings while it drains
        plant.hear(batch)
        live += len(batch)
        eventually(lambda live=live: listener.listen(0.01) or len(listener.readings) == total + live)
    eventually(lambda: plant.spool.state.readings == 0 and not plant.spool.filled.is_set(), 240)
    assert plant.condition.error is None
    assert by_identity(stored(plant)) == by_identity(listener.readings)
    assert in_order([reading for thread, reading in plant.store.order if thread == "drain"])
    assert list((tmp_path / "spool").glob("*.spool")) == []
    assert listener.letters == []
    plant.stop.set()
    drain.join(10)


def in_order(readings: Sequence[Reading]) -> bool:
    """Whether each point's readings are in order of time and none is there twice."""
    times: defaultdict[int, list[int]] = defaultdict(list)
    for reading in readings:
        times[reading.point].append(reading.at_ms)
    return all(a < b for each in times.values() for a, b in itertools.pairwise(each))


def by_identity(readings: Sequence[Reading]) -> list[Reading]:
    return sorted(readings, key=lambda reading: (reading.point, reading.at_ms))
