"""A gateway process between a real broker and a real store, and what tests need to talk to it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from gateway.catalogue import PointCatalogue, compile_point
from gateway.decoders.decoded import Part
from gateway.stages import Counters, Surroundings
from telemetry import topics
from telemetry.bus import Bus, delivered
from telemetry.inbox import Incoming
from telemetry.messages import Catalogue, DeadLetter, GatewayHealth, PointEntry, ReadingBatch
from telemetry.reading import Quality, Reading, Value
from tests.support.waiting import eventually

NOW_MS = 1_770_000_000_000
"""2026-02-02 02:40:00 UTC."""
DAY_MS = 86_400_000
PUMP = PointEntry(id=1, asset="pump-a", key="flow", device="pump-a", source="flow", kind="analog")


def incoming(
    payload: bytes,
    *,
    topic: str = "plantroom/v1/devices/pump-a/telemetry",
    mid: int = 1,
    received_ms: int = NOW_MS,
    again: bool = False,
    retain: bool = False,
) -> Incoming:
    """A QoS 1 message as the bus gives it."""
    return Incoming(topic, payload, 1, retain, mid, 1, received_ms, again)


def part(
    value: Value, *, entry: PointEntry = PUMP, at_ms: int = NOW_MS, quality: Quality = Quality.GOOD
) -> Part:
    """A value that has been resolved."""
    return Part(entry.device, entry.source, at_ms, value, quality, compile_point(entry), incoming(b"{}"))


def entries(devices: int, *, points: int = 1) -> list[PointEntry]:
    """Devices device-0.. with one asset each and analog points p0.. ; ids from 1."""
    return [
        PointEntry(
            id=1 + device * points + point,
            asset=f"device-{device}",
            key=f"p{point}",
            device=f"device-{device}",
            source=f"p{point}",
            kind="analog",
        )
        for device in range(devices)
        for point in range(points)
    ]


def catalogues(points: Iterable[PointEntry], *, revision: int = 1) -> list[Catalogue]:
    """All shards, as the server publishes them."""
    points = list(points)
    return [
        Catalogue(shard, revision, [entry for entry in points if topics.shard_of(entry.device) == shard])
        for shard in range(topics.SHARDS)
    ]


@contextmanager
def connected(
    url: str,
    client_id: str,
    *,
    subscriptions: Sequence[str] = (),
    keep: bool = False,
    username: str | None = None,
    password: str | None = None,
) -> Iterator[Bus]:
    """A bus connection of the test's own."""
    bus = Bus(
        url,
        client_id=client_id,
        username=username,
        password=password,
        subscriptions=subscriptions,
        keep_session=keep,
    )
    bus.start()
    try:
        assert bus.wait_connected(10)
        yield bus
    finally:
        bus.stop()


def publish_catalogue(bus: Bus, points: Iterable[PointEntry], *, revision: int = 1) -> None:
    """As the server does: every shard, retained."""
    infos = [
        bus.publish(topics.catalogue(catalogue.shard), msgspec.json.encode(catalogue), retain=True)
        for catalogue in catalogues(points, revision=revision)
    ]
    assert delivered(infos, timeout_s=30)


class Around:
    """What a stage stands in, and what it refused."""

    def __init__(self, *points: PointEntry) -> None:
        self.catalogue = PointCatalogue()
        self.catalogue.learn(catalogues(points))
        self.counters = Counters()
        self.refused: list[tuple[str, str]] = []
        self.surroundings = Surroundings(self.catalogue, self._refuse, self.counters, 30 * DAY_MS)

    @property
    def reasons(self) -> list[str]:
        return [reason for reason, _ in self.refused]

    def learn(self, *points: PointEntry) -> None:
        self.catalogue.learn(catalogues(points, revision=2))

    def _refuse(self, _part: Part, reason: str, detail: str) -> None:
        self.refused.append((reason, detail))


class GatewayProcess:
    """The real process, which tests may stop, kill and start again on the same data folder."""

    def __init__(self, url: str, data: Path, **environment: str) -> None:
        self.data = data
        self.environment = {
            **os.environ,
            "PLANTROOM_MQTT_URL": url,
            "PLANTROOM_DATA": str(data),
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return (self.data / "gateway.log").read_text()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the gateway was not started"
        return self._process

    def start(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        with (self.data / "gateway.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gateway.main"], env=self.environment, stderr=log, stdout=log
            )

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.process.terminate()
        code = self.process.wait(10)
        self._process = None
        return code


M = TypeVar("M", ReadingBatch, DeadLetter, GatewayHealth)


class Listener:
    """Gathers what the gateway publishes, as rules and server would: a kept session, acknowledged by hand."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.batches: list[ReadingBatch] = []
        self.letters: list[DeadLetter] = []
        self.health: list[GatewayHealth] = []

    def listen(self, timeout_s: float = 0.2) -> None:
        """Take what has arrived."""
        messages = self.bus.take(timeout_s=timeout_s)
        for message in messages:
            if "/readings/" in message.topic:
                self.batches.append(msgspec.json.decode(message.payload, type=ReadingBatch))
            elif "/dead-letters/" in message.topic:
                self.letters.append(msgspec.json.decode(message.payload, type=DeadLetter))
            else:
                self.health.append(msgspec.json.decode(message.payload, type=GatewayHealth))
        self.bus.acknowledge(messages)

    def wait_online(self) -> None:
        """Until a gateway listens to devices."""
        eventually(lambda: self.listen() or (self.health and self.health[-1].online))

    @property
    def readings(self) -> list[Reading]:
        return [reading for batch in self.batches for reading in batch.readings]


LISTENED = (topics.ALL_READINGS, topics.ALL_DEAD_LETTERS, topics.ALL_GATEWAY_HEALTH)
