"""How long the rules process takes to start in a large plant: ``python -m tests.bench.bench_rules_start``.

The real process with a real broker, a SQLite database and a SQLite store: from its start, first without
a memory and then with that of 100 s ago and the readings since, until it has caught up.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
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
from server.rules.service import seed
from telemetry import topics
from telemetry.bus import Bus, delivered
from telemetry.messages import GatewayHealth
from telemetry.reading import Reading
from telemetry.store import open_store
from tests.bench.bench_rules import value_of
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

EVERY_MS = 8000
BACKLOG_MS = 100_000
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
            return [row.tuple() for row in rows]


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


def caught_up(plant: Plant, bus: Bus, started_ms: int) -> float:
    """Waits until the process is less than a second behind; gives the time of the beat that says so, epoch s."""
    began = utc_now()

    def is_there() -> float | None:
        publish_life(bus, started_ms)
        with reading(plant.sessions) as session:
            beat = last_beat(session, "rules")
        if beat is None or beat.at < began or beat.detail.get("behind_ms") is None:
            return None
        return beat.at.timestamp() if int(str(beat.detail["behind_ms"])) < 1000 else None

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
    assert delivered([bus.publish(topics.gateway_health("bench"), payload, retain=True)], timeout_s=5)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def fill(plant: Plant, until_ms: int, rounds: int) -> int:
    """So many readings of each point, the last one at ``until_ms``; how many in all."""
    store, points, count = open_store(plant.store_url), plant.points(), 0
    for number in range(rounds):
        at_ms = until_ms - (rounds - 1 - number) * EVERY_MS
        readings = [
            Reading(point, at_ms - point % EVERY_MS, value_of(key, kind, point, number))
            for point, key, kind in points
        ]
        store.write(sorted(readings, key=lambda one: one.at_ms))
        count += len(readings)
    return count


def run(points: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="plantroom-start-") as name:
        folder = Path(name)
        plant = Plant(folder, points)
        broker = Mosquitto(folder / "broker", users={}, acl="", options="")
        broker.start()
        bus = Bus(broker.url, client_id="gateway-of-a-bench")
        bus.start()
        assert bus.wait_connected(10)
        try:
            return {**_first(plant, bus, broker.url), **_again(plant, bus, broker.url)}
        finally:
            bus.stop()
            broker.kill()


def _first(plant: Plant, bus: Bus, url: str) -> dict[str, object]:
    readings, started_ms = fill(plant, now_ms(), 8), now_ms() - 3_600_000
    process, began = start(plant, url)
    offset = time.time() - time.monotonic()
    took_s = caught_up(plant, bus, started_ms) - offset - began
    found: dict[str, object] = {"readings_in_the_store": readings, "first_start_s": round(took_s, 1)}
    found |= {f"first_{key}": value for key, value in memory_mib(process).items()}
    process.terminate()
    process.wait(60)
    return found


def _again(plant: Plant, bus: Bus, url: str) -> dict[str, object]:
    stopped_ms = now_ms()
    # what the gateway stored while nobody evaluated: of times yet to come, which then are waited for
    count = fill(plant, stopped_ms + BACKLOG_MS, round(BACKLOG_MS / EVERY_MS))
    eventually(
        lambda: now_ms() > stopped_ms + BACKLOG_MS, 200, interval_s=1, what="the backlog is of the past"
    )
    process, began = start(plant, url)
    offset = time.time() - time.monotonic()
    took_s = caught_up(plant, bus, stopped_ms - 3_600_000) - offset - began
    used = sum(psutil.Process(process.pid).cpu_times()[:2])
    found = {"backlog": count, "start_with_backlog_s": round(took_s, 1), "of_it_cpu_s": round(used, 1)}
    found |= memory_mib(process)
    process.terminate()
    process.wait(60)
    said = [
        json.loads(line) for line in (plant.folder / "rules.log").read_text().splitlines() if line[:1] == "{"
    ]
    watching = [line for line in said if line.get("event") == "watching"]
    return {**found, "said": watching[-1:]}


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
