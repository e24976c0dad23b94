"""The poller against a real Modbus server, publishing to a real broker."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pymodbus import FramerType

from gateway.decoders.native import NativeDecoder
from gateway.modbus.config import parse_poller_config
from gateway.modbus.main import make_bus, poll
from telemetry import topics
from telemetry.bus import Bus
from telemetry.inbox import Incoming
from telemetry.settings import ProcessSettings
from tests.gateway_modbus.modbus_peer import ModbusPeer, Slave, floats
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

MAP = """
map: tiny
version: 1
function: holding
poll_s: 0.1
max_gap: 4
points:
  - {source: speed, address: 0, type: uint16, unit: rpm}
  - {source: temp, address: 1, type: int16, scale: 0.1, unit: °C, invalid: [-32768]}
  - {source: total, address: 5, type: uint32, word_order: little}
  - {source: running, address: 8, type: bit, bit: 2}
"""
REGISTERS = {0: 1450, 1: 0xFFF6, 5: 0x0002, 6: 0x0001, 8: 0b100}
VALUES = {"speed": 1450, "temp": -1.0, "total": 65538, "running": 1}


class Watcher:
    """What a gateway would receive."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.messages: list[Incoming] = []

    def look(self) -> None:
        self.messages += self.bus.take(timeout_s=0.02)

    def values(self, device: str) -> list[dict[str, object]]:
        self.look()
        return [json.loads(m.payload)["values"] for m in self.messages if m.topic == topics.telemetry(device)]

    def times(self, device: str) -> list[int]:
        return [json.loads(m.payload)["at"] for m in self.messages if m.topic == topics.telemetry(device)]

    def presence(self, device: str) -> str:
        self.look()
        said = [m.payload.decode() for m in self.messages if m.topic == topics.status(device)]
        return said[-1] if said else ""


@pytest.fixture
def watcher(mosquitto: Mosquitto) -> Iterator[Watcher]:
    bus = Bus(mosquitto.url, client_id="watcher", subscriptions=[topics.ALL_DEVICES])
    bus.start()
    assert bus.wait_connected(10)
    yield Watcher(bus)
    bus.stop()


class Start:
    """Starts a poller with these lines in a thread; it ends in order, at the latest with the test."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url = url
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread: threading.Thread | None = None

    def __call__(self, lines: str) -> None:
        text = f"version: 1\nname: test\nlines:\n{lines}"
        config = parse_poller_config(text.encode(), folder=self._folder)
        bus = make_bus(ProcessSettings(mqtt_url=self._url, data=self._folder), config.name)
        work = poll(config, bus, self._stop)
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[work])
        self._thread.start()

    def end(self) -> None:
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(15)
            assert not self._thread.is_alive(), "the poller did not end in order"
            self._thread = None
            self._loop.close()


@pytest.fixture
def start(mosquitto: Mosquitto, tmp_path: Path) -> Iterator[Start]:
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "tiny.yaml").write_text(MAP)
    start = Start(mosquitto.url, tmp_path)
    yield start
    start.end()


Peers = Callable[..., ModbusPeer]


@pytest.fixture
def peer_of() -> Iterator[Peers]:
    peers: list[ModbusPeer] = []

    def make(*slaves: Slave, framer: FramerType = FramerType.SOCKET) -> ModbusPeer:
        peers.append(ModbusPeer(list(slaves), framer))
        peers[-1].start()
        return peers[-1]

    yield make
    for peer in peers:
        peer.close()


def line(peer: ModbusPeer, *devices: str, transport: str = "tcp") -> str:
    entries = ", ".join(
        f"{{device: {name}, unit: {unit}, map: tiny}}" for unit, name in enumerate(devices, 1)
    )
    return f"  - {{{transport}: '127.0.0.1:{peer.port}', timeout_s: 0.2, devices: [{entries}]}}\n"


@pytest.mark.parametrize(
    ("transport", "framer"), [("tcp", FramerType.SOCKET), ("rtu_over_tcp", FramerType.RTU)]
)
def test_it_publishes_what_a_device_says(
    transport: str, framer: FramerType, watcher: Watcher, start: Start, peer_of: Peers
) -> None:
    slave = Slave(1, REGISTERS)
    start(line(peer_of(slave, framer=framer), "drive", transport=transport))
    eventually(lambda: VALUES in watcher.values("drive"), what="the values")
    assert watcher.presence("drive") == "online"
    assert set(slave.requests) == {(3, 0, 9)}
    slave.registers[0] = 1500
    eventually(lambda: {**VALUES, "speed": 1500} in watcher.values("drive"), what="the new value")


def test_the_gateway_reads_what_it_publishes(watcher: Watcher, start: Start, peer_of: Peers) -> None:
    start(line(peer_of(Slave(1, {**REGISTERS, 1: 0x8000})), "drive"))
    eventually(lambda: watcher.values("drive"), what="values")
    message = next(m for m in watcher.messages if m.topic == topics.telemetry("drive"))
    decoded = NativeDecoder().decode(message.topic, message.payload, message.received_ms)
    assert not decoded.refusals
    assert [(part.source, part.value) for part in decoded.parts] == [
        ("speed", 1450), ("temp", None), ("total", 65538), ("running", 1)
    ]  # fmt: skip
    assert abs(decoded.parts[0].at_ms - message.received_ms) < 10_000


def test_a_device_that_is_silent_does_not_stop_the_others(
    watcher: Watcher, start: Start, peer_of: Peers
) -> None:
    dead, good = Slave(1, REGISTERS), Slave(2, REGISTERS)
    dead.is_silent = True
    start(line(peer_of(dead, good), "dead", "good"))
    eventually(lambda: watcher.presence("dead") == "offline", what="offline")
    before = len(watcher.values("good"))
    eventually(lambda: len(watcher.values("good")) > before + 5, what="more values of the other")
    assert watcher.values("dead") == []


def test_a_silent_device_repeats_nothing_and_comes_back(
    watcher: Watcher, start: Start, peer_of: Peers
) -> None:
    slave = Slave(1, REGISTERS)
    start(line(peer_of(slave), "drive"))
    eventually(lambda: watcher.values("drive"), what="values")
    slave.is_silent = True
    eventually(lambda: watcher.presence("drive") == "offline", what="offline")
    count = len(watcher.values("drive"))
    asked = len(slave.requests)
    eventually(lambda: len(slave.requests) > asked, what="it is asked again")
    assert len(watcher.values("drive")) == count
    slave.is_silent = False
    eventually(lambda: watcher.presence("drive") == "online", what="online again")
    assert len(set(watcher.times("drive"))) == len(watcher.times("drive"))


def test_it_reconnects_by_itself(watcher: Watcher, start: Start, peer_of: Peers) -> None:
    peer = peer_of(Slave(1, REGISTERS))
    start(line(peer, "drive"))
    eventually(lambda: watcher.values("drive"), what="values")
    peer.stop()
    eventually(lambda: watcher.presence("drive") == "offline", what="offline")
    peer.start()
    eventually(lambda: watcher.presence("drive") == "online", what="online again")


def test_a_refused_register_costs_only_its_own_value(watcher: Watcher, start: Start, peer_of: Peers) -> None:
    slave = Slave(1, REGISTERS)
    slave.refused = {3}  # between two values, read along only to save a request
    start(line(peer_of(slave), "drive"))
    eventually(lambda: VALUES in watcher.values("drive"), what="all values, each by itself")
    slave.refused = {5}
    eventually(
        lambda: set(watcher.values("drive")[-1]) == {"speed", "temp", "running"}, what="the others go on"
    )


def test_readings_wait_while_the_broker_is_away(
    watcher: Watcher, start: Start, peer_of: Peers, mosquitto: Mosquitto
) -> None:
    slave = Slave(1, REGISTERS)
    start(line(peer_of(slave), "drive"))
    eventually(lambda: watcher.values("drive"), what="values")
    mosquitto.stop()
    asked = len(slave.requests)
    slave.registers[0] = 777
    eventually(lambda: len(slave.requests) > asked + 5, what="it goes on polling")
    slave.registers[0] = 778
    eventually(lambda: len(slave.requests) > asked + 10, what="it goes on polling")
    mosquitto.start()
    speeds = eventually(
        lambda: [v["speed"] for v in watcher.values("drive")][-1] == 778 and watcher.values("drive"),
        what="all",
    )
    assert sum(values["speed"] == 777 for values in speeds) >= 4
    assert watcher.times("drive") == sorted(watcher.times("drive"))


def test_an_orderly_end_says_that_nobody_polls_any_more(
    watcher: Watcher, start: Start, peer_of: Peers
) -> None:
    peer = peer_of(Slave(1, floats({0: 230.5})))
    start(f"  - {{tcp: '127.0.0.1:{peer.port}', devices: [{{device: m, map: sdm630}}]}}")
    eventually(lambda: watcher.presence("m") == "online", what="online")
    eventually(lambda: {"voltage_a": 230.5}.items() <= _merged(watcher, "m").items(), what="the voltage")
    assert watcher.presence("modbus-test") == "online"
    start.end()
    eventually(lambda: watcher.presence("m") == "offline", what="the device is said to be offline")
    eventually(lambda: watcher.presence("modbus-test") == "offline", what="the poller too")


def _merged(watcher: Watcher, device: str) -> dict[str, object]:
    """The latest value of each source."""
    return {source: value for values in watcher.values(device) for source, value in values.items()}
