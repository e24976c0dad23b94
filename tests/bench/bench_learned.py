"""Points a second through the learned conditions, on one core: ``python -m tests.bench.bench_learned``."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from server.rules.learned import baseline, ewma, multivariate, multivariate_training
from server.rules.learned.specs import Baseline, Ewma

ROWS = 400_000
BATCH = 5_000
STEP_MS = 10_000
COLUMNS = 8


def _rate(name: str, feed: Callable[[slice], object], count: int) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    for begin in range(0, count, BATCH):
        feed(slice(begin, begin + BATCH))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name:<24}{count / cpu:>14,.0f} samples/s of CPU{count / wall:>14,.0f} samples/s of wall time")


def main() -> None:
    """Train, then feed batches."""
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


if __name__ == "__main__":
    main()
