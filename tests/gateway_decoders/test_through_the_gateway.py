"""Foreign devices through the real process: broker, decoder, catalogue, store, bus."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from telemetry.bus import Bus
from telemetry.messages import PointEntry
from tests.gateway.support import LISTENED, GatewayProcess, Listener, connected, publish_catalogue
from tests.gateway_decoders.sparkplug_messages import DOUBLE, message
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

POINTS = [
    PointEntry(id=1, asset="boiler", key="power", device="z2m:boiler-plug", source="power", kind="analog"),
    PointEntry(id=2, asset="chiller", key="supply", device="plant:chiller", source="supply", kind="analog"),
    PointEntry(id=4, asset="boiler", key="online", device="z2m:boiler-plug", source="online", kind="state"),
    PointEntry(id=3, asset="tank", key="level", device="ha:tank-7", source="level", kind="analog"),
]


@pytest.fixture
def gateway(mosquitto: Mosquitto, tmp_path: Path) -> Iterator[GatewayProcess]:
    process = GatewayProcess(
        mosquitto.url,
        tmp_path / "data",
        PLANTROOM_FORMATS="sparkplug, home_assistant, zigbee2mqtt",
        PLANTROOM_SPARKPLUG_HOST="harbour",
    )
    yield process
    process.kill()


@pytest.fixture
def listener(mosquitto: Mosquitto) -> Iterator[Listener]:
    with connected(mosquitto.url, "listener", subscriptions=LISTENED, keep=True) as bus:
        yield Listener(bus)


@pytest.fixture
def device(mosquitto: Mosquitto, gateway: GatewayProcess, listener: Listener) -> Iterator[Bus]:
    """A connection to publish on, while the gateway works."""
    with connected(
        mosquitto.url, "device", subscriptions=["spBv1.0/STATE/harbour", "spBv1.0/+/NCMD/+"]
    ) as bus:
        publish_catalogue(bus, POINTS)
        gateway.start()
        listener.wait_online()
        yield bus


def values_of(listener: Listener, point: int) -> list[object]:
    listener.listen()
    return [reading.value for reading in listener.readings if reading.point == point]


def test_a_zigbee_message_becomes_a_reading_and_its_unknown_points_are_reported(
    device: Bus, listener: Listener
) -> None:
    device.publish("zigbee2mqtt/boiler-plug", b'{"power": 88, "energy": 12.5}')
    eventually(lambda: values_of(listener, 1) == [88.0], what="the reading")
    eventually(lambda: listener.listen() or listener.letters, what="the unknown point")
    assert [letter.reason for letter in listener.letters] == ["unknown_point"]
    assert "energy" in listener.letters[0].detail
    assert b'"energy": 12.5' in listener.letters[0].payload.encode()


def test_presence_is_a_reading_of_a_device_that_has_a_point_for_it(device: Bus, listener: Listener) -> None:
    device.publish("zigbee2mqtt/other-plug/availability", b'{"state": "offline"}', retain=True)
    device.publish("zigbee2mqtt/boiler-plug/availability", b'{"state": "online"}', retain=True)
    device.publish("zigbee2mqtt/boiler-plug/availability", b'{"state": "offline"}', retain=True)
    eventually(lambda: values_of(listener, 4) == [1, 0], what="presence")
    assert listener.letters == []


def test_a_sparkplug_node_that_was_born_before_is_asked_to_repeat_it(device: Bus, listener: Listener) -> None:
    device.publish("spBv1.0/plant/NDATA/chiller", message({"alias": 7, "double_value": 6.25}, seq=9, at_ms=0))
    asked = eventually(
        lambda: [m for m in device.take(timeout_s=0.1) if "/NCMD/" in m.topic], what="a request"
    )
    assert asked[0].topic == "spBv1.0/plant/NCMD/chiller"
    supply = {"name": "supply", "alias": 7, "datatype": DOUBLE, "double_value": 6.5}
    device.publish("spBv1.0/plant/NBIRTH/chiller", message(supply, at_ms=0))
    device.publish("spBv1.0/plant/NDATA/chiller", message({"alias": 7, "double_value": 6.75}, seq=1, at_ms=0))
    eventually(lambda: values_of(listener, 2) == [6.5, 6.75], what="birth and data")


def test_a_device_that_announces_itself_is_followed(device: Bus, listener: Listener) -> None:
    config = {"stat_t": "plant/tank/level", "dev": {"ids": "tank-7"}, "unit_of_meas": "%"}
    device.publish("homeassistant/sensor/tank/level/config", json.dumps(config).encode(), retain=True)

    def said() -> bool:
        device.publish("plant/tank/level", b"41.5")
        return 41.5 in values_of(listener, 3)

    eventually(said, what="its state topic is read")


def test_sparkplug_nodes_see_that_their_host_is_there_and_gone(device: Bus, gateway: GatewayProcess) -> None:
    states: list[bool] = []

    def look() -> bool:
        states.extend(
            json.loads(m.payload)["online"] for m in device.take(timeout_s=0.1) if "STATE" in m.topic
        )
        return bool(states)

    eventually(lambda: look() and states[-1], what="online")
    assert gateway.stop() == 0
    eventually(lambda: look() and not states[-1], what="offline")


def test_a_wrong_mapping_file_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "boiler.yaml").write_text(
        "family: boiler\nversion: 1\nprefix: boil\nmessages:\n  - {topic: 'boiler/state', rest: .}\n"
    )
    process = GatewayProcess(
        "mqtt://127.0.0.1:1", tmp_path / "data", PLANTROOM_FORMATS="boiler", PLANTROOM_MAPPINGS=str(tmp_path)
    )
    ended = subprocess.run(
        check=False,
        args=[sys.executable, "-m", "gateway.main"],
        env=process.environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 2
    assert (
        f"plantroom: {tmp_path}/boiler.yaml:5: the topic 'boiler/state' names no device; put" in ended.stderr
    )
    assert not (tmp_path / "data").exists()
