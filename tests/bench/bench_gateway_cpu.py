"""The gateway's CPU time for a five-point message, over the whole way: receive, decode, resolve, calibrate,
check, dedupe, store, publish, acknowledge, with everything else its process does meanwhile.

``python -m tests.bench.bench_gateway_cpu [--seconds N] [--store URL]``. CPU time of the process, user and
system, so that other work on the machine hardly shows. Two figures: with the store's write, and without it
(what a store costs depends on the store). ``backlog`` is a gateway that has as much to do as it can: the
messages wait in the broker when it starts. The others are paced.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import msgspec
import psutil

from telemetry import topics
from telemetry.messages import PointEntry
from tests.bench.raw_sender import send
from tests.bench.timed_gateway import EVERY_S, Sample
from tests.gateway.support import connected, entries, publish_catalogue
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

DEVICES = 600
POINTS = 5
BACKLOG_RATE = 6000
"""Messages queued for each second of the measurement."""
RATES = (1000, 3000)
GATEWAY = "bench"

Costs = dict[str, object]


def run(seconds: float, *, store_url: str = "") -> dict[str, Costs]:
    """Costs with a backlog and at each rate; takes about ``seconds`` for each of them."""
    found = {"backlog": backlog(int(BACKLOG_RATE * seconds), store_url=store_url)}
    for rate in RATES:
        found[f"{rate}_messages_a_second"] = paced(rate, seconds, store_url=store_url)
    return found


def backlog(count: int, *, store_url: str = "") -> Costs:
    """A gateway that finds ``count`` messages in the broker."""
    with bench_of(store_url) as bench:
        with connected(
            bench.broker.url, f"plantroom-gateway-{GATEWAY}", subscriptions=[topics.ALL_DEVICES], keep=True
        ):
            pass
        _in_a_process(bench.broker.url, count, None)
        bench.start_gateway()
        return bench.measure(count)


def paced(rate: float, seconds: float, *, store_url: str = "") -> Costs:
    """A gateway that gets ``rate`` messages a second."""
    count = int(rate * seconds)
    with bench_of(store_url) as bench:
        bench.start_gateway()
        _in_a_process(bench.broker.url, count, rate)
        return bench.measure(count)


class Bench:
    """A broker with the points known, and a gateway once it is started."""

    def __init__(self, folder: Path, broker: Mosquitto, store_url: str) -> None:
        self.broker = broker
        self._folder = folder
        self._samples = folder / "samples"
        self._store_url = store_url
        self.gateway: subprocess.Popen[bytes] | None = None

    def start_gateway(self) -> None:
        environment = {
            **os.environ,
            "PLANTROOM_MQTT_URL": self.broker.url,
            "PLANTROOM_DATA": str(self._folder / "data"),
            "PLANTROOM_GATEWAY": GATEWAY,
            **({"PLANTROOM_STORE_URL": self._store_url} if self._store_url else {}),
        }
        with (self._folder / "gateway.log").open("wb") as log:
            self.gateway = subprocess.Popen(
                [sys.executable, "-m", "tests.bench.timed_gateway", str(self._samples)],
                env=environment,
                stderr=log,
            )
        eventually(lambda: "connected and working" in (self._folder / "gateway.log").read_text())

    @property
    def data(self) -> Path:
        return self._folder / "data"

    @property
    def pid(self) -> int:
        assert self.gateway is not None, "the gateway was not started"
        return self.gateway.pid

    def stored_messages(self) -> int:
        """How many messages the gateway had finished a quarter of a second ago."""
        known = self.samples()
        return known[-1].messages if known else 0

    def samples(self) -> list[Sample]:
        lines = self._samples.read_bytes().splitlines() if self._samples.exists() else []
        return [msgspec.json.decode(line, type=Sample) for line in lines[:-1]]

    def measure(self, count: int) -> Costs:
        """From before the first message, connecting and learning the points included, to after the last."""
        eventually(lambda: any(each.messages >= count for each in self.samples()), 600, interval_s=0.5)
        samples = self.samples()
        first = samples[0]
        last = next(sample for sample in samples if sample.messages >= count)
        messages = last.messages

        def each(cpu_s: float) -> float:
            return round(cpu_s / messages * 1e6, 1)

        total = each(last.process_cpu_s - first.process_cpu_s)
        store = each(last.store_cpu_s - first.store_cpu_s)
        took_s = last.at_s - next(sample.at_s for sample in samples if sample.messages) + EVERY_S
        return {
            "messages": messages,
            "messages_per_s": round(messages / took_s),
            "cpu_us_per_message": total,
            "of_it_writing_to_the_store": store,
            "without_the_store": round(total - store, 1),
            "messages_a_core_carries_per_s": round(1e6 / total),
            "without_the_store_per_s": round(1e6 / max(0.1, total - store)),
            "messages_in_a_batch": round(messages / max(1, last.writes - first.writes)),
            "memory_mb": round(last.rss_mb),
            "readings_lost": count * POINTS - last.readings,
            "by_thread": {
                name.rsplit("-", 1)[0]: each(cpu - first.threads.get(name, 0.0))
                for name, cpu in last.threads.items()
                if cpu - first.threads.get(name, 0.0) > 0.005 * (last.process_cpu_s - first.process_cpu_s)
            },
        }


@contextmanager
def bench_of(store_url: str, *, points: Sequence[PointEntry] = ()) -> Iterator[Bench]:
    """``points``: what the gateway knows; DEVICES devices of POINTS points unless given."""
    with tempfile.TemporaryDirectory(prefix="plantroom-bench-") as name:
        folder = Path(name)
        # queueing is what is to be measured, not how often the broker saves its queue
        broker = Mosquitto(
            folder / "broker",
            users={},
            acl="",
            options="max_queued_messages 2000000\nmax_inflight_messages 10000",
        )
        broker.start()
        bench = Bench(folder, broker, store_url)
        try:
            with connected(broker.url, "bench") as bus:
                publish_catalogue(bus, points or entries(DEVICES, points=POINTS))
            yield bench
        finally:
            if bench.gateway:
                bench.gateway.terminate()
                bench.gateway.wait(20)
            broker.kill()


def _in_a_process(url: str, count: int, rate: float | None) -> None:
    sender = get_context("spawn").Process(target=publish, args=(url, count, rate))
    sender.start()
    sender.join()


def publish(url: str, count: int, rate: float | None) -> None:
    send(url, "bench-sender", numbered(count), rate=rate)


def numbered(count: int) -> Iterator[tuple[str, bytes]]:
    names = [topics.telemetry(f"device-{device}") for device in range(DEVICES)]
    last_ms = [0] * DEVICES
    for number in range(count):
        device = number % DEVICES
        # (point, time) is the identity of a reading: no two of a device in one millisecond
        at_ms = last_ms[device] = max(time.time_ns() // 1_000_000, last_ms[device] + 1)
        values = {f"p{point}": number % 997 + point / 8 for point in range(POINTS)}
        yield names[device], msgspec.json.encode({"values": values, "at": at_ms})


def main() -> None:
    """Print the numbers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20.0, help="of each measurement")
    parser.add_argument("--store", default="", help="PLANTROOM_STORE_URL; SQLite unless given")
    parser.add_argument("--only-backlog", action="store_true")
    arguments = parser.parse_args()
    print("load before:", psutil.getloadavg())
    found = (
        {"backlog": backlog(int(BACKLOG_RATE * arguments.seconds), store_url=arguments.store)}
        if arguments.only_backlog
        else run(arguments.seconds, store_url=arguments.store)
    )
    print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    print("load after:", psutil.getloadavg())


if __name__ == "__main__":
    main()
