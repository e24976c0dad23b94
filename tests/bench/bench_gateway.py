"""What the gateway costs: CPU per message by stage, and messages a second through a broker into SQLite.

``python -m tests.bench.bench_gateway [--seconds N]`` prints the numbers.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import msgspec
import psutil

from gateway.catalogue import PointCatalogue
from gateway.decoders.decoded import Part
from gateway.decoders.native import NativeDecoder
from gateway.pipeline import STAGES, Pipeline
from gateway.receipts import Receipts
from gateway.sink import encode_readings
from gateway.stages import Counters, Surroundings
from telemetry import topics
from telemetry.bus import Bus, delivered
from telemetry.inbox import Incoming
from telemetry.messages import GatewayHealth, ReadingBatch
from tests.gateway.support import GatewayProcess, catalogues, connected, entries, publish_catalogue
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

DEVICES = 600
POINTS = 5
DAY_MS = 86_400_000
BURST = 250
"""Messages a publisher has unanswered: what some hundred devices with QoS 1 would."""


def run(seconds: float) -> dict[str, object]:
    """Microseconds of CPU per five-point message, and rates; about ``seconds``."""
    messages = round(1000 * seconds)
    return {
        "cpu_us_per_message": _stages(messages),
        "flat_out": _through_broker(messages, rate=None),
        "at_15000_points_a_second": _through_broker(messages // 2, rate=15_000 / POINTS),
    }


def _payload(at_ms: int, number: int) -> bytes:
    values = {f"p{point}": (number % 997) + point / 8 for point in range(POINTS)}
    return msgspec.json.encode({"values": values, "at": at_ms})


def _stages(count: int) -> dict[str, float]:
    """Each stage alone on the same messages, in batches of 500 as under load."""
    now_ms = time.time_ns() // 1_000_000
    messages = [
        Incoming(
            topics.telemetry(f"device-{number % DEVICES}"),
            _payload(now_ms - 60_000 + number // 10, number),
            1,
            False,
            number % 60_000 + 1,
            1,
            now_ms,
        )
        for number in range(count)
    ]
    catalogue = PointCatalogue()
    catalogue.learn(catalogues(entries(DEVICES, points=POINTS)))
    around = Surroundings(catalogue, _refuse, Counters(), 30 * DAY_MS)
    decoder = NativeDecoder()
    stages = [stage(around) for stage in STAGES]
    costs: dict[str, float] = {}

    def clock(name: str, work: Callable[[], list[Part]]) -> list[Part]:
        began = time.thread_time()
        result = work()
        costs[name] = costs.get(name, 0.0) + time.thread_time() - began
        return result

    def decode(some: list[Incoming]) -> list[Part]:
        parts: list[Part] = []
        for message in some:
            decoded = decoder.decode(message.topic, message.payload, message.received_ms)
            for part in decoded.parts:
                part.origin = message
            parts += decoded.parts
        return parts

    for start in range(0, count, 500):
        some = messages[start : start + 500]
        parts = clock("decode", lambda some=some: decode(some))
        for name, stage in zip(("resolve", "calibrate", "check", "dedupe"), stages, strict=True):
            parts = clock(name, lambda stage=stage, parts=parts: stage(parts))

    with tempfile.TemporaryDirectory() as folder:
        receipts = Receipts(Path(folder) / "receipts.db")
        pipeline = Pipeline([decoder], catalogue, receipts, Counters(), raw_retention_ms=30 * DAY_MS)
        began = time.thread_time()
        batches = [pipeline.run(messages[start : start + 500]) for start in range(0, count, 500)]
        costs["pipeline together"] = time.thread_time() - began
    began = time.thread_time()
    for batch in batches:
        for readings in batch.by_shard.values():
            encode_readings(readings, now_ms)
    costs["encode for the bus"] = time.thread_time() - began
    return {name: round(seconds / count * 1e6, 2) for name, seconds in costs.items()}


def _refuse(_part: Part, reason: str, detail: str) -> None:
    raise AssertionError(f"{reason}: {detail}")


def _through_broker(count: int, *, rate: float | None) -> dict[str, object]:
    """``rate``: messages a second; None: as fast as they are taken."""
    with tempfile.TemporaryDirectory() as folder:
        broker = Mosquitto(Path(folder) / "broker", users={}, acl="", options="")
        broker.start()
        gateway = GatewayProcess(broker.url, Path(folder) / "data")
        try:
            with connected(broker.url, "bench", subscriptions=[topics.ALL_GATEWAY_HEALTH]) as bus:
                publish_catalogue(bus, entries(DEVICES, points=POINTS))
                gateway.start()
                eventually(lambda: _health(bus))
                return _measure(broker, gateway, count, rate)
        finally:
            gateway.kill()
            broker.kill()


def _measure(broker: Mosquitto, gateway: GatewayProcess, count: int, rate: float | None) -> dict[str, object]:
    process = psutil.Process(gateway.process.pid)
    cpu_before = sum(process.cpu_times()[:2])
    broker_before = sum(psutil.Process(broker.pid).cpu_times()[:2])
    context = get_context("spawn")
    publisher = context.Process(target=publish, args=(broker.url, count, rate))
    with connected(broker.url, "bench-listener", subscriptions=[topics.ALL_READINGS]) as bus:
        publisher.start()
        stored, lags, took_s = _count(bus, count * POINTS)
        publisher.join(30)
    cpu_s = sum(process.cpu_times()[:2]) - cpu_before
    broker_s = sum(psutil.Process(broker.pid).cpu_times()[:2]) - broker_before
    lags.sort()
    return {
        "messages": count,
        "points_stored": stored,
        "messages_per_s": round(count / took_s),
        "points_per_s": round(stored / took_s),
        "gateway_cpu_us_per_message": round(cpu_s / count * 1e6, 1),
        "gateway_cores": round(cpu_s / took_s, 2),
        "broker_cpu_us_per_message": round(broker_s / count * 1e6, 1),
        "gateway_memory_mb": round(process.memory_info().rss / 1e6),
        "publish_to_stored_ms_p50": lags[len(lags) // 2],
        "publish_to_stored_ms_p99": lags[len(lags) * 99 // 100],
    }


def _count(bus: Bus, expected: int) -> tuple[int, list[int], float]:
    """Readings published by the gateway, how late each was stored (ms), seconds from the first to the last."""
    read = msgspec.json.Decoder(ReadingBatch).decode
    stored, lags = 0, []
    began = 0.0
    idle_since = time.monotonic()
    while stored < expected and time.monotonic() - idle_since < 20:
        messages = bus.take(timeout_s=1)
        for message in messages:
            batch = read(message.payload)
            stored += len(batch.readings)
            lags += [batch.stored_ms - reading.at_ms for reading in batch.readings]
            idle_since = time.monotonic()
            began = began or idle_since
        bus.acknowledge(messages)
    return stored, lags, idle_since - began


def publish(url: str, count: int, rate: float | None) -> None:
    """The devices, in a process of their own."""
    telemetry = [topics.telemetry(f"device-{device}") for device in range(DEVICES)]
    with connected(url, "bench-publisher") as bus:
        began = time.monotonic()
        burst = BURST if rate is None else max(1, int(rate / 100))
        for start in range(0, count, burst):
            numbers = range(start, min(start + burst, count))
            at_ms = time.time_ns() // 1_000_000
            infos = [bus.publish(telemetry[number % DEVICES], _payload(at_ms, number)) for number in numbers]
            if rate is None:
                delivered(infos, timeout_s=30)
            else:
                time.sleep(max(0.0, began + (start + burst) / rate - time.monotonic()))
        delivered(infos, timeout_s=30)


def _health(bus: Bus) -> bool:
    return any(
        msgspec.json.decode(message.payload, type=GatewayHealth).online for message in bus.take(timeout_s=0.2)
    )


def main() -> None:
    """Print the numbers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60.0, help="about what it takes in all")
    seconds = parser.parse_args().seconds
    print(msgspec.json.format(msgspec.json.encode(run(seconds)), indent=2).decode())


if __name__ == "__main__":
    main()
