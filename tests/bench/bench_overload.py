"""Three and ten times the sustained load: what is taken, what waits where, how long draining takes.

``python -m tests.bench.bench_overload [--seconds N]`` prints the numbers. One load generator with at most a
thousand unacknowledged messages, as devices with QoS 1 would: when broker and gateway are slower than what
is offered, the senders wait, and that is the shedding.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from multiprocessing import get_context
from pathlib import Path

import msgspec
import psutil

from device_sim.load import Load, LoadGenerator, load_site, read_ledger
from telemetry import topics
from telemetry.messages import GatewayHealth, PointEntry
from telemetry.store import open_store
from tests.gateway.support import GatewayProcess, connected, publish_catalogue
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

SUSTAINED = 15_000
"""Points a second; five in a message."""
KEYS = ("voltage_a", "voltage_b", "voltage_c", "current_a", "current_b")
DEVICES = 300
DRAINED_WITHIN_S = 240.0


def run(seconds: float) -> dict[str, object]:
    """Both factors, each for so long, and what draining takes."""
    return {f"{factor}_times": overload(factor, seconds=seconds) for factor in (3, 10)}


def overload(factor: float, *, seconds: float) -> dict[str, float]:
    """One gateway under ``factor`` times the sustained load; how it went and what was lost."""
    load = Load(DEVICES, len(KEYS), factor * SUSTAINED / len(KEYS) / DEVICES, seconds)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = Mosquitto(folder / "broker", users={}, acl="", options="max_inflight_messages 10000")
        gateway = GatewayProcess(broker.url, folder / "data")
        broker.start()
        try:
            return _measure(broker, gateway, load, folder / "ledger.csv")
        finally:
            gateway.kill()
            broker.kill()


def _measure(broker: Mosquitto, gateway: GatewayProcess, load: Load, ledger: Path) -> dict[str, float]:
    points = _entries(load)
    with connected(broker.url, "bench", subscriptions=[topics.ALL_GATEWAY_HEALTH]) as bus:
        publish_catalogue(bus, points)
        gateway.start()
        watch = _Watch(gateway)
        eventually(lambda: any(_health(message.payload).online for message in bus.take(timeout_s=0.2)), 30)
        watch.start()
        sender = get_context("spawn").Process(target=_generate, args=(load, broker.url, ledger))
        sender.start()
        sender.join(load.seconds + 120)
        ended = time.monotonic()
        acknowledged = {(message.device, message.at_ms) for message in read_ledger(ledger)}
        missing = _wait_stored(gateway, points, acknowledged)
        drained_s = time.monotonic() - ended
        watch.enough.set()
        watch.join()
    times = msgspec.json.decode(ledger.with_suffix(".json").read_bytes(), type=dict[str, float])
    return {
        "offered_points_per_s": load.devices * load.points * load.rate,
        "taken_points_per_s": round(times["points_per_s"]),
        "acknowledged_messages": len(acknowledged),
        "lost_messages": missing,
        "all_stored_s_after_the_end": round(drained_s, 1),
        "puback_ms_p99": round(times["p99_ms"]),
        "puback_ms_longest": round(times["longest_ms"]),
        "gateway_memory_mb": watch.most_mb,
        "gateway_alive": float(gateway.process.poll() is None),
    }


class _Watch(threading.Thread):
    """The most memory that the gateway had."""

    def __init__(self, gateway: GatewayProcess) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(gateway.process.pid)
        self.enough = threading.Event()
        self.most_mb = 0

    def run(self) -> None:
        while not self.enough.wait(0.5):
            self.most_mb = max(self.most_mb, round(self._process.memory_info().rss / 1e6))


def _generate(load: Load, url: str, ledger: Path) -> None:
    result = LoadGenerator(load, url, ledger=ledger).run()
    ledger.with_suffix(".json").write_bytes(msgspec.json.encode(result._asdict()))


def _entries(load: Load) -> list[PointEntry]:
    names = [(asset.key, key) for asset in load_site(load).assets for key in KEYS]
    return [
        PointEntry(id=number, asset=device, key=key, device=device, source=key, kind="analog")
        for number, (device, key) in enumerate(names, 1)
    ]


def _wait_stored(
    gateway: GatewayProcess, points: list[PointEntry], acknowledged: set[tuple[str, int]]
) -> int:
    """How many acknowledged messages are not stored when nothing comes any more."""
    devices = {entry.id: entry.device for entry in points if entry.key == KEYS[-1]}
    store = open_store(f"sqlite:///{gateway.data / 'readings.db'}", read_only=True)
    deadline, before = time.monotonic() + DRAINED_WITHIN_S, -1
    while True:
        found = {(devices[r.point], r.at_ms) for r in store.read(list(devices), 0, 2**60)}
        missing = len(acknowledged - found)
        if not missing or time.monotonic() > deadline or len(found) == before:
            return missing
        before = len(found)
        time.sleep(3.0)


def _health(payload: bytes) -> GatewayHealth:
    return msgspec.json.decode(payload, type=GatewayHealth)


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
