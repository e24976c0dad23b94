"""What evaluating rules costs on one core, without broker and database.

Every asset has the shipped rules of its profile, and rules of the other kinds on top until there are two
rules a point. Rates are given by the clock and, as the machine may be shared, by CPU time (``_cpu``).

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
from functools import cache
from pathlib import Path

import msgspec

from server.assets.profiles import Profile, shipped_profiles
from server.rules import memory, snapshot
from server.rules.binding import Around, ParsedRule, bind, parse_rule
from server.rules.checking import parse_spec
from server.rules.evaluate import Engine
from server.rules.order import InOrder
from server.rules.plan import BoundRule, Plan, WatchedPoint
from server.rules.shipped import rule_specs
from telemetry.messages import ReadingBatch
from telemetry.reading import Reading
from telemetry.store import open_store

START_MS = 1_750_000_000_000
STEP_MS = 1000


def run(quick: bool) -> dict[str, object]:
    """Readings a second and memory for 5,000 points (full run: also 50,000); about 20 s or 120 s."""
    sizes = [5_000] if quick else [5_000, 50_000]
    return {f"{points}_points": _measure(points, rounds=20 if quick else 10) for points in sizes}


def _measure(points: int, *, rounds: int) -> dict[str, object]:
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    plan = fleet(points)
    engine = Engine()
    began = time.process_time()
    engine.load(plan, START_MS)
    loaded_s = time.process_time() - began
    engine.feed(_round(plan, 0, swing=0.0))
    after_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    encoded = snapshot.encode(engine.snapshot())
    kept_s = time.process_time() - began
    began = time.process_time()
    other = Engine()
    other.load(plan, START_MS)
    other.restore(snapshot.decode(encoded), START_MS)
    started_s = time.process_time() - began
    return {
        "points": len(plan.points),
        "rule_instances": len(plan.rules),
        "load_cpu_s": round(loaded_s, 3),
        "load_and_restore_cpu_s": round(started_s, 3),
        "memory_mib": round((after_kib - before_kib) / 1024, 1),
        "snapshot_cpu_ms": round(kept_s * 1000, 1),
        "snapshot_kib": len(encoded) // 1024,
        **_rates("readings_per_s_nothing_changes", _rate(engine, plan, range(1, rounds), swing=0.0)),
        **_rates(
            "readings_per_s_1_in_100_crosses", _rate(engine, plan, range(rounds, 2 * rounds), swing=0.01)
        ),
        **_rates(
            "readings_per_s_decoded_ordered_evaluated",
            _decoded_rate(engine, plan, range(2 * rounds, 3 * rounds)),
        ),
        **_rates("replay_readings_per_s", _replay_rate(plan, 10 if points > 10_000 else 40)),
        "no_data_found_within_ms_at_10000_points": _silence(fleet(10_000)),
    }


def fleet(points: int) -> Plan:
    """Assets of the shipped profiles with their rules, one after the other, until there are enough points."""
    profiles = list(shipped_profiles().values())
    watched: list[WatchedPoint] = []
    bound: list[BoundRule] = []
    asset = 0
    while len(watched) < points:
        first = len(watched)
        _add(profiles[asset % len(profiles)], asset, watched, bound)
        own = watched[first:]
        bound += _more(own, 2 * len(watched) - len(bound))
        asset += 1
    return Plan(watched, bound)


def _more(points: list[WatchedPoint], wanted: int) -> list[BoundRule]:
    """Rules of the kinds that the profiles use little, on the numbers of one asset."""
    ids = {point.key: point.id for point in points}
    numbers = [point.key for point in points if point.kind == "analog"]
    if len(numbers) < 2:
        return []
    found: list[BoundRule] = []
    for number in range(wanted):
        key, other = numbers[number % len(numbers)], numbers[(number + 1) % len(numbers)]
        parsed = _PARSED[number % len(_PARSED)](key, other)
        found.append(bind(1000 + number, points[0].asset, parsed, Around(ids)))
    return found


@cache
def _band(key: str, _other: str) -> ParsedRule:
    return parse_rule({"type": "band", "point": key, "low": -1e5, "high": 1e5}, on_delay_s=60)


@cache
def _stepped(key: str, _other: str) -> ParsedRule:
    limit = {"type": "limit", "point": key, "high": 1e4}
    higher = {"severity": "high", "when": {**limit, "high": 1e5}, "after_s": 60}
    return parse_rule(limit, on_delay_s=60, steps=[higher])


@cache
def _rising(key: str, _other: str) -> ParsedRule:
    return parse_rule({"type": "rate", "point": key, "over_s": 300, "high": 1e6})


@cache
def _apart(key: str, other: str) -> ParsedRule:
    return parse_rule({"type": "deviation", "point": key, "reference": other, "more_than": 1e5})


@cache
def _own_silence(key: str, _other: str) -> ParsedRule:
    return parse_rule({"type": "no_data", "point": key, "after_s": 600})


_PARSED = [_band, _stepped, _band, _own_silence, _rising, _stepped, _apart, _band, _own_silence, _band]


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


def value_of(key: str, kind: str, point: int, number: int) -> float | int:
    """A quiet value: within all limits, and another each time."""
    if kind in ("state", "flags"):
        return 0
    quiet = {"discharge_pressure": 500.0, "suction_pressure": 40.0, "tank_level": 60.0, "power_factor": 0.95}
    middle = quiet.get(key, 220.0 if "voltage" in key else 50.0 if key == "frequency" else 1.0)
    return middle * (1 + 0.001 * math.sin(number + point))


def _value(point: WatchedPoint, number: int, *, out: bool) -> float | int:
    if out:
        return 2 if point.kind in ("state", "flags") else 1e6
    return value_of(point.key, point.kind, point.id, number)


class Spent:
    """Time since it was made, by the clock and of the CPU."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def rates(self, count: int) -> tuple[int, int]:
        """``count`` things a second, by the clock and by CPU time."""
        return (
            round(count / (time.perf_counter() - self._wall)),
            round(count / (time.process_time() - self._cpu)),
        )


def _rates(name: str, found: tuple[int, int]) -> dict[str, int]:
    return {name: found[0], f"{name}_cpu": found[1]}


def _rate(engine: Engine, plan: Plan, numbers: Sequence[int], *, swing: float) -> tuple[int, int]:
    rounds = [_round(plan, number, swing=swing) for number in numbers]
    spent = Spent()
    for readings in rounds:
        engine.advance(readings[0].at_ms - 500)
        engine.feed(readings)
    return spent.rates(sum(map(len, rounds)))


def _decoded_rate(engine: Engine, plan: Plan, numbers: Sequence[int]) -> tuple[int, int]:
    """As the process does it: JSON off the bus, put in order, evaluated."""
    decoder = msgspec.json.Decoder(ReadingBatch)
    encoded = [
        msgspec.json.encode(ReadingBatch(_round(plan, number, swing=0.0), START_MS)) for number in numbers
    ]
    order, spent = InOrder(), Spent()
    for payload in encoded:
        readings = decoder.decode(payload).readings
        order.put(readings)
        engine.feed(order.take(readings[0].at_ms))
    return spent.rates(len(numbers) * len(plan.points))


def _replay_rate(plan: Plan, rounds: int) -> tuple[int, int]:
    """From the SQLite store, as after a restart."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'readings.db'}")
        for number in range(rounds):
            store.write(_round(plan, number, swing=0.0))
        engine = Engine()
        engine.load(plan, START_MS)
        spent = Spent()
        readings = store.read([p.id for p in plan.points], START_MS, START_MS + rounds * STEP_MS)
        return spent.rates(memory.replay(engine, readings, lambda _found: None))


def _silence(plan: Plan) -> float:
    """All points fall silent; the horizon moves in steps of 100 ms as in the process: how late each is told, ms."""
    engine = Engine()
    engine.load(plan, START_MS)
    engine.feed(_round(plan, 0, swing=0.0))
    worst = 0.0
    for step in range(0, 700_000, 100):
        began = time.process_time()
        found = engine.advance(START_MS + step)
        spent_ms = (time.process_time() - began) * 1000
        late = [START_MS + step - t.at_ms + spent_ms for t in found if t.kind == "raised"]
        worst = max([worst, *late])
    return round(worst, 1)


if __name__ == "__main__":
    print(msgspec.json.format(msgspec.json.encode(run("--quick" in sys.argv)), indent=2).decode())
