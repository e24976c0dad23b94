"""How long the rules process takes to start in a large plant: ``python -m tests.bench.bench_rules_start``.

The real process with a real broker, a SQLite database and a SQLite store, while a reading of every point
comes each 8 s: from its start, first without a memory and then killed and away for 100 s, until it has caught up.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from device_sim.site import fleet_site, write_site_file
from server import migrations
from server.assets.models import Asset, Point
from server.assets.profiles import shipped_profiles
from server.assets.site_file import load_site
from server.assets.site_import import import_site
from server.audit.service import SYSTEM
from server.clock import utc_now
from server.db import open_engine, reading, session_factory, transaction
from server.errors import Label
from server.intake.service import last_beat
from server.rules.models import Rule
from server.rules.shipped import seed
from telemetry import topics
from telemetry.bus import Bus, delivered
from telemetry.messages import GatewayHealth, ReadingBatch
from telemetry.reading import Reading
from telemetry.store import open_store
from tests.bench.bench_rules import value_of
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

EVERY_MS = 8000
AWAY_S = 100.0
BEHIND_MS = 2000
WITHIN_S = 600.0


class Plant:
    """A site of all profiles with two rules a point."""

    def __init__(self, folder: Path, points: int) -> None:
        self.folder = folder
        self.database_url = f"sqlite:///{folder / 'plantroom.db'}"
        self.store_url = f"sqlite:///{folder / 'readings.db'}"
        engine = open_engine(self.database_url)
        migrations.migrate(engine)
        self.sessions: sessionmaker[Session] = session_factory(engine)
        profiles = shipped_profiles()
        kinds = ("elevator", "pump", "fire_panel", "energy_meter")
        each = -(-points // sum(len(profiles[kind].points) for kind in kinds))
        site = folder / "site.yaml"
        write_site_file(fleet_site("bench", dict.fromkeys(kinds, each)), site)
        with transaction(self.sessions) as session:
            import_site(session, load_site(site), profiles, now=utc_now(), actor=SYSTEM)
            seed(session, profiles, now=utc_now())
            session.add_all(rule for kind in kinds for rule in _more_rules(kind))

    def points(self) -> list[tuple[int, str, str]]:
        """(id, key, kind) of each."""
        with reading(self.sessions) as session:
            rows = session.execute(select(Point.id, Point.key, Point.kind).join(Asset).order_by(Point.id))
            return [(row.id, row.key, row.kind) for row in rows]


def _more_rules(profile: str) -> Iterator[Rule]:
    """Until there are two rules a point, like those of ``bench_rules``."""
    known = shipped_profiles()[profile]
    numbers = [point.key for point in known.points if point.kind == "analog"]
    for number in range(2 * len(known.points) - len(known.rules)):
        key, other = numbers[number % len(numbers)], numbers[(number + 1) % len(numbers)]
        limit = {"type": "limit", "point": key, "high": 1e4}
        conditions: list[dict[str, object]] = [
            {"type": "band", "point": key, "low": -1e5, "high": 1e5},
            limit,
            {"type": "no_data", "point": key, "after_s": 600},
            {"type": "rate", "point": key, "over_s": 300, "high": 1e6},
            {"type": "deviation", "point": key, "reference": other, "more_than": 1e5},
        ]
        yield Rule(
            key=f"more_{number}",
            profile=profile,
            name=Label(en=f"More {number}", zh=f"更多 {number}"),
            severity="low",
            condition=conditions[number % len(conditions)],
            on_delay_s=60,
            off_delay_s=60,
            verify_s=60,
            customised=True,
            updated_at=utc_now(),
            updated_by="bench",
        )


def start(plant: Plant, mqtt_url: str) -> tuple[subprocess.Popen[bytes], float]:
    """The process, and when it was started."""
    environment = {
        "PLANTROOM_DATA": str(plant.folder),
        "PLANTROOM_DATABASE_URL": plant.database_url,
        "PLANTROOM_STORE_URL": plant.store_url,
        "PLANTROOM_MQTT_URL": mqtt_url,
    }
    began = time.monotonic()
    log = (plant.folder / "rules.log").open("ab")
    command = [sys.executable, "-m", "server.rules.main"]
    return subprocess.Popen(command, env={**os.environ, **environment}, stderr=log, stdout=log), began


def caught_up(plant: Plant, process: subprocess.Popen[bytes]) -> float:
    """Waits until the process is less than two seconds behind; gives the time of the beat that says so, epoch s."""
    began = utc_now()

    def is_there() -> float | None:
        if process.poll() is not None:
            raise RuntimeError((plant.folder / "rules.log").read_text())
        with reading(plant.sessions) as session:
            beat = last_beat(session, "rules")
        if beat is None or beat.at < began or beat.detail.get("behind_ms") is None:
            return None
        return beat.at.timestamp() if int(str(beat.detail["behind_ms"])) < BEHIND_MS else None

    return eventually(is_there, WITHIN_S, interval_s=0.2, what="the rules process has caught up") or 0.0


def publish_life(bus: Bus, started_ms: int) -> None:
    health = GatewayHealth(
        gateway="bench",
        at_ms=now_ms(),
        online=True,
        started_ms=started_ms,
        messages=0,
        readings=0,
        duplicates=0,
        dead_letters=0,
        backfilled=0,
        suspect=0,
        in_flight=0,
        store_ok=True,
    )
    payload = msgspec.json.encode(health)
    assert delivered([bus.publish(topics.gateway_health("bench"), payload, retain=True)], timeout_s=30)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Live(threading.Thread):
    """What a gateway does: stores and publishes the readings of each second, until told to stop."""

    def __init__(self, plant: Plant, bus: Bus) -> None:
        super().__init__(daemon=True)
        self._plant, self._bus, self._over = plant, bus, threading.Event()
        self.count = 0

    def run(self) -> None:
        store, points = open_store(self._plant.store_url), self._plant.points()
        started_ms, number = now_ms() - 3_600_000, 0
        while not self._over.wait(1.0):
            number += 1
            part = points[number % (EVERY_MS // 1000) :: EVERY_MS // 1000]
            at_ms = now_ms()
            readings = [
                Reading(point, at_ms, 1 if kind == "state" else value_of(key, kind, point, number))
                for point, key, kind in part
            ]
            store.write(readings)
            batch = msgspec.json.encode(ReadingBatch(readings, now_ms()))
            delivered([self._bus.publish(topics.readings(0), batch)], timeout_s=30)
            publish_life(self._bus, started_ms)
            self.count += len(readings)

    def stop(self) -> None:
        self._over.set()
        self.join(60)


def run(points: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="plantroom-start-") as name:
        folder = Path(name)
        plant = Plant(folder, points)
        broker = Mosquitto(folder / "broker", users={}, acl="", options="")
        broker.start()
        bus = Bus(broker.url, client_id="gateway-of-a-bench")
        bus.start()
        assert bus.wait_connected(10)
        live = Live(plant, bus)
        live.start()
        try:
            first = _started(plant, broker.url)
            stopped, before = time.monotonic(), live.count
            eventually(lambda: time.monotonic() - stopped > AWAY_S, 2 * AWAY_S, interval_s=1)
            missed = live.count - before
            again = _started(plant, broker.url)
            return {"first": first, "missed_readings": missed, "again": again}
        finally:
            live.stop()
            bus.stop()
            broker.kill()


def _started(plant: Plant, url: str) -> dict[str, object]:
    """Start it, wait until it has caught up, and kill it."""
    process, began = start(plant, url)
    try:
        took_s = caught_up(plant, process) - (time.time() - time.monotonic()) - began
        used_s = sum(psutil.Process(process.pid).cpu_times()[:2])
        memory = memory_mib(process)
    finally:
        process.kill()
        process.wait(60)
    lines = (plant.folder / "rules.log").read_text().splitlines()
    said = [json.loads(line) for line in lines if '"watching"' in line][-1]
    found = {key: said[key] for key in ("points", "instances", "replayed", "replay_s")}
    return {"caught_up_after_s": round(took_s, 1), "cpu_s": round(used_s, 1), **memory, **found}


def memory_mib(process: subprocess.Popen[bytes]) -> dict[str, int]:
    """Now, and at most."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    kib = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith(("VmRSS", "VmHWM"))}
    return {"memory_mib": kib["VmRSS"] // 1024, "memory_at_most_mib": kib["VmHWM"] // 1024}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=50_000)
    print("load before:", psutil.getloadavg())
    print(json.dumps(run(parser.parse_args().points), indent=2))
    print("load after:", psutil.getloadavg())


if __name__ == "__main__":
    main()
