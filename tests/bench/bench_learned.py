"""Learned conditions: points a second on one core, and what several points together find.

``python -m tests.bench.bench_learned [--seeds 100]``: the tables of docs/detection.md, from that seed on.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable

import numpy as np

from server.rules.learned import baseline, ewma, multivariate, multivariate_training
from server.rules.learned.specs import Baseline, Ewma
from tests.server.rules_learned.plants import PLANTS, plant_run
from tests.server.rules_learned.rigs import FAMILIES, Rig, rig
from tests.server.rules_learned.scoring import score

ROWS = 400_000
BATCH = 5_000
STEP_MS = 10_000
COLUMNS = 8
SEEDS = 8


def _rate(name: str, feed: Callable[[slice], object], count: int) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    for begin in range(0, count, BATCH):
        feed(slice(begin, begin + BATCH))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name:<24}{count / cpu:>14,.0f} samples/s of CPU{count / wall:>14,.0f} samples/s of wall time")


def _line(name: str, runs: Iterable[Rig]) -> None:
    found = score(runs)
    print(
        f"{name:<34}{found.fault_rows:>8.0%}{found.false_rows:>8.0%}{found.f1:>8.2f}{found.before:>8.1%}"
        f"{found.delay_rows:>8.0f}{found.missed_runs:>8.0%}"
    )


def _found(first_seed: int) -> None:
    """What is found, by family."""
    seeds = range(first_seed, first_seed + SEEDS)
    print(f"\n{'':<34}   found   false      F1  before   delay  missed")
    families = {
        name: [rig(name, seed, contaminated=part) for seed in seeds for part in (0.0, 0.1)]
        for name in FAMILIES
    }
    for name, runs in families.items():
        _line(f"rig: {name}", runs)
    _line("all rigs", [run for runs in families.values() for run in runs])
    plants = {
        f"{plant.__name__}: {fault}": [plant_run(plant, fault, seed) for seed in seeds]
        for plant, faults in PLANTS.items()
        for fault in faults
    }
    for name, runs in plants.items():
        _line(name, runs)
    _line("all plants", [run for runs in plants.values() for run in runs])


def main() -> None:
    """Train, then feed batches; then the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=100)
    first_seed = options.parse_args().seeds
    random = np.random.default_rng(1)
    times = np.arange(ROWS, dtype=np.int64) * STEP_MS + 1_760_000_000_000
    values = 20 + 5 * np.sin(times / 1.4e7) + random.normal(0, 1, ROWS)
    week = baseline.Watcher(
        baseline.train(times[:120_000], values[:120_000], "Asia/Shanghai"),
        Baseline(type="baseline", point="p"),
    )
    _rate("baseline", lambda part: week.feed(times[part], values[part]), ROWS)
    spec = Ewma(type="ewma", point="p")
    single = ewma.Watcher(ewma.train(times[:20_000], values[:20_000], spec), spec)
    _rate("ewma", lambda part: single.feed(times[part], values[part]), ROWS)
    rows = random.normal(0, 1, (ROWS // COLUMNS, COLUMNS))
    names = [f"p{index}" for index in range(COLUMNS)]
    model = multivariate_training.train(names, times[:5000], rows[:5000], 16)
    several = multivariate.Watcher(model)
    _rate("multivariate, 8 points", lambda part: several.feed(times[part], rows[part]), len(rows))
    _found(first_seed)


if __name__ == "__main__":
    main()
