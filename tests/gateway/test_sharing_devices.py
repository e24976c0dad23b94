"""Two gateways on one broker, each with its own devices, by topic filter."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from telemetry import topics
from telemetry.bus import delivered
from tests.gateway.support import GatewayProcess, Listener, connected, entries, publish_catalogue
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually


@pytest.fixture
def gateways(mosquitto: Mosquitto, tmp_path: Path) -> Iterator[list[GatewayProcess]]:
    both = [
        GatewayProcess(
            mosquitto.url,
            tmp_path / f"g{number}",
            PLANTROOM_GATEWAY=f"g{number}",
            PLANTROOM_DEVICE_TOPICS=topics.telemetry(f"device-{number}"),
        )
        for number in range(2)
    ]
    yield both
    for gateway in both:
        gateway.kill()


def test_each_reads_its_own_devices_also_when_its_session_knew_all(
    mosquitto: Mosquitto, gateways: list[GatewayProcess], listener: Listener
) -> None:
    filtered = gateways[0].environment.pop("PLANTROOM_DEVICE_TOPICS")
    gateways[0].start()
    listener.wait_online()
    assert gateways[0].stop() == 0
    gateways[0].environment["PLANTROOM_DEVICE_TOPICS"] = filtered
    with connected(mosquitto.url, "server") as bus:
        publish_catalogue(bus, entries(3))
        for gateway in gateways:
            gateway.start()
        eventually(
            lambda: listener.listen() or {h.gateway for h in listener.health if h.online} == {"g0", "g1"}
        )
        eventually(lambda: all('"connected and working"' in gateway.log for gateway in gateways))
        infos = [
            bus.publish(topics.telemetry(f"device-{number}"), b'{"values":{"p0":%d}}' % number)
            for number in (2, 0, 1)
        ]
        assert delivered(infos, timeout_s=30)
        eventually(lambda: listener.listen() or len(listener.readings) == 2)
    for gateway in gateways:
        assert gateway.stop() == 0
    listener.listen()
    heard = {health.gateway: health.messages for health in listener.health}
    assert heard == {"g0": 1, "g1": 1}
    assert sorted(str(reading.value) for reading in listener.readings) == ["0.0", "1.0"]


def test_a_wrong_filter_is_refused_at_start(gateways: list[GatewayProcess]) -> None:
    environment = {**gateways[0].environment, "PLANTROOM_DEVICE_TOPICS": "plantroom/v1/devices/a/#,site/#"}
    outcome = subprocess.run(
        [sys.executable, "-m", "gateway.main"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert outcome.returncode == 2
    assert outcome.stderr.startswith("plantroom: PLANTROOM_DEVICE_TOPICS: ")
    assert "site/#: not a filter of device topics; give for example" in outcome.stderr
