"""A Sparkplug node made with somebody else's library, over a real broker, including rebirth."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.decoders.decoded import Part, Publish
from gateway.decoders.sparkplug.decoder import SparkplugDecoder
from gateway.decoders.sparkplug.host_state import HostState
from telemetry.bus import Bus
from telemetry.reading import Quality
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

LIBRARY = ("pysparkplug==0.6.1", "paho-mqtt==1.6.1")
NODE = "plant:foreign"
PUMP = "plant:foreign:pump"


@pytest.fixture(scope="session")
def foreign_python(request: pytest.FixtureRequest) -> Path:
    """A Python with the foreign library, made once and kept in pytest's cache."""
    assert request.config.cache is not None
    home = request.config.cache.mkdir("foreign-edge-node") / "-".join(LIBRARY).replace("==", "_")
    if not (home / "bin" / "python").exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=home.parent))
        subprocess.run([sys.executable, "-m", "venv", str(making)], check=True)
        install = [str(making / "bin" / "python"), "-m", "pip", "install", "--quiet", *LIBRARY]
        subprocess.run(install, check=True)
        try:
            making.rename(home)  # another worker may have been quicker
        except OSError:
            shutil.rmtree(making)
    return home / "bin" / "python"


class ForeignNode:
    def __init__(self, python: Path, port: int) -> None:
        script = Path(__file__).with_name("foreign_edge_node.py")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        self.process = subprocess.Popen(
            [str(python), str(script), str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

        self.births = 0
        threading.Thread(target=self._count_births, daemon=True).start()

    def _count_births(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.births += line.strip() == "born"

    def wait_born(self) -> None:
        eventually(lambda: self.births, what="the foreign node's birth")

    def say(self, command: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()


@pytest.fixture
def node(foreign_python: Path, mosquitto: Mosquitto) -> Iterator[ForeignNode]:
    node = ForeignNode(foreign_python, mosquitto.port)
    yield node
    node.process.kill()
    node.process.wait(10)


class Host:
    """The decoder on a real connection, its requests published, as the gateway does it."""

    def __init__(self, url: str) -> None:
        self.decoder = SparkplugDecoder()
        self.parts: list[Part] = []
        self.online: dict[str, bool] = {}
        self.refused: list[str] = []
        self.bus = Bus(url, client_id="test-host", subscriptions=self.decoder.subscriptions)

    def __enter__(self) -> Host:
        self.bus.start()
        assert self.bus.wait_connected(10)
        return self

    def __exit__(self, *_error: object) -> None:
        self.bus.stop()

    def work(self) -> None:
        messages = self.bus.take(timeout_s=0.05)
        for message in messages:
            decoded = self.decoder.decode(message.topic, message.payload, message.received_ms)
            self.parts += decoded.parts
            self.refused += [refusal.reason for refusal in decoded.refusals]
            self.online.update({item.device: item.online for item in decoded.presences})
            for request in decoded.requests:
                assert isinstance(request, Publish)
                self.bus.publish(request.topic, request.payload, qos=0)
        self.bus.acknowledge(messages)

    def values(self, device: str, source: str) -> list[object]:
        self.work()
        return [part.value for part in self.parts if (part.device, part.source) == (device, source)]


def test_births_and_data_by_alias_are_understood(mosquitto: Mosquitto, node: ForeignNode) -> None:
    with Host(mosquitto.url) as host:
        node.wait_born()
        node.say("data")
        eventually(lambda: 1.0 in host.values(PUMP, "flow"), what="a value by alias")
        assert host.values(NODE, "outside")[-1] == -12
        assert host.values(NODE, "mode")[-1] == "auto"
        assert host.values(PUMP, "starts")[-1] == 7
        assert host.online == {NODE: True, PUMP: True}


def test_a_host_that_comes_later_asks_for_a_rebirth(mosquitto: Mosquitto, node: ForeignNode) -> None:
    with Host(mosquitto.url) as earlier:
        eventually(lambda: earlier.work() or earlier.online == {NODE: True, PUMP: True}, what="the births")
    with Host(mosquitto.url) as host:
        node.say("data")
        eventually(lambda: host.work() or host.online == {NODE: True, PUMP: True}, what="both births again")
        node.say("data")
        eventually(lambda: 2.0 in host.values(PUMP, "flow"), what="a value after the rebirth")
        assert node.births == 2
        assert host.refused == ["unknown_point"]


def test_lost_numbers_make_it_ask_for_a_rebirth(mosquitto: Mosquitto, node: ForeignNode) -> None:
    with Host(mosquitto.url) as host:
        node.wait_born()
        node.say("lose")
        node.say("data")
        eventually(lambda: 1.0 in host.values(PUMP, "flow"), what="the value after the gap")
        eventually(lambda: host.work() or node.births == 2, what="the rebirth")
        assert not host.refused


def test_history_is_backfilled_and_keeps_its_time(mosquitto: Mosquitto, node: ForeignNode) -> None:
    with Host(mosquitto.url) as host:
        node.wait_born()
        node.say("late")
        eventually(lambda: 1.0 in host.values(PUMP, "flow"), what="the old value")
        old = next(part for part in host.parts if part.value == 1.0)
        born = next(part for part in host.parts if part.source == "starts")
        assert old.quality == Quality.BACKFILLED
        assert 3_500_000 < born.at_ms - old.at_ms < 3_700_000


def test_deaths_are_device_offline(mosquitto: Mosquitto, node: ForeignNode) -> None:
    with Host(mosquitto.url) as host:
        node.wait_born()
        node.say("stop_device")
        eventually(lambda: host.work() or host.online.get(PUMP) is False, what="the device's death")
        assert host.online[NODE] is True
        node.say("die")
        eventually(lambda: host.work() or host.online[NODE] is False, what="the will of the node")


def test_the_host_says_that_it_is_there_and_its_will_that_it_is_gone(mosquitto: Mosquitto) -> None:
    watching = Bus(mosquitto.url, client_id="watcher", subscriptions=["spBv1.0/STATE/plantroom"])
    state = HostState(mosquitto.url, host="plantroom", now_ms=1_769_846_400_000)
    said: list[bytes] = []
    watching.start()
    try:
        assert watching.wait_connected(10)
        state.start()
        eventually(
            lambda: said.extend(m.payload for m in watching.take(timeout_s=0.1)) or said, what="online"
        )
        state.stop()
        eventually(
            lambda: said.extend(m.payload for m in watching.take(timeout_s=0.1)) or len(said) == 2,
            what="offline",
        )
    finally:
        watching.stop()
    assert said == [
        b'{"online": true, "timestamp": 1769846400000}',
        b'{"online": false, "timestamp": 1769846400000}',
    ]
