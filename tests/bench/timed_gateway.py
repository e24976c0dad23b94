"""The real gateway in a process that writes down, four times a second, where its CPU time went.

Run by the benches: ``python -m tests.bench.timed_gateway SAMPLES``; settings from the environment.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import IO

import msgspec
import psutil

from gateway import log
from gateway.catalogue import PointCatalogue
from gateway.gateway import Gateway
from gateway.main import tame_collector
from gateway.settings import GatewaySettings
from telemetry.reading import Reading
from telemetry.settings import secret
from telemetry.store import open_store
from telemetry.store.contract import Maintained, ReadingStore, Series

EVERY_S = 0.25


class Sample(msgspec.Struct, frozen=True):
    """Totals since the start; CPU in seconds, user and system together."""

    at_s: float
    messages: int
    readings: int
    process_cpu_s: float
    store_cpu_s: float
    """Inside of the store's ``write``: turning readings into rows or lines, and the driver's work."""
    writes: int
    rss_mb: float
    threads: dict[str, float]
    """CPU by thread name."""


class TimedStore:
    """A store, and how much CPU its writes took."""

    def __init__(self, store: ReadingStore) -> None:
        self._store = store
        self.write_cpu_s = 0.0
        self.writes = 0

    def write(self, readings: Sequence[Reading]) -> None:
        began = time.thread_time()
        try:
            self._store.write(readings)
        finally:
            self.write_cpu_s += time.thread_time() - began
            self.writes += 1

    def read(self, points: Collection[int], start_ms: int, end_ms: int) -> Iterator[Reading]:
        return self._store.read(points, start_ms, end_ms)

    def series(self, point: int, start_ms: int, end_ms: int, *, max_samples: int = 2000) -> Series:
        return self._store.series(point, start_ms, end_ms, max_samples=max_samples)

    def latest(self, points: Collection[int]) -> dict[int, Reading]:
        return self._store.latest(points)

    def maintain(self, now_ms: int) -> Maintained:
        return self._store.maintain(now_ms)


def main() -> None:
    """Until SIGTERM."""
    settings = GatewaySettings()
    log.configure(settings.log_level)
    settings.data.mkdir(parents=True, exist_ok=True)
    catalogue = PointCatalogue()
    store = TimedStore(
        open_store(
            settings.store_url,
            retention=settings.retention,
            token=secret(settings.store_token),
            describe=catalogue.names_of,
        )
    )
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    gateway = Gateway(settings, store, stop, catalogue=catalogue)
    gateway.open()
    with Path(sys.argv[1]).open("wb") as samples:
        watch = _Watch(samples, gateway, store)
        watch.take()  # the modules are loaded, and nothing was done yet
        threading.Thread(target=watch.run, args=(stop,), daemon=True).start()
        tame_collector()
        gateway.run()


class _Watch:
    def __init__(self, samples: IO[bytes], gateway: Gateway, store: TimedStore) -> None:
        self._samples = samples
        self._gateway = gateway
        self._store = store
        self._process = psutil.Process()

    def run(self, stop: threading.Event) -> None:
        while not stop.wait(EVERY_S):
            self.take()

    def take(self) -> None:
        """Write one sample."""
        names = {thread.native_id: thread.name for thread in threading.enumerate()}
        sample = Sample(
            at_s=time.monotonic(),
            messages=self._gateway.counters.messages,
            readings=self._gateway.counters.readings,
            process_cpu_s=time.process_time(),
            store_cpu_s=self._store.write_cpu_s,
            writes=self._store.writes,
            rss_mb=self._process.memory_info().rss / 1e6,
            threads={
                f"{names.get(thread.id, 'gone')}-{thread.id % 1000}": thread.user_time + thread.system_time
                for thread in self._process.threads()
            },
        )
        self._samples.write(msgspec.json.encode(sample) + b"\n")
        self._samples.flush()


if __name__ == "__main__":
    main()
