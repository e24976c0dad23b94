from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import msgspec
import paho.mqtt.publish as paho_publish

from device_sim.main import SimulatorSettings, run
from device_sim.memory import MemoryFile
from device_sim.truth import TruthRow, read_truth
from telemetry.messages import FaultCommand
from telemetry.topics import SIMULATOR_FAULTS
from tests.device_sim.listener import Listener, listening
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

COUNTERS = [
    ("elevator-a1", "trips"), ("elevator-b1", "door_cycles"), ("pump-a", "pump_1_run_hours"), ("meter-main", "energy"),
]  # fmt: skip


@contextmanager
def simulating(mosquitto: Mosquitto, data: Path, *, days: float = 0.0, speed: float = 1.0) -> Iterator[None]:
    stop = threading.Event()
    codes: list[int] = []

    def work() -> None:
        settings = SimulatorSettings(data=data, mqtt_url=mosquitto.url, log_level="error")
        codes.append(run(scenario="quiet_day", backfill_days=days, speed=speed, settings=settings, stop=stop))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
    assert codes == [0]


def command(mosquitto: Mosquitto, **fields: object) -> None:
    payload = msgspec.json.encode(msgspec.convert(fields, FaultCommand))
    paho_publish.single(SIMULATOR_FAULTS, payload, qos=1, hostname="127.0.0.1", port=mosquitto.port)


def is_live(heard: Listener) -> bool:
    return len({h.device for h in heard.values if h.at_ms > (time.time() - 3) * 1000}) == 9


def test_history_runs_into_live_values_and_a_restart_fills_the_gap_only(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    began_ms = time.time() * 1000
    with listening(mosquitto.port) as heard:
        with simulating(mosquitto, tmp_path, days=0.25):
            eventually(lambda: is_live(heard))
        first = len(heard.values)
        stopped_ms = MemoryFile(tmp_path / "simulator" / "demo.json").read("demo").sent_until_s * 1000  # type: ignore[union-attr]
        with simulating(mosquitto, tmp_path, days=0.25):
            eventually(lambda: len(heard.values) > first and is_live(heard))

        again = heard.values[first:]
        assert min(h.at_ms for h in again) > stopped_ms, "nothing is sent a second time"
        times = [at_ms for at_ms, _ in heard.of("meter-a", "power")]
        assert times[0] <= began_ms - 0.25 * 86_400_000 + 600_000
        assert max(later - before for before, later in pairwise(times)) <= 60_000 + (
            time.time() * 1000 - stopped_ms
        )
        assert all(at_ms < time.time() * 1000 + 1000 for at_ms in times), "nothing comes from the future"
        for device, point in COUNTERS:
            values = [value for _, value in heard.of(device, point)]
            assert values == sorted(values), (device, point)


def test_a_fault_can_be_started_and_ended_by_command(mosquitto: Mosquitto, tmp_path: Path) -> None:
    truth = tmp_path / "simulator" / "truth-quiet_day.jsonl"

    def rows() -> list[TruthRow]:
        return read_truth(truth) if truth.exists() else []

    with listening(mosquitto.port) as heard, simulating(mosquitto, tmp_path):
        eventually(lambda: is_live(heard))
        paho_publish.single(SIMULATOR_FAULTS, "nonsense", qos=1, hostname="127.0.0.1", port=mosquitto.port)
        command(mosquitto, action="start", asset="nowhere", fault="smoke")
        command(mosquitto, action="start", asset="fire-panel", fault="smoke", develop_s=0)
        eventually(lambda: heard.of("fire-panel", "fire_count")[-1][1] == 1)
        assert [(row.fault, row.end) for row in rows()] == [("smoke", None)]

        command(mosquitto, action="end", asset="fire-panel", fault="smoke")
        eventually(lambda: heard.of("fire-panel", "fire_count")[-1][1] == 0)
        (row,) = rows()
        assert row.end is not None
        assert (row.asset, row.expected_rules) == ("fire-panel", ["fire"])


def test_what_is_still_wrong_at_the_stop_is_ended_in_the_books(mosquitto: Mosquitto, tmp_path: Path) -> None:
    with listening(mosquitto.port) as heard, simulating(mosquitto, tmp_path):
        eventually(lambda: is_live(heard))
        command(mosquitto, action="start", asset="pump-a", fault="bearing_wear", develop_s=60)
        path = tmp_path / "simulator" / "truth-quiet_day.jsonl"
        eventually(path.exists)

    (row,) = read_truth(path)
    assert row.end is not None


def test_nothing_is_lost_while_the_broker_is_away(mosquitto: Mosquitto, tmp_path: Path) -> None:
    with listening(mosquitto.port) as heard:
        with simulating(mosquitto, tmp_path):
            eventually(lambda: is_live(heard))
            mosquitto.stop()
            began_ms = time.time() * 1000
            memory = MemoryFile(tmp_path / "simulator" / "demo.json")
            eventually(lambda: memory.read("demo").sent_until_s * 1000 > began_ms + 4000)  # type: ignore[union-attr]
            mosquitto.start()
            eventually(lambda: is_live(heard))
        times = [at_ms for at_ms, _ in heard.of("elevator-a1", "speed")]

    assert max(later - before for before, later in pairwise(times)) <= 2000


def test_at_speed_the_machines_hurry_and_the_stamps_do_not(mosquitto: Mosquitto, tmp_path: Path) -> None:
    memory = MemoryFile(tmp_path / "simulator" / "demo.json")

    def trips() -> float:
        remembered = memory.read("demo")
        return remembered.machines["elevator-a1"]["trips"] if remembered else 0.0

    with listening(mosquitto.port) as heard, simulating(mosquitto, tmp_path, speed=600.0):
        first = eventually(trips)
        eventually(lambda: trips() > first + 10, 60)
        newest_ms = max(h.at_ms for h in heard.values)

    assert newest_ms <= time.time() * 1000 + 1000
