"""Writes, queries and roll-ups of the InfluxDB store on this machine: Debian's influxd behind the tests' proxy.

``python -m tests.bench.bench_influx [--quick]``; also part of bench_store. The proxy adds about a millisecond
to each request.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil

from telemetry.reading import Reading
from telemetry.store import set_up_store
from telemetry.store.contract import Retention
from telemetry.store.influx import InfluxStore
from telemetry.store.rollup import DAY_MS, HOUR_MS, MINUTE_MS
from tests.support.influx import Influx

_KEEP = Retention(raw_days=3660, minute_days=3660, hour_days=3660)
_NOW = time.time_ns() // 1_000_000 // HOUR_MS * HOUR_MS

Results = dict[str, float]


def run(quick: bool) -> Results:
    """All measurements by name; the unit is the name's end."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        influx = Influx(Path(folder).resolve())
        try:
            influx.start()
            return {
                **_writes(influx, 100_000 if quick else 500_000),
                **_history(influx, 30 if quick else 365),
            }
        finally:
            influx.close()


def _open(influx: Influx, database: str) -> InfluxStore:
    set_up_store(influx.url(database), retention=_KEEP)
    return InfluxStore(
        influx.url(database), retention=_KEEP, describe=lambda point: ("asset", f"key-{point}")
    )


def _writes(influx: Influx, total: int) -> Results:
    """3000 points, five readings a second each, as they come in now."""
    store, size = _open(influx, "writes"), 5000
    batches = [
        [
            Reading(p % 3000, _NOW + (n * size + p) // 3000 * 200, round(40 + p % 7 * 0.31, 2))
            for p in range(size)
        ]
        for n in range(total // size)
    ]
    server = psutil.Process(influx.pid)
    before, own = server.cpu_times(), time.process_time()
    took = _seconds(lambda: [store.write(batch) for batch in batches])
    after, own = server.cpu_times(), time.process_time() - own
    latest = _query_ms(lambda _: store.latest(range(3000)), 5)
    store.close()
    cpu = after.user + after.system - before.user - before.system
    return {
        "influx: write 3000 points, batches of 5000, readings/s": round(total / took),
        "influx: CPU of the server, us a reading": round(cpu / total * 1e6, 1),
        "influx: CPU of the writer and the proxy, us a reading": round(own / total * 1e6, 1),
        "influx: latest of 3000 points, ms": latest,
    }


def _history(influx: Influx, days: int) -> Results:
    """Five points of a reading a minute for as many days, ending two hours ago."""
    points, end = 5, _NOW - 2 * HOUR_MS
    store = _open(influx, "history")
    for day in range(days, 0, -1):
        start = end - day * DAY_MS
        store.write(
            [
                Reading(point, start + i * MINUTE_MS, round(40 + i % 13 * 0.17, 2))
                for i in range(1440)
                for point in range(points)
            ]
        )
    total = days * 1440 * points
    took = _seconds(lambda: store.maintain(_NOW))
    results: Results = {"influx: roll up, readings/s": round(total / took)}
    for name, length in (("day", 1), ("month", 30), ("year", 365)):
        draw = partial(_draw, store, end - length * DAY_MS, end)
        results[f"influx: series of a {name} at a reading a minute, ms"] = _query_ms(draw)
    month = _seconds(lambda: sum(1 for _ in store.read(range(points), end - 30 * DAY_MS, end)))
    results["influx: read raw, readings/s"] = round(min(days, 30) * 1440 * points / month)
    store.close()
    return results


def _draw(store: InfluxStore, start: int, end: int, i: int) -> None:
    store.series(i % 5, start, end)


def _query_ms(query: Callable[[int], object], times: int = 20) -> float:
    """Median of several runs with different arguments, milliseconds."""
    return round(statistics.median(_seconds(partial(query, i)) for i in range(times)) * 1000, 1)


def _seconds(what: Callable[[], object]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(run("--quick" in sys.argv), indent=2))
