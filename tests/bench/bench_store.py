"""Writes, queries, roll-ups and bytes per reading of the SQLite store on this machine; of InfluxDB too, if it is
installed.

``python -m tests.bench.bench_store [--quick]``; choices (FULL or NORMAL, batch size, many or few points)
are measured in turns within one run, because the machine's mood changes between runs.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path

from telemetry.reading import Reading
from telemetry.store.contract import Retention
from telemetry.store.rollup import DAY_MS, HOUR_MS, MINUTE_MS
from telemetry.store.sqlite import SqliteStore
from telemetry.store.sqlite_file import Synchronous
from tests.bench import bench_influx

_T0 = 1_767_225_600_000
_KEEP = Retention(raw_days=3660, minute_days=3660, hour_days=3660)

Results = dict[str, float]


def run(quick: bool) -> Results:
    """All measurements by name; the unit is the name's end."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        return {
            **_writes(Path(folder), 100_000 if quick else 500_000),
            **_beside_maintenance(Path(folder), 200_000 if quick else 600_000),
            **_history(Path(folder), 30 if quick else 365),
            **_many_points(Path(folder), 10_000 if quick else 50_000),
            **(bench_influx.run(quick) if shutil.which("influxd") else {}),
        }


def _stream(points: int, per_second: float) -> Iterator[Reading]:
    """Readings of many points as they come in: noisy, two decimals, every point in turn."""
    step = 1000 / per_second
    chance = random.Random(1)
    moment = 0
    while True:
        for point in range(1, points + 1):
            at = _T0 + int(moment * step) + point * 7 % int(step)
            yield Reading(point, at, round(chance.gauss(40 + point % 20, 0.5), 2))
        moment += 1


def _batches(stream: Iterator[Reading], size: int, total: int) -> list[list[Reading]]:
    return [list(islice(stream, size)) for _ in range(total // size)]


def _writes(folder: Path, total: int) -> Results:
    results: Results = {}
    cases: list[tuple[str, int, float, int, Synchronous]] = [
        ("300 points, batches of 5000", 300, 1, 5000, "FULL"),
        ("3000 points, batches of 5000", 3000, 5, 5000, "FULL"),
        ("3000 points, batches of 5000, not synced (NORMAL)", 3000, 5, 5000, "NORMAL"),
        ("3000 points, batches of 500", 3000, 5, 500, "FULL"),
        ("3000 points, batches of 500, not synced (NORMAL)", 3000, 5, 500, "NORMAL"),
        ("15000 points, batches of 2000", 15_000, 1, 2000, "FULL"),
    ]
    for i, (name, points, rate, size, synchronous) in enumerate(cases):
        store = SqliteStore(folder / f"w{i}.db", retention=_KEEP, synchronous=synchronous)
        batches = _batches(_stream(points, rate), size, total)
        took = _seconds(partial(_write_all, store, batches))
        results[f"write {name}, readings/s"] = round(size * len(batches) / took)
        store.close()
    return results


def _write_all(store: SqliteStore, batches: Sequence[list[Reading]]) -> None:
    for batch in batches:
        store.write(batch)


def _beside_maintenance(folder: Path, total: int) -> Results:
    """15,000 readings a second for as long as ``total`` lasts, while passes of maintenance run beside it."""
    path, size, rate = folder / "beside.db", 1000, 15_000
    store = SqliteStore(path, retention=_KEEP)
    batches = _batches(_stream(3000, 5), size, total)
    done = threading.Event()

    def maintain() -> None:
        while not done.wait(1.0):
            store.maintain(_T0 + 30 * MINUTE_MS)

    upkeep = threading.Thread(target=maintain)
    upkeep.start()
    waits: list[float] = []
    began, cpu = time.monotonic(), time.process_time()
    for i, batch in enumerate(batches):
        time.sleep(max(0.0, began + i * size / rate - time.monotonic()))
        waits.append(_seconds(partial(store.write, batch)))
    took, cpu = time.monotonic() - began, time.process_time() - cpu
    done.set()
    upkeep.join()
    store.close()
    centiles = statistics.quantiles(waits, n=100)
    return {
        "paced at 15000/s beside maintenance, readings/s": round(size * len(batches) / took),
        "paced at 15000/s beside maintenance, % of a core": round(100 * cpu / took),
        "paced at 15000/s, write of 1000 p50, ms": round(centiles[49] * 1000, 1),
        "paced at 15000/s, write of 1000 p99, ms": round(centiles[98] * 1000, 1),
        "paced at 15000/s, write of 1000 slowest, ms": round(max(waits) * 1000, 1),
    }


def _history(folder: Path, days: int) -> Results:
    """Some points of a reading a minute for as many days: what history costs, and how fast it is drawn."""
    points, path = 10, folder / "history.db"
    store = SqliteStore(path, retention=_KEEP)
    chance = random.Random(2)
    for day in range(days):
        start = _T0 + day * DAY_MS
        store.write(
            [
                Reading(point, start + i * MINUTE_MS + point, round(40 + chance.gauss(0, 0.5), 2))
                for i in range(1440)
                for point in range(points)
            ]
        )
    total, end = days * 1440 * points, _T0 + days * DAY_MS
    took = _seconds(lambda: store.maintain(end + 2 * HOUR_MS))
    store.close()
    store = SqliteStore(path, retention=_KEEP, read_only=True)
    results: Results = {"pack and roll up, readings/s": round(total / took)}
    for name, length in (("day", 1), ("month", 30), ("year", 365)):
        results[f"series of a {name} at a reading a minute, ms"] = _query_ms(
            partial(_draw, store, end - length * DAY_MS, end)
        )
    month = _seconds(lambda: sum(1 for _ in store.read(range(points), end - 30 * DAY_MS, end)))
    results["read raw, readings/s"] = round(min(days, 30) * 1440 * points / month)
    store.close()
    results["bytes per reading with all its roll-ups"] = round(_used_bytes(path) / total, 1)
    return results


def _draw(store: SqliteStore, start: int, end: int, i: int) -> None:
    store.series(i % 10, start, end)


def _used_bytes(path: Path) -> int:
    """Size without the free pages that the next readings will fill."""
    with closing(sqlite3.connect(path)) as file:
        numbers = [file.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count")]
        return int(numbers[0] - numbers[1]) * int(file.execute("PRAGMA page_size").fetchone()[0])


def _many_points(folder: Path, points: int) -> Results:
    path = folder / "many.db"
    store = SqliteStore(path, retention=_KEEP)
    for batch in _batches(_stream(points, 0.1), 5000, 3 * points):
        store.write(batch)
    results = {
        f"latest of {points} points, fresh, ms": _query_ms(lambda i: store.latest(range(1, points + 1)), 5),
        "latest of 20 points, fresh, ms": _query_ms(lambda i: store.latest(range(i, i + 20))),
        "latest of 20 points, one silent, fresh, ms": _query_ms(lambda i: store.latest(range(i - 5, i + 15))),
    }
    store.maintain(_T0 + 2 * HOUR_MS)
    results |= {
        f"latest of {points} points, packed, ms": _query_ms(lambda i: store.latest(range(1, points + 1)), 5),
        "latest of 20 points, packed, ms": _query_ms(lambda i: store.latest(range(i, i + 20))),
    }
    store.close()
    return results


def _query_ms(query: Callable[[int], object], times: int = 20) -> float:
    """Median of several runs with different arguments, milliseconds."""
    took = [_seconds(partial(query, i)) for i in range(1, times + 1)]
    return round(statistics.median(took) * 1000, 1)


def _seconds(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(run("--quick" in sys.argv), indent=2))
