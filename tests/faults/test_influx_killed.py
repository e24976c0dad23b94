"""A real InfluxDB server killed under load, and the gateway too while it is away: nothing is lost, values go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from telemetry.store import open_store, set_up_store
from telemetry.store.contract import Retention
from tests.gateway.support import GatewayProcess, Listener, connected, publish_catalogue
from tests.gateway.test_nothing_lost import TIMED, Devices
from tests.support.influx import Influx
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually


@pytest.fixture
def gateway(mosquitto: Mosquitto, influx: Influx, tmp_path: Path) -> Iterator[GatewayProcess]:
    url = influx.url("plantroom_killed")
    set_up_store(url, retention=Retention())
    process = GatewayProcess(mosquitto.url, tmp_path / "data", PLANTROOM_STORE_URL=url)
    yield process
    process.kill()


def more_heard(listener: Listener, count: int) -> None:
    """Until so many more readings came over the bus."""
    before = len(listener.readings)
    eventually(lambda: listener.listen() or len(listener.readings) > before + count, 60)


def test_influxdb_is_killed_and_the_gateway_while_it_is_away(
    mosquitto: Mosquitto, influx: Influx, gateway: GatewayProcess, listener: Listener
) -> None:
    with connected(mosquitto.url, "server") as bus:
        publish_catalogue(bus, TIMED)
    gateway.start()
    listener.wait_online()
    devices = Devices(mosquitto.url, timed=True, pause_s=0.2)
    devices.start()
    more_heard(listener, 500)
    for _ in range(2):
        influx.kill()
        more_heard(listener, 2000)
        eventually(lambda: listener.listen() or listener.health[-1].spooled_readings)
        assert not listener.health[-1].store_ok
        gateway.kill()
        gateway.start()  # it starts, and goes on, without its store
        more_heard(listener, 2000)
        influx.start()
        eventually(
            lambda: (
                listener.listen()
                or (listener.health[-1].store_ok and not listener.health[-1].spooled_readings)
            ),
            60,
            what="the spool is drained",
        )
    devices.enough.set()
    devices.join(60)
    accepted = set(devices.accepted)
    assert len(accepted) > 3000
    store = open_store(influx.url("plantroom_killed"), read_only=True)

    def counted() -> Counter[object]:
        return Counter(reading.value for reading in store.read([entry.id for entry in TIMED], 0, 2**60))

    eventually(lambda: accepted <= counted().keys(), 60, interval_s=1.0, what="all are stored")
    assert {value: count for value, count in counted().items() if count > 1} == {}
