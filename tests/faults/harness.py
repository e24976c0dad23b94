"""Load on a whole installation while its parts are killed, cut off and filled up; then the accounts.

``python -m tests.faults.harness --minutes 10 [--seed N] [--influx]`` runs it by hand (``make faults``); the
same thing for a minute is a part of ``make test``. The order of the faults comes from the seed, which is
printed. ``--influx``: the readings go to a real InfluxDB server, which is killed like everything else.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import signal
import sqlite3
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import psutil

from device_sim.load import Acknowledged, Load, LoadGenerator, load_site, read_ledger
from device_sim.site import SimSite, fleet_site, write_site_file
from telemetry.bus import Bus, delivered
from telemetry.store import open_store, set_up_store
from telemetry.store.contract import ReadingStore, Retention
from telemetry.topics import telemetry
from tests.support.influx import Influx
from tests.support.plantroom import RunningPlantroom
from tests.support.waiting import eventually

LOAD_DEVICES = 50
POINTS = 5
"""Values in a message of the load: the meter's three voltages and two currents."""
KEYS = ("voltage_a", "voltage_b", "voltage_c", "current_a", "current_b")
PROBES = 8
"""Meters that lose a phase at some moment of the run; each must give one alarm and one ticket."""
PROBE_RULE = "phase_loss"
LOST_V = 10.0
SPOOLS_WITHIN_S = 100.0
"""SQLite is waited for 10 s before the store is called away; and after a few deaths in a row the supervisor
pauses for half a minute before it starts a process again."""
SETTLED_WITHIN_S = 150.0


class Plan(NamedTuple):
    """How long and how hard."""

    seconds: float
    rate: float
    """Messages a second of each of the LOAD_DEVICES."""
    seed: int
    spool_max_mb: float
    """Small: the spool fills while the store is away."""
    influx: bool = False
    """Whether readings go to an InfluxDB server instead of SQLite."""
    keep: bool = False
    """Whether files and logs stay when all is over, for looking into."""


class Installed(RunningPlantroom):
    """An installation, and where its readings are."""

    def __init__(self, data: Path, *, environment: dict[str, str], influx: Influx | None) -> None:
        self.influx = influx
        self.store_url = f"sqlite:///{data / 'readings.db'}"
        self.readings: ReadingStore | None = None
        if influx is not None:
            influx.start()
            self.store_url = influx.url("plantroom")
            set_up_store(self.store_url, retention=Retention())
            environment = {**environment, "PLANTROOM_STORE_URL": self.store_url}
        super().__init__(data, environment=environment)

    @contextmanager
    def store_away(self) -> Iterator[None]:
        """Nothing can be written inside: InfluxDB is killed (kill -9), SQLite's file is locked."""
        if self.influx is not None:
            self.influx.kill()
            yield
            self.influx.start()
            return
        lock = sqlite3.connect(self.data / "readings.db", isolation_level=None, timeout=20)
        lock.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            lock.execute("ROLLBACK")
            lock.close()


class Accounts(NamedTuple):
    """What there was at the end."""

    acknowledged: int
    """Messages in the ledger."""
    lost: int
    """Of these, messages of which any reading is not in the store."""
    alarms: dict[str, list[int]]
    """``since`` (ms) of each alarm of the probes' rule, by probe."""
    tickets: dict[str, int]
    expected: dict[str, int]
    """Time of the first crossing of each probe, ms."""
    faults: list[str]
    """What was done, with the second since the start of the load at which it was over."""
    lost_at_s: list[float]
    """The same for each lost message."""
    spool_was_used: bool
    spool_was_full: bool
    letters: int

    @property
    def wrong_alarms(self) -> list[str]:
        """Probes without exactly one alarm of the right time and one ticket."""
        return [
            probe
            for probe, since_ms in self.expected.items()
            if self.alarms.get(probe) != [since_ms] or self.tickets.get(probe) != 1
        ]


class Probe(threading.Thread):
    """A meter that reports ordinary values twice a second, and from its moment on a lost phase.

    A message counts as sent when the broker has acknowledged it; its values carry their own time.
    """

    def __init__(self, bus: Bus, device: str, *, lost_after_s: float) -> None:
        super().__init__(daemon=True)
        self._bus = bus
        self.device = device
        self._lost_after_s = lost_after_s
        self.enough = threading.Event()
        self.first_crossing_ms: int | None = None

    def run(self) -> None:
        began = time.monotonic()
        while not self.enough.wait(0.5):
            is_lost = time.monotonic() - began >= self._lost_after_s
            at_ms = time.time_ns() // 1_000_000
            values = {"voltage_a": 221.0, "voltage_b": 221.0, "voltage_c": LOST_V if is_lost else 221.0}
            payload = json.dumps({"values": values, "at": at_ms}).encode()
            if is_lost and self.first_crossing_ms is None:
                self.first_crossing_ms = at_ms
            self._bus.publish(telemetry(self.device), payload)


class Faults:
    """What is done to the installation, by name."""

    def __init__(self, plantroom: Installed) -> None:
        self._plantroom = plantroom
        self.spool_was_used = False
        self.spool_was_full = False
        self.began_s = time.time()
        self.done: list[str] = []

    def kill(self, name: str) -> None:
        """kill -9; the supervisor starts it again. Returns when it runs again."""
        before = self._find(name)
        before.send_signal(signal.SIGKILL)
        eventually(lambda: self._find(name).pid != before.pid, 90, what=f"{name} runs again")
        self._note(f"{name} killed")

    def kill_broker(self) -> None:
        """kill -9 of the broker while nothing waits in it: the gateway runs and is not behind.

        mosquitto acknowledges before it writes its file. What it has passed on is safe whatever happens to
        it; of what still waits in it, a kill takes what came after its last write
        (tests/deploy/test_broker_crash.py counts that), so one part dies at a time here.
        """
        before = self._find("mosquitto")  # looking takes a while: before, not between asking and killing
        eventually(self._nothing_waits_in_the_broker, SETTLED_WITHIN_S, what="the gateway has caught up")
        before.send_signal(signal.SIGKILL)
        eventually(lambda: self._find("mosquitto").pid != before.pid, 90, what="the broker runs again")
        self._note("mosquitto killed")

    def _nothing_waits_in_the_broker(self) -> bool:
        """Whether what a probe sent in this second is stored: a queue is served in order. One probe, because
        the answer must not take long; a gateway's own readings do not come by the broker."""
        probe = _points(self._plantroom)[probe_meters()[0], KEYS[0]]
        now_ms = time.time_ns() // 1_000_000
        return any(True for _ in _store(self._plantroom).read([probe], now_ms - 1000, now_ms + 1000))

    def restart_broker(self) -> None:
        """An orderly end: it writes its database; the supervisor starts it again."""
        before = self._find("mosquitto")
        before.send_signal(signal.SIGTERM)
        eventually(lambda: self._find("mosquitto").pid != before.pid, 60, what="the broker runs again")
        self._note("broker restarted in order")

    def cut_store(self, and_then: Callable[[], None]) -> None:
        """The store cannot be written until the spool is full, and then something else happens as well."""
        with self._plantroom.store_away():
            # a backlog comes as one batch that may not fit such a small spool at all: full from the start
            eventually(
                lambda: self.health().get("spooled_readings") or self.health().get("spool_full"),
                SPOOLS_WITHIN_S,
                what="it spools",
            )
            self.spool_was_used |= bool(self.health().get("spooled_readings"))
            eventually(lambda: self.health().get("spool_full"), SPOOLS_WITHIN_S, what="the spool is full")
            self.spool_was_full = True
            and_then()
        self._note("store cut and spool filled")

    def kill_influx(self) -> None:
        """kill -9 of the InfluxDB server under load, and started again at once."""
        with self._plantroom.store_away():
            pass
        self._note("influxd killed")

    def _note(self, what: str) -> None:
        self.done.append(f"{time.time() - self.began_s:.1f} s: {what}")

    def health(self) -> dict[str, object]:
        """What the gateway last told, as the server keeps it."""
        with sqlite3.connect(self._plantroom.data / "plantroom.db", timeout=20) as database:
            row = database.execute("SELECT health FROM gateways").fetchone()
        found: dict[str, object] = json.loads(row[0]) if row else {}
        return found

    def _find(self, name: str) -> psutil.Process:
        """The process itself, not the wrapper that ends it with the supervisor."""

        def look() -> psutil.Process | None:
            found = None
            for process in self._plantroom.processes():
                try:
                    line = process.cmdline()
                except psutil.NoSuchProcess:
                    continue
                if any(_is_program(part, name) for part in line) and not any("follow" in p for p in line):
                    found = process
            return found

        return eventually(look, 60, what=f"{name} runs")


def _is_program(part: str, name: str) -> bool:
    return part == name or part.endswith((f"/{name}", f"{name}.main", f" {name}"))


@contextmanager
def installation(plan: Plan) -> Iterator[Installed]:
    """A running ``plantroom up`` that knows the meters of load and probes."""
    folder = Path(tempfile.mkdtemp(prefix="plantroom-faults-"))
    environment = {"PLANTROOM_SPOOL_MAX_MB": str(plan.spool_max_mb)}
    (folder / "influx").mkdir()
    influx = Influx(folder / "influx") if plan.influx else None
    plantroom = Installed(folder / "data", environment=environment, influx=influx)
    try:
        plantroom.start()
        site = folder / "site.yaml"
        # nothing feeds anything: meters that are all silent for a while must not look like a lost supply,
        # which would be one incident with one ticket for all the probes
        write_site_file(replace(fleet(), feeds=()), site)
        outcome = plantroom.command("import", str(site))
        assert outcome.returncode == 0, outcome.stderr
        _wait_known(plantroom, points=(LOAD_DEVICES + PROBES) * len(KEYS))
        yield plantroom
    finally:
        plantroom.close()
        if influx is not None:
            influx.close()
        if plan.keep:
            print(f"kept: {folder}", flush=True)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def fleet() -> SimSite:
    """The meters of the load, and after them those of the probes."""
    return fleet_site("load", {"energy_meter": LOAD_DEVICES + PROBES})


def probe_meters() -> list[str]:
    return [asset.key for asset in fleet().assets[-PROBES:]]


def _wait_known(plantroom: Installed, *, points: int) -> None:
    """Until gateway and rules have learned the site: before that its devices are unknown and unwatched."""

    def has_told(process: str, event: str) -> bool:
        lines = (plantroom.data / "logs" / f"{process}.log").read_text().splitlines()
        return any(json.loads(line)["points"] >= points for line in lines if f'"{event}' in line)

    eventually(lambda: has_told("gateway", "catalogue learned"), 60, what="the gateway knows the site")
    eventually(lambda: has_told("rules", "watching"), 60, what="the rules know the site")


def run(plan: Plan, *, kill_broker: bool = True) -> Accounts:
    """One run with its accounts. ``kill_broker``: kill -9 besides the orderly restart."""
    print(
        f"seed {plan.seed}, {plan.seconds:.0f} s, {plan.rate * LOAD_DEVICES * POINTS:.0f} points/s",
        flush=True,
    )
    with installation(plan) as plantroom:
        try:
            return _run(plan, plantroom, kill_broker=kill_broker)
        except BaseException:
            print(Faults(plantroom).health(), plantroom.logs(40), sep="\n", flush=True)
            raise


def _run(plan: Plan, plantroom: Installed, *, kill_broker: bool) -> Accounts:
    ledger_path = plantroom.data / "ledger.csv"
    load = Load(devices=LOAD_DEVICES, points=POINTS, rate=plan.rate, seconds=plan.seconds)
    faults = Faults(plantroom)
    chance = random.Random(plan.seed)
    with probing(plan, plantroom, chance) as probes, generating(load, plantroom, ledger_path):
        _wreak(plan, faults, chance, kill_broker=kill_broker)
    ledger = list(read_ledger(ledger_path))
    expected = {probe.device: probe.first_crossing_ms for probe in probes if probe.first_crossing_ms}
    _wait_settled(faults, plantroom, expected)
    missing = lost(plantroom, ledger)
    return Accounts(
        acknowledged=len(ledger),
        lost=len(missing),
        lost_at_s=[round(message.at_ms / 1000 - faults.began_s, 2) for message in missing],
        alarms=_alarms(plantroom, expected),
        tickets=_tickets(plantroom, expected),
        expected=expected,
        faults=faults.done,
        spool_was_used=faults.spool_was_used,
        spool_was_full=faults.spool_was_full,
        letters=_letters(plantroom),
    )


def _wreak(plan: Plan, faults: Faults, chance: random.Random, *, kill_broker: bool) -> None:
    """Every fault at least once, in an order of the seed's, as often as the time allows."""
    deadline = time.monotonic() + plan.seconds
    kinds: list[Callable[[], None]] = [
        lambda: faults.kill("gateway"),
        lambda: faults.kill("rules"),
        faults.restart_broker,
        lambda: faults.cut_store(lambda: faults.kill(chance.choice(["gateway", "rules"]))),
    ]
    if kill_broker:
        kinds.append(faults.kill_broker)
    if plan.influx:
        kinds.append(faults.kill_influx)
    while True:
        chance.shuffle(kinds)
        for kind in kinds:
            time.sleep(chance.uniform(0.5, 3.0))
            kind()
        if time.monotonic() > deadline - 30.0:
            return


@contextmanager
def probing(plan: Plan, plantroom: Installed, chance: random.Random) -> Iterator[list[Probe]]:
    """The probes run inside and until all has settled; each loses its phase in the first two thirds."""
    password = (plantroom.data / "secrets" / "mqtt-devices").read_text().strip()
    bus = Bus(
        f"mqtt://127.0.0.1:{plantroom.mqtt_port}",
        client_id="faults-probes",
        username="devices",
        password=password,
    )
    bus.start()
    assert bus.wait_connected(10)
    probes = [
        Probe(bus, device, lost_after_s=chance.uniform(2, plan.seconds * 0.6)) for device in probe_meters()
    ]
    for probe in probes:
        probe.start()
    try:
        yield probes
        last = [bus.publish("plantroom/v1/devices/none/status", b"offline")]
        assert delivered(last, timeout_s=60)  # and so is everything before it
    finally:
        for probe in probes:
            probe.enough.set()
            probe.join(5)
        bus.stop()


@contextmanager
def generating(load: Load, plantroom: Installed, ledger: Path) -> Iterator[None]:
    """The load in its own process; it goes on at least until the faults are over."""
    password = (plantroom.data / "secrets" / "mqtt-devices").read_text().strip()
    context = get_context("spawn")
    over = context.Event()
    arguments = (load, f"mqtt://127.0.0.1:{plantroom.mqtt_port}", password, ledger, over)
    sender = context.Process(target=_generate, args=arguments)
    sender.start()
    try:
        yield
    finally:
        over.set()
        sender.join(90)


def _generate(load: Load, url: str, password: str, ledger: Path, over: threading.Event) -> None:
    endless = load.__class__(load.devices, load.points, load.rate, seconds=24 * 3600.0)
    result = LoadGenerator(endless, url, ledger=ledger, username="devices", password=password).run(over)
    print(result, flush=True)


def _wait_settled(faults: Faults, plantroom: Installed, expected: dict[str, int]) -> None:
    """Until the spool is drained and nothing changes any more. What is missing then is lost."""

    def settled() -> bool:
        health = faults.health()
        return health.get("spooled_readings") == 0 and health.get("in_flight") == 0

    eventually(settled, SETTLED_WITHIN_S, interval_s=0.5, what="the spool is drained")
    known: list[object] = []

    def quiet() -> bool:
        known.append((faults.health().get("messages"), len(_alarms(plantroom, expected))))
        return len(known) > 4 and len(set(known[-4:])) == 1 and not _waiting(plantroom)

    eventually(quiet, SETTLED_WITHIN_S, interval_s=3.0, what="nothing comes any more")


def lost(plantroom: Installed, ledger: list[Acknowledged]) -> list[Acknowledged]:
    """Acknowledged messages of which any reading is missing. None can be there twice: (point, time) is the
    store's key, which the read checks."""
    points = _points(plantroom)
    assert all(message.values == POINTS for message in ledger)
    assert load_site(Load(LOAD_DEVICES, POINTS, 1, 1)).assets[0].key in {asset for asset, _ in points}
    store = _store(plantroom)
    start, end = min(m.at_ms for m in ledger), max(m.at_ms for m in ledger) + 1
    found = Counter((r.point, r.at_ms) for r in store.read(list(points.values()), start, end))
    assert max(found.values()) == 1
    return [m for m in ledger if any((points[m.device, key], m.at_ms) not in found for key in KEYS)]


def _store(plantroom: Installed) -> ReadingStore:
    if plantroom.readings is None:
        plantroom.readings = open_store(plantroom.store_url, read_only=True)
    return plantroom.readings


def _ask(plantroom: Installed, query: str, *values: str) -> list[tuple[str, ...]]:
    with sqlite3.connect(plantroom.data / "plantroom.db", timeout=20) as database:
        return database.execute(query, values).fetchall()


def _points(plantroom: Installed) -> dict[tuple[str, str], int]:
    rows = _ask(plantroom, "SELECT a.key, p.key, p.id FROM points p JOIN assets a ON a.id = p.asset_id")
    return {(asset, key): int(point) for asset, key, point in rows}


def _alarms(plantroom: Installed, expected: dict[str, int]) -> dict[str, list[int]]:
    query = """SELECT a.key, l.since FROM alarms l JOIN assets a ON a.id = l.asset_id WHERE l.rule_key = ?"""
    found: dict[str, list[int]] = {}
    for asset, since in _ask(plantroom, query, PROBE_RULE):
        if asset in expected:
            moment = datetime.fromisoformat(since).replace(tzinfo=UTC)
            found.setdefault(asset, []).append(round(moment.timestamp() * 1000))
    return found


def _waiting(plantroom: Installed) -> bool:
    """Whether an alarm's ticket is still held back: its cause might have been about to report."""
    ((count,),) = _ask(plantroom, "SELECT count(*) FROM alarms WHERE ticket_wait_until IS NOT NULL")
    return int(count) > 0


def _tickets(plantroom: Installed, expected: dict[str, int]) -> dict[str, int]:
    query = """SELECT a.key FROM tickets t JOIN assets a ON a.id = t.asset_id JOIN rules r ON r.id = t.rule_id
               WHERE r.key = ?"""
    return dict(Counter(asset for (asset,) in _ask(plantroom, query, PROBE_RULE) if asset in expected))


def _letters(plantroom: Installed) -> int:
    ((count,),) = _ask(plantroom, "SELECT count(*) FROM dead_letters WHERE topic LIKE '%telemetry'")
    return int(count)


def main() -> None:
    """Run by hand; exit code 1 when anything was lost or wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 100_000)
    parser.add_argument("--no-broker-kill", action="store_true")
    parser.add_argument("--influx", action="store_true", help="readings in a real InfluxDB server")
    parser.add_argument("--keep", action="store_true", help="keep files and logs, and say where")
    arguments = parser.parse_args()
    plan = Plan(arguments.minutes * 60, rate=10.0, seed=arguments.seed, spool_max_mb=0.03)
    plan = plan._replace(influx=arguments.influx, keep=arguments.keep)
    accounts = run(plan, kill_broker=not arguments.no_broker_kill)
    print(json.dumps({**accounts._asdict(), "wrong_alarms": accounts.wrong_alarms}, indent=2))
    raise SystemExit(1 if accounts.lost or accounts.wrong_alarms else 0)


if __name__ == "__main__":
    main()
