"""Three and ten times the sustained load: what is taken, what waits where, what is thrown away, how long draining takes.

``python -m tests.bench.bench_overload [--seconds N]`` prints the numbers. The messages come from a process that
costs little, so that the broker gets more than a gateway can take; mosquitto is configured as shipped. What its
queue cannot hold it throws away although the device saw it acknowledged; that the gateway tells how much
is the shedding that a person sees.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import takewhile
from multiprocessing import get_context
from multiprocessing.queues import Queue
from pathlib import Path

import msgspec
import psutil

from telemetry import topics
from telemetry.bus import Bus
from telemetry.messages import GatewayHealth
from telemetry.store import open_store
from tests.bench.bench_gateway_cpu import DEVICES, POINTS, numbered
from tests.bench.raw_sender import Sent, send
from tests.gateway.support import GatewayProcess, connected, entries, publish_catalogue
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

SUSTAINED = 3_000
"""Messages a second, five points each: the 15,000 points a second that one node shall carry."""
DRAINED_WITHIN_S = 240.0


def run(seconds: float) -> dict[str, object]:
    """Both factors, each for so long, and what draining takes."""
    return {f"{factor}_times": overload(factor, seconds=seconds) for factor in (3, 10)}


def overload(factor: float, *, seconds: float) -> dict[str, float]:
    """One gateway under ``factor`` times the sustained load; how it went and what was lost."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        options = "max_inflight_messages 10000\nsys_interval 1"
        broker = Mosquitto(folder / "broker", users={}, acl="", options=options)
        gateway = GatewayProcess(broker.url, folder / "data")
        broker.start()
        try:
            return _measure(broker, gateway, factor * SUSTAINED, seconds)
        finally:
            gateway.kill()
            broker.kill()


def _measure(broker: Mosquitto, gateway: GatewayProcess, rate: float, seconds: float) -> dict[str, float]:
    with connected(broker.url, "bench", subscriptions=[topics.ALL_GATEWAY_HEALTH]) as bus:
        publish_catalogue(bus, entries(DEVICES, points=POINTS))
        gateway.start()
        watch = _Watch(gateway, bus)
        watch.start()
        eventually(lambda: watch.health and watch.health.online)
        outcome: Queue[Sent] = get_context("spawn").Queue()
        sender = get_context("spawn").Process(target=_send, args=(broker.url, rate, seconds, outcome))
        sender.start()
        sent = outcome.get(timeout=seconds + 120)
        sender.join(10)
        ended = time.monotonic()
        stored = _wait_stored(gateway, watch, sent.acknowledged)
        drained_s = time.monotonic() - ended
        watch.enough.set()
        watch.join()
    dropped = watch.health.broker_dropped or 0 if watch.health else 0
    return {
        "offered_messages_per_s": rate,
        "acknowledged_messages": sent.acknowledged,
        "acknowledged_per_s": round(sent.acknowledged / sent.seconds),
        "stored_messages": stored,
        "told_as_dropped_by_the_broker": dropped,
        "lost_untold": sent.acknowledged - stored - dropped,
        "drained_s_after_the_end": round(drained_s, 1),
        "most_waiting_in_the_broker": watch.most_waiting,
        "gateway_memory_mb": watch.most_mb,
        "gateway_alive": float(gateway.process.poll() is None),
    }


class _Watch(threading.Thread):
    """The most memory that the gateway had, and what it tells of itself and of the broker."""

    def __init__(self, gateway: GatewayProcess, bus: Bus) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(gateway.process.pid)
        self._bus = bus
        self.enough = threading.Event()
        self.health: GatewayHealth | None = None
        self.most_mb = self.most_waiting = 0

    def run(self) -> None:
        while not self.enough.is_set():
            messages = self._bus.take(timeout_s=0.5)
            for message in messages:
                self.health = msgspec.json.decode(message.payload, type=GatewayHealth)
                self.most_waiting = max(self.most_waiting, self.health.broker_waiting or 0)
            self._bus.acknowledge(messages)
            self.most_mb = max(self.most_mb, round(self._process.memory_info().rss / 1e6))


def _send(url: str, rate: float, seconds: float, outcome: Queue[Sent]) -> None:
    os.nice(5)  # devices are other machines: they take no time from those that are measured
    until = time.monotonic() + seconds
    messages: Iterator[tuple[str, bytes]] = numbered(int(rate * seconds))
    in_time = takewhile(lambda _: time.monotonic() < until, messages)
    outcome.put(send(url, "bench-sender", in_time, rate=rate))


def _wait_stored(gateway: GatewayProcess, watch: _Watch, acknowledged: int) -> int:
    """Messages in the store when nothing comes any more."""
    store = open_store(f"sqlite:///{gateway.data / 'readings.db'}", read_only=True)
    last_of_each = range(POINTS, DEVICES * POINTS + 1, POINTS)
    deadline, before = time.monotonic() + DRAINED_WITHIN_S, -1
    while True:
        told = watch.health.broker_dropped or 0 if watch.health else 0
        found = len({(r.point, r.at_ms) for r in store.read(last_of_each, 0, 2**60)})
        is_quiet = found == before and watch.health is not None and not watch.health.in_flight
        if found + told >= acknowledged or time.monotonic() > deadline or is_quiet:
            return found
        before = found
        time.sleep(6.0)  # longer than the gateway takes to tell how it is


def main() -> None:
    """Print the numbers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=120.0, help="of each overload")
    arguments = parser.parse_args()
    print("load before:", psutil.getloadavg())
    print(msgspec.json.format(msgspec.json.encode(run(arguments.seconds)), indent=2).decode())
    print("load after:", psutil.getloadavg())


if __name__ == "__main__":
    main()
