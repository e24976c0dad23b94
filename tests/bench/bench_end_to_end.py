"""The whole product under load, rules on: from a device's publish to the stored reading and to the alarm row.

``python -m tests.bench.bench_end_to_end [--seconds N]`` prints the numbers. Everything runs on this one
machine: the load generator (a process of its own), the broker, gateway, rules and server.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import psutil

from device_sim.load import Acknowledged, Load, LoadGenerator, LoadResult, load_site, read_ledger
from device_sim.site import write_site_file
from telemetry.bus import Bus, delivered
from telemetry.store import open_store
from telemetry.store.contract import ReadingStore
from telemetry.topics import telemetry
from tests.support.plantroom import RunningPlantroom
from tests.support.rules import change_rule
from tests.support.waiting import eventually

POINTS = 5
"""Values in a message; the meter's first five points carry the default voltage and phase rules."""
PROBE_RULE = "phase_loss"
LOST_V = 10.0
SETTLE_S = 3.0


class Target(NamedTuple):
    """Where the load goes; crosses to the load's process."""

    port: int
    password: str
    ledger: Path


def run(seconds: float) -> dict[str, object]:
    """Sustained load without loss, then alarm latency beside a lighter load; some four times ``seconds``."""
    return {
        "sustained_15000_points_a_second": _sustained(15_000, seconds=seconds),
        "alarm_latency_at_5000_points_a_second": _alarm_latency(5_000, probes=max(40, round(seconds * 3))),
    }


@contextmanager
def _installation(load: Load) -> Iterator[RunningPlantroom]:
    folder = Path(tempfile.mkdtemp(prefix="plantroom-bench-"))
    plantroom = RunningPlantroom(folder / "data")
    try:
        plantroom.start()
        site = folder / "load.yaml"
        write_site_file(load_site(load), site)
        outcome = plantroom.command("import", str(site))
        assert outcome.returncode == 0, outcome.stderr
        time.sleep(SETTLE_S)  # the catalogue and the rules' plan reach their processes
        yield plantroom
    finally:
        plantroom.close()
        shutil.rmtree(folder, ignore_errors=True)


def _load_for(points_per_s: float, seconds: float) -> Load:
    """Each device sends once a second."""
    return Load(devices=round(points_per_s / POINTS), points=POINTS, rate=1.0, seconds=seconds)


def _sustained(points_per_s: float, *, seconds: float) -> dict[str, object]:
    load = _load_for(points_per_s, seconds)
    with _installation(load) as plantroom:
        before = _cpu_seconds(plantroom)
        began = time.monotonic()
        with _generating(load, plantroom):
            pass
        result = _result(plantroom)
        ledger = list(read_ledger(plantroom.data / "ledger.csv"))
        stored_after_s = _wait_until_stored(plantroom, ledger)
        took_s = time.monotonic() - began
        return {
            "load": str(result),
            "messages_per_s": round(result.messages_per_s),
            "points_per_s": round(result.points_per_s),
            "lost_messages": _lost(plantroom, ledger),
            "all_stored_s_after_the_last_acknowledgement": round(stored_after_s, 1),
            "cores": {name: round(cpu / took_s, 2) for name, cpu in _spent(plantroom, before).items()},
            "memory_mb": _memory_mb(plantroom),
        }


def _alarm_latency(points_per_s: float, *, probes: int) -> dict[str, object]:
    """From publish to the time on the alarm's row, and until others can read the row, for a rule without delay,
    one asset a probe."""
    load = _load_for(points_per_s, probes * 0.25 + 10)
    with _installation(load) as plantroom:
        _remove_delay(plantroom)
        with _generating(load, plantroom):
            time.sleep(SETTLE_S)
            seen = _Seen(plantroom)
            seen.start()
            sent = _probe(plantroom, probes)
            time.sleep(SETTLE_S)
            seen.enough.set()
            seen.join()
        recorded = _recorded(plantroom, set(sent))
    return {
        "points_per_s": points_per_s,
        "probes": probes,
        "alarms": len(sent.keys() & recorded.keys()),
        "time_on_the_row": _spread(sent, recorded),
        "row_can_be_read": _spread(sent, seen.at_ms),
    }


def _spread(sent: Mapping[str, float], found: Mapping[str, float]) -> dict[str, int]:
    latencies = sorted(found[key] - sent[key] for key in sent if key in found)
    return {
        "p50_ms": round(statistics.median(latencies)),
        "p95_ms": round(latencies[int(len(latencies) * 0.95)]),
        "p99_ms": round(latencies[int(len(latencies) * 0.99)]),
    }


class _Seen(threading.Thread):
    """When each asset's alarm could first be read by another process, epoch ms; looks each 3 ms."""

    def __init__(self, plantroom: RunningPlantroom) -> None:
        super().__init__(daemon=True)
        self._path = plantroom.data / "plantroom.db"
        self.enough = threading.Event()
        self.at_ms: dict[str, float] = {}

    def run(self) -> None:
        query = """SELECT l.id, a.key FROM alarms l JOIN assets a ON a.id = l.asset_id
                   WHERE l.id > ? AND l.rule_key = ? ORDER BY l.id"""
        last = 0
        with closing(sqlite3.connect(self._path)) as database:
            while not self.enough.wait(0.003):
                for row, asset in database.execute(query, (last, PROBE_RULE)):
                    last = row
                    self.at_ms.setdefault(asset, time.time() * 1000)


@contextmanager
def _generating(load: Load, plantroom: RunningPlantroom) -> Iterator[None]:
    """The load runs in a process of its own meanwhile; at the end it is waited for."""
    target = Target(plantroom.mqtt_port, _device_password(plantroom), plantroom.data / "ledger.csv")
    sender = get_context("spawn").Process(target=_generate, args=(load, target))
    sender.start()
    yield
    sender.join()


def _generate(load: Load, target: Target) -> None:
    url = f"mqtt://127.0.0.1:{target.port}"
    result = LoadGenerator(
        load, url, ledger=target.ledger, username="devices", password=target.password
    ).run()
    target.ledger.with_suffix(".json").write_text(json.dumps(result._asdict()))


def _result(plantroom: RunningPlantroom) -> LoadResult:
    return LoadResult(**json.loads((plantroom.data / "ledger.json").read_text()))


def _device_password(plantroom: RunningPlantroom) -> str:
    return (plantroom.data / "secrets" / "mqtt-devices").read_text().strip()


def _wait_until_stored(plantroom: RunningPlantroom, ledger: Sequence[Acknowledged]) -> float:
    """Seconds until the last acknowledged message of each of some devices is in the store."""
    began = time.monotonic()
    last = {message.device: message.at_ms for message in ledger[-200:]}
    points = _points(plantroom)
    wanted = {points[device, "voltage_a"]: at_ms for device, at_ms in last.items()}
    with _store(plantroom) as store:
        eventually(
            lambda: all(r.at_ms >= wanted[p] for p, r in store.latest(list(wanted)).items()),
            60,
            what="stored",
        )
    return time.monotonic() - began


def _lost(plantroom: RunningPlantroom, ledger: Sequence[Acknowledged]) -> int:
    """Acknowledged messages of which any reading is missing in the store."""
    points = _points(plantroom)
    start, end = min(m.at_ms for m in ledger), max(m.at_ms for m in ledger) + 1
    found: dict[tuple[int, int], None] = {}
    with _store(plantroom) as store:
        for reading in store.read(list(points.values()), start, end):
            found[reading.point, reading.at_ms] = None
    keys = ("voltage_a", "voltage_b", "voltage_c", "current_a", "current_b")
    return sum(any((points[m.device, key], m.at_ms) not in found for key in keys) for m in ledger)


@contextmanager
def _store(plantroom: RunningPlantroom) -> Iterator[ReadingStore]:
    yield open_store(f"sqlite:///{plantroom.data / 'readings.db'}", read_only=True)


def _points(plantroom: RunningPlantroom) -> dict[tuple[str, str], int]:
    query = "SELECT a.key, p.key, p.id FROM points p JOIN assets a ON a.id = p.asset_id"
    with sqlite3.connect(plantroom.data / "plantroom.db") as database:
        return {(asset, key): point for asset, key, point in database.execute(query)}


def _remove_delay(plantroom: RunningPlantroom) -> None:
    """A latency can only be told from a rule without on-delay."""
    with plantroom.client("admin") as client:
        rules = client.get("rules", params={"profile": "energy_meter"}).json()["items"]
        (rule,) = (r for r in rules if r["key"] == PROBE_RULE)
        asset = client.get("assets", params={"profile": "energy_meter"}).json()["items"][0]["id"]
        change_rule(client, rule["id"], {"on_delay_s": 0}, asset_id=asset)
    time.sleep(SETTLE_S)


def _probe(plantroom: RunningPlantroom, count: int) -> dict[str, float]:
    """Drop one phase of one asset after the other; gives the time of each publish, epoch ms."""
    sent: dict[str, float] = {}
    bus = Bus(
        f"mqtt://127.0.0.1:{plantroom.mqtt_port}",
        client_id="bench-probe",
        username="devices",
        password=_device_password(plantroom),
    )
    bus.start()
    assert bus.wait_connected(10)
    devices = sorted({device for device, _ in _points(plantroom)})[-count:]
    for device in devices:
        sent[device] = time.time() * 1000
        payload = json.dumps({"values": {"voltage_c": LOST_V}}).encode()
        delivered([bus.publish(telemetry(device), payload)], timeout_s=30)
        time.sleep(0.2)
    bus.stop()
    return sent


def _recorded(plantroom: RunningPlantroom, devices: set[str]) -> dict[str, float]:
    """When the first alarm row of each asset was written, epoch ms."""
    query = """SELECT a.key, min(e.recorded_at) FROM alarm_events e JOIN alarms l ON l.id = e.alarm_id
               JOIN assets a ON a.id = l.asset_id WHERE e.kind = 'raised' AND l.rule_key = ? GROUP BY a.key"""
    with sqlite3.connect(plantroom.data / "plantroom.db") as database:
        rows = database.execute(query, (PROBE_RULE,)).fetchall()
    return {
        asset: datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() * 1000
        for asset, at in rows
        if asset in devices
    }


def _named(plantroom: RunningPlantroom) -> dict[str, psutil.Process]:
    """The processes by what they are."""
    named: dict[str, psutil.Process] = {}
    for process in plantroom.processes():
        line = " ".join(process.cmdline())
        kind = next(
            (
                k
                for k in ("mosquitto", "embedded_broker", "gateway", "rules", "server")
                if k in line.split("plantroom")[-1] or k in line.rsplit(" ", 1)[-1]
            ),
            "supervisor",
        )
        named.setdefault(kind, process)
    return named


def _cpu_seconds(plantroom: RunningPlantroom) -> dict[str, float]:
    return {name: sum(process.cpu_times()[:2]) for name, process in _named(plantroom).items()}


def _spent(plantroom: RunningPlantroom, before: dict[str, float]) -> dict[str, float]:
    return {name: cpu - before.get(name, 0.0) for name, cpu in _cpu_seconds(plantroom).items()}


def _memory_mb(plantroom: RunningPlantroom) -> dict[str, int]:
    return {name: round(process.memory_info().rss / 1e6) for name, process in _named(plantroom).items()}


def main() -> None:
    """Print the numbers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60.0, help="of the sustained load")
    seconds = parser.parse_args().seconds
    print("load before:", psutil.getloadavg())
    print(json.dumps(run(seconds), indent=2))
    print("load after:", psutil.getloadavg())


if __name__ == "__main__":
    main()
