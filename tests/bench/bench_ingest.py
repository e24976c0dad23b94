"""Messages a second that a gateway takes without loss and without falling behind, into SQLite and InfluxDB.

``python -m tests.bench.bench_ingest [--seconds N]``: each step sends five-point messages for so long at a
higher rate, from a process of its own, until the gateway cannot keep up. A step counts as sustained when
everything is stored within SETTLED_S of the last message and p99 from publish to stored stays below P99_MS.
What is stored is read back for some devices, all of it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path

import msgspec
import psutil

from telemetry import topics
from telemetry.bus import Bus
from telemetry.messages import ReadingBatch
from telemetry.store import open_store, set_up_store
from telemetry.store.contract import Retention
from tests.bench.bench_gateway_cpu import DEVICES, POINTS, Bench, bench_of, numbered
from tests.bench.raw_sender import send
from tests.gateway.support import connected
from tests.support.influx import Influx

STEPS = (2000, 4000, 6000, 8000, 10_000, 12_000, 15_000, 20_000)
"""Messages a second."""
SETTLED_S = 2.0
P99_MS = 1000
CHECKED_DEVICES = 30

Step = dict[str, float | int | dict[str, float]]


def run(seconds: float) -> dict[str, list[Step]]:
    """All steps up to the first that is not sustained, for both stores."""
    found = {"sqlite": _steps(seconds, None)}
    with tempfile.TemporaryDirectory(prefix="plantroom-bench-") as folder:
        influx = Influx(Path(folder))
        try:
            influx.start()
            found["influxdb"] = _steps(seconds, influx)
        finally:
            influx.close()
    return found


def _steps(seconds: float, influx: Influx | None) -> list[Step]:
    found = []
    for rate in STEPS:
        step = _measure(rate, seconds, influx)
        found.append(step)
        print("influxdb" if influx else "sqlite", step, flush=True)
        if not step["sustained"]:
            break
    return found


def _measure(rate: int, seconds: float, influx: Influx | None) -> Step:
    url = ""
    if influx is not None:
        url = influx.url(f"bench_{rate}")
        set_up_store(url, retention=Retention())
    count = int(rate * seconds)
    with (
        bench_of(url) as bench,
        connected(bench.broker.url, "lags", subscriptions=[topics.readings(0)]) as bus,
    ):
        bench.start_gateway()
        processes = {"gateway": bench.pid, "broker": bench.broker.pid}
        if influx is not None:
            processes["influxd"] = influx.pid
        before = {name: _cpu_s(pid) for name, pid in processes.items()}
        context = get_context("spawn")
        outcome: Queue[float] = context.Queue()
        sender = context.Process(target=_send, args=(bench.broker.url, count, float(rate), outcome))
        sender.start()
        lags: list[int] = []
        while sender.is_alive():
            lags += _lags(bus)
        ended = time.monotonic()
        while bench.stored_messages() < count and time.monotonic() < ended + 60:
            lags += _lags(bus)
        settled_s = time.monotonic() - ended
        took_s = outcome.get(timeout=5)
        lags.sort()
        p99_ms = lags[len(lags) * 99 // 100] if lags else 0
        return {
            "offered_messages_per_s": rate,
            "messages_per_s": round(count / took_s),
            "points_per_s": round(count * POINTS / took_s),
            "stored_s_after_the_last": round(settled_s, 1),
            "missing_of_checked": _missing(bench, url, count),
            "p50_ms": lags[len(lags) // 2] if lags else 0,
            "p99_ms": p99_ms,
            "cores": {
                name: round((_cpu_s(pid) - before[name]) / took_s, 2) for name, pid in processes.items()
            },
            "memory_mb": {
                name: round(psutil.Process(pid).memory_info().rss / 1e6) for name, pid in processes.items()
            },
            "sustained": int(settled_s <= SETTLED_S and p99_ms <= P99_MS and count / took_s > 0.95 * rate),
        }


def _send(url: str, count: int, rate: float, outcome: Queue[float]) -> None:
    outcome.put(send(url, "bench-sender", numbered(count), rate=rate).seconds)


_decode = msgspec.json.Decoder(ReadingBatch).decode


def _lags(bus: Bus) -> list[int]:
    """Milliseconds from publish to stored, of the readings of one shard that came meanwhile."""
    messages = bus.take(timeout_s=0.1)
    found = []
    for message in messages:
        batch = _decode(message.payload)
        found += [batch.stored_ms - reading.at_ms for reading in batch.readings]
    bus.acknowledge(messages)
    return found


def _missing(bench: Bench, url: str, count: int) -> int:
    """Readings of the first devices that are not in the store."""
    store = open_store(url or f"sqlite:///{bench.data / 'readings.db'}", read_only=True)
    points = range(1, CHECKED_DEVICES * POINTS + 1)
    stored = len({(reading.point, reading.at_ms) for reading in store.read(points, 0, 2**60)})
    rounds, rest = divmod(count, DEVICES)
    return (rounds * CHECKED_DEVICES + min(rest, CHECKED_DEVICES)) * POINTS - stored


def _cpu_s(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def main() -> None:
    """Print the numbers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=8.0, help="of each step")
    arguments = parser.parse_args()
    print("load before:", psutil.getloadavg())
    run(arguments.seconds)
    print("load after:", psutil.getloadavg())


if __name__ == "__main__":
    main()
