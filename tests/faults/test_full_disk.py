"""The spool's own disk is really full while the store is away: nothing acknowledged is lost, and it is said."""

from __future__ import annotations

import shutil
import subprocess
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

DATABASE = "plantroom_full_disk"
DISK = "128k"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of a few thousand readings."""
    folder = tmp_path / "data" / "spool"
    folder.mkdir(parents=True)
    mount = shutil.which("mount") or "/bin/mount"
    tried = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {tried.stderr.strip()}")
    yield folder
    subprocess.run([shutil.which("umount") or "/bin/umount", "-l", str(folder)], check=True)


@pytest.fixture
def gateway(mosquitto: Mosquitto, influx: Influx, small_disk: Path) -> Iterator[GatewayProcess]:
    url = influx.url(DATABASE)
    set_up_store(url, retention=Retention())
    process = GatewayProcess(mosquitto.url, small_disk.parent, PLANTROOM_STORE_URL=url)
    yield process
    process.kill()


def test_a_full_disk_loses_nothing_that_was_acknowledged(
    mosquitto: Mosquitto, influx: Influx, gateway: GatewayProcess, listener: Listener, small_disk: Path
) -> None:
    with connected(mosquitto.url, "server") as bus:
        publish_catalogue(bus, TIMED)
    gateway.start()
    listener.wait_online()
    devices = Devices(mosquitto.url, timed=True, pause_s=0.05)
    devices.start()
    eventually(lambda: listener.listen() or len(listener.readings) > 500)
    influx.kill()
    eventually(lambda: listener.listen() or listener.health[-1].spool_full, 120, what="the disk is full")
    assert "No space left" in (listener.health[-1].store_error or "")
    assert (
        listener.health[-1].spool_limit_bytes > shutil.disk_usage(small_disk).total
    )  # the disk, not a setting
    gateway.kill()  # with a disk as full as it gets
    gateway.start()
    eventually(lambda: listener.listen() or listener.health[-1].spool_full, 120, what="it is full again")
    devices.enough.set()
    influx.start()
    devices.join(90)
    eventually(
        lambda: (
            listener.listen() or (listener.health[-1].store_ok and not listener.health[-1].spooled_readings)
        ),
        90,
        what="the spool is drained",
    )
    accepted = set(devices.accepted)
    assert len(accepted) > 3000
    store = open_store(influx.url(DATABASE), read_only=True)

    def counted() -> Counter[object]:
        return Counter(reading.value for reading in store.read([entry.id for entry in TIMED], 0, 2**60))

    eventually(lambda: accepted <= counted().keys(), 90, interval_s=1.0, what="all are stored")
    assert {value: count for value, count in counted().items() if count > 1} == {}
