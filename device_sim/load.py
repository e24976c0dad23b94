"""Load: many devices with many points at a rate, and a ledger of what the broker acknowledged.

Runs in a process of its own (``run_load``), so that it measures the system and not itself. Each
message that was acknowledged stands in the ledger with its device and time, one line each; what is
in the ledger and not in the store was lost.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import urlsplit

import msgspec
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from device_sim.models.base import Sample
from device_sim.models.energy_meter import EnergyMeter
from device_sim.site import SimSite, extra_key, fleet_site
from device_sim.transport import entry
from telemetry.topics import telemetry
from telemetry.wire import WireClient

MOST_IN_FLIGHT = 1000
"""Unacknowledged messages; when the broker is slower than the rate, the sender waits here."""
CONNECT_WITHIN_S = 30.0
_METER_KEYS = tuple(EnergyMeter.POINTS)
_ORDINARY: Sample = {
    **{f"voltage_{phase}": 221.0 for phase in "abc"},
    **{f"current_{phase}": 80.0 for phase in "abc"},
    "power": 48.0,
    "power_factor": 0.93,
    "thd_u": 2.0,
    "unbalance": 0.2,
    "frequency": 50.0,
}


@dataclass(frozen=True)
class Load:
    """How much. Points a second = devices * points * rate."""

    devices: int
    points: int
    """Values in each message."""
    rate: float
    """Messages a second of each device."""
    seconds: float


class Acknowledged(NamedTuple):
    """One line of the ledger: a message the broker took over, with the time its values carry."""

    device: str
    at_ms: int
    values: int


class LoadResult(NamedTuple):
    """What came of it. Times in milliseconds, from publish to PUBACK."""

    sent: int
    acknowledged: int
    seconds: float
    messages_per_s: float
    points_per_s: float
    p50_ms: float
    p99_ms: float
    longest_ms: float

    def __str__(self) -> str:
        return (
            f"{self.acknowledged} of {self.sent} messages acknowledged in {self.seconds:.1f} s: "
            f"{self.messages_per_s:.0f} messages/s, {self.points_per_s:.0f} points/s; "
            f"PUBACK p50 {self.p50_ms:.2f} ms, p99 {self.p99_ms:.2f} ms, longest {self.longest_ms:.1f} ms"
        )


def load_site(load: Load) -> SimSite:
    """The meters that a load needs; write it with ``write_site_file`` and import it first."""
    extra = max(0, load.points - len(_METER_KEYS))
    return fleet_site("load", {"energy_meter": load.devices}, extra_points=extra)


def read_ledger(path: Path) -> Iterator[Acknowledged]:
    """The messages of a ledger. A torn last line (the load was killed) is passed over."""
    for line in path.read_text().splitlines():
        parts = line.split(",")
        if len(parts) == 3 and parts[2].endswith(";"):
            yield Acknowledged(parts[0], int(parts[1]), int(parts[2][:-1]))


class LoadGenerator:
    """Sends one load over one connection."""

    def __init__(
        self,
        load: Load,
        url: str,
        *,
        ledger: Path,
        username: str | None = None,
        password: str | None = None,
        ca_file: str | None = None,
        number: int = 1,
    ) -> None:
        self._load = load
        self._url = urlsplit(url)
        self._ledger = ledger
        self._devices = [asset.key for asset in load_site(load).assets]
        extra = [extra_key(n) for n in range(1, load.points - len(_METER_KEYS) + 1)]
        self._keys = [*_METER_KEYS, *extra][: load.points]
        self._connected = threading.Event()
        self._acknowledged: deque[tuple[int, int]] = deque()
        """(packet id, when) as the network thread sees them; it does nothing else."""
        self._open: dict[int, tuple[int, Acknowledged]] = {}
        self._last_ms: dict[str, int] = {}
        self._times_ms: list[float] = []
        self._client = WireClient(
            CallbackAPIVersion.VERSION2, client_id=f"plantroom-sim-load-{number}", protocol=paho.MQTTv5
        )
        self._client.username_pw_set(username, password)
        if self._url.scheme == "mqtts":
            self._client.tls_set(ca_certs=ca_file)

    def run(self, stop: threading.Event | None = None) -> LoadResult:
        """Send until the time is over (or ``stop`` is set) and all is acknowledged or 30 s have passed."""
        self._connect()
        self._ledger.parent.mkdir(parents=True, exist_ok=True)
        sent, began = 0, time.monotonic()
        with self._ledger.open("a", encoding="ascii") as ledger:
            for due_s, device, number in self._schedule():
                if stop is not None and stop.is_set():
                    break
                self._wait(began + due_s, ledger)
                self._publish(device, number)
                sent += 1
            ended = time.monotonic()
            while self._open and time.monotonic() < ended + 30.0:
                self._collect(ledger)
                time.sleep(0.005)
            seconds = time.monotonic() - began
        self._client.disconnect()
        self._client.loop_stop()
        return self._result(sent, seconds)

    def _schedule(self) -> Iterator[tuple[float, str, int]]:
        """(seconds after the start, device, number of the message), evenly spread."""
        load = self._load
        gap_s = 1.0 / (load.rate * load.devices)
        total = int(load.seconds * load.rate * load.devices)
        for number in range(total):
            yield number * gap_s, self._devices[number % load.devices], number

    def _wait(self, due: float, ledger: IO[str]) -> None:
        """Until it is this message's turn and there is room for it."""
        self._collect(ledger)
        while True:
            early_s = due - time.monotonic()
            if early_s <= 0.0 and len(self._open) < MOST_IN_FLIGHT:
                return
            time.sleep(min(max(early_s, 0.0005), 0.05))
            self._collect(ledger)

    def _publish(self, device: str, number: int) -> None:
        # (point, time) is the identity of a reading: no two messages of a device in one millisecond
        at_ms = max(time.time_ns() // 1_000_000, self._last_ms.get(device, 0) + 1)
        self._last_ms[device] = at_ms
        payload = msgspec.json.encode(entry(at_ms / 1000.0, self._values(number)))
        began_ns = time.perf_counter_ns()
        info = self._client.publish(telemetry(device), payload, qos=1)
        while info.rc == MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:
            info = self._client.publish(telemetry(device), payload, qos=1)
        self._open[info.mid] = (began_ns, Acknowledged(device, at_ms, len(self._keys)))

    def _values(self, number: int) -> Sample:
        """Ordinary values that differ from message to message; the register grows."""
        swing = number % 97 / 97.0
        values: Sample = {}
        for key in self._keys:
            usual = _ORDINARY.get(key)
            if key == "energy":
                values[key] = 1000.0 + number * 0.01
            elif isinstance(usual, float):
                values[key] = usual * (1.0 + 0.01 * swing)
            else:
                values[key] = swing * 100.0
        return values

    def _collect(self, ledger: IO[str]) -> None:
        """Write what has been acknowledged to the ledger."""
        while self._acknowledged:
            mid, at_ns = self._acknowledged.popleft()
            began_ns, message = self._open.pop(mid)
            self._times_ms.append((at_ns - began_ns) / 1e6)
            ledger.write(f"{message.device},{message.at_ms},{message.values};\n")

    def _connect(self) -> None:
        client = self._client
        client.on_connect = self._on_connect
        client.on_publish = self._on_publish
        client.max_inflight_messages_set(MOST_IN_FLIGHT)
        client.max_queued_messages_set(0)
        port = self._url.port or (8883 if self._url.scheme == "mqtts" else 1883)
        client.connect_async(self._url.hostname or "127.0.0.1", port)
        client.loop_start()
        if not self._connected.wait(CONNECT_WITHIN_S):
            client.loop_stop()
            raise ConnectionError(f"no broker at {self._url.netloc} within {CONNECT_WITHIN_S:g} s")

    def _on_connect(
        self,
        _client: paho.Client,
        _userdata: object,
        _flags: paho.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if not reason.is_failure:
            self._connected.set()

    def _on_publish(
        self,
        _client: paho.Client,
        _userdata: object,
        mid: int,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if not reason.is_failure:
            self._acknowledged.append((mid, time.perf_counter_ns()))

    def _result(self, sent: int, seconds: float) -> LoadResult:
        times = sorted(self._times_ms) or [0.0]
        done = len(self._times_ms)
        return LoadResult(
            sent=sent,
            acknowledged=done,
            seconds=seconds,
            messages_per_s=done / seconds if seconds else 0.0,
            points_per_s=done * len(self._keys) / seconds if seconds else 0.0,
            p50_ms=statistics.median(times),
            p99_ms=times[min(len(times) - 1, int(len(times) * 0.99))],
            longest_ms=times[-1],
        )
