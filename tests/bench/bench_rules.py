"""What evaluating rules costs on one core, without broker and database.

``python -m tests.bench.bench_rules [--quick]`` prints the numbers.
"""

from __future__ import annotations

import math
import random
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from server.assets.profiles import Profile, shipped_profiles
from server.rules import memory, snapshot
from server.rules.binding import Around, bind
from server.rules.evaluate import Engine
from server.rules.plan import BoundRule, Plan, WatchedPoint
from server.rules.service import parse_spec, rule_specs
from telemetry.messages import ReadingBatch
from telemetry.reading import Reading
from telemetry.store import open_store

START_MS = 1_750_000_000_000
STEP_MS = 1000


def run(quick: bool) -> dict[str, object]:
    """Readings a second and memory for 5,000 points (full run: also 50,000); about 15 s or 90 s."""
    sizes = [5_000] if quick else [5_000, 50_000]
    return {f"{points}_points": _measure(points, rounds=20 if quick else 60) for points in sizes}


def _measure(points: int, *, rounds: int) -> dict[str, object]:
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    plan = fleet(points)
    engine = Engine()
    began = time.perf_counter()
    engine.load(plan, START_MS)
    loaded_s = time.perf_counter() - began
    engine.feed(_round(plan, 0, swing=0.0))
    after_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    encoded = snapshot.encode(engine.snapshot())
    return {
        "points": len(plan.points),
        "rule_instances": len(plan.rules),
        "load_s": round(loaded_s, 3),
        "memory_mib": round((after_kib - before_kib) / 1024, 1),
        "snapshot_ms": round((time.perf_counter() - began) * 1000, 1),
        "snapshot_kib": len(encoded) // 1024,
        "readings_per_s_nothing_changes": _rate(engine, plan, range(1, rounds), swing=0.0),
        "readings_per_s_one_in_100_crosses": _rate(engine, plan, range(rounds, 2 * rounds), swing=0.01),
        "readings_per_s_decoded_and_evaluated": _decoded_rate(engine, plan, range(2 * rounds, 3 * rounds)),
        "replay_readings_per_s": _replay_rate(plan, 10 if points > 10_000 else 40),
        "no_data_found_within_ms": _silence(plan),
    }


def fleet(points: int) -> Plan:
    """Assets of the shipped profiles with their rules, one after the other, until there are enough points."""
    profiles = list(shipped_profiles().values())
    watched: list[WatchedPoint] = []
    bound: list[BoundRule] = []
    asset = 0
    while len(watched) < points:
        _add(profiles[asset % len(profiles)], asset, watched, bound)
        asset += 1
    return Plan(watched, bound)


def _add(profile: Profile, asset: int, watched: list[WatchedPoint], bound: list[BoundRule]) -> None:
    ids = {spec.key: len(watched) + number for number, spec in enumerate(profile.points)}
    watched += [
        WatchedPoint(ids[spec.key], asset, spec.key, spec.kind, spec.interval_s) for spec in profile.points
    ]
    for number, rule in enumerate(rule_specs(profile)):
        bound.append(bind(number, asset, parse_spec(rule), Around(ids)))


def _round(plan: Plan, number: int, *, swing: float) -> list[Reading]:
    """One reading of every point: quiet noise, or with the chance ``swing`` far out of every band."""
    at_ms, chance = START_MS + number * STEP_MS, random.Random(number).random
    return [Reading(p.id, at_ms, _value(p, number, out=chance() < swing)) for p in plan.points]


def _value(point: WatchedPoint, number: int, *, out: bool) -> float | int:
    if point.kind in ("state", "flags"):
        return 2 if out else 0
    quiet = {"discharge_pressure": 500.0, "suction_pressure": 40.0, "tank_level": 60.0, "power_factor": 0.95}
    middle = quiet.get(
        point.key, 220.0 if "voltage" in point.key else 50.0 if point.key == "frequency" else 1.0
    )
    return 1e6 if out else middle * (1 + 0.001 * math.sin(number + point.id))


def _rate(engine: Engine, plan: Plan, numbers: Sequence[int], *, swing: float) -> int:
    rounds = [_round(plan, number, swing=swing) for number in numbers]
    began = time.perf_counter()
    for readings in rounds:
        engine.advance(readings[0].at_ms - 500)
        engine.feed(readings)
    return round(sum(map(len, rounds)) / (time.perf_counter() - began))


def _decoded_rate(engine: Engine, plan: Plan, numbers: Sequence[int]) -> int:
    """As the process does it: JSON off the bus, sorted by time, evaluated."""
    decoder = msgspec.json.Decoder(ReadingBatch)
    encoded = [
        msgspec.json.encode(ReadingBatch(_round(plan, number, swing=0.0), START_MS)) for number in numbers
    ]
    began = time.perf_counter()
    for payload in encoded:
        readings = decoder.decode(payload).readings
        engine.feed(sorted(readings, key=lambda reading: reading.at_ms))
    return round(len(numbers) * len(plan.points) / (time.perf_counter() - began))


def _replay_rate(plan: Plan, rounds: int) -> int:
    """From the SQLite store, as after a restart."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'readings.db'}")
        for number in range(rounds):
            store.write(_round(plan, number, swing=0.0))
        engine = Engine()
        engine.load(plan, START_MS)
        began = time.perf_counter()
        readings = store.read([p.id for p in plan.points], START_MS, START_MS + rounds * STEP_MS)
        count = memory.replay(engine, readings, lambda _found: None)
        return round(count / (time.perf_counter() - began))


def _silence(plan: Plan) -> float:
    """All points fall silent; the horizon moves in steps of 100 ms as in the process: how late each is told, ms."""
    engine = Engine()
    engine.load(plan, START_MS)
    engine.feed(_round(plan, 0, swing=0.0))
    worst = 0.0
    for step in range(0, 700_000, 100):
        began = time.perf_counter()
        found = engine.advance(START_MS + step)
        spent_ms = (time.perf_counter() - began) * 1000
        late = [START_MS + step - t.at_ms + spent_ms for t in found if t.kind == "raised"]
        worst = max([worst, *late])
    return round(worst, 1)


if __name__ == "__main__":
    print(msgspec.json.format(msgspec.json.encode(run("--quick" in sys.argv)), indent=2).decode())
