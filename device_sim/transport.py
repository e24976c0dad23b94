"""How simulated devices reach the broker: QoS 1, and a memory of their own while it is away."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

import msgspec
import paho.mqtt.client as paho

from device_sim.models.base import Sample
from telemetry.bus import Bus
from telemetry.topics import telemetry

MOST_IN_FLIGHT = 80
"""Messages handed to the network at once; the smallest broker we run takes 100."""
MOST_KEPT = 50_000
"""Messages kept while the broker is away; then the oldest goes, as in a real device's ring buffer."""
LARGEST_PAYLOAD = 200 * 1024
"""Bytes; the gateway takes 256 KiB."""

_encoder = msgspec.json.Encoder()


def entry(at_s: float, values: Sample) -> dict[str, object]:
    """One timed set of values as it stands in a payload."""
    return {"at": round(at_s * 1000), "values": values}


class Publisher:
    """Sends what devices report, in order, and forgets a message only when the broker has it."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._kept: deque[tuple[str, bytes]] = deque()
        self._in_flight: deque[paho.MQTTMessageInfo] = deque()
        self.sent = 0
        self.lost = 0
        """Messages dropped because the memory was full."""

    @property
    def waiting(self) -> int:
        """Messages the broker has not acknowledged yet."""
        return len(self._kept) + len(self._in_flight)

    @property
    def is_backed_up(self) -> bool:
        """Whether more is waiting than the network takes at once."""
        return bool(self._kept)

    def send(self, device: str, at_s: float, values: Sample) -> None:
        """One message with values of one moment."""
        self._keep(telemetry(device), _encoder.encode(entry(at_s, values)))

    def send_batch(self, device: str, entries: Sequence[Mapping[str, object]]) -> None:
        """Buffered values of many moments in one message, or in several where one would be too large."""
        payload = _encoder.encode(entries)
        if len(payload) > LARGEST_PAYLOAD and len(entries) > 1:
            middle = len(entries) // 2
            self.send_batch(device, entries[:middle])
            self.send_batch(device, entries[middle:])
            return
        self._keep(telemetry(device), payload)

    def pump(self) -> None:
        """Hand over what may go now; call it often."""
        while self._in_flight and self._in_flight[0].is_published():
            self._in_flight.popleft()
            self.sent += 1
        while self._kept and len(self._in_flight) < MOST_IN_FLIGHT and self._bus.is_connected:
            topic, payload = self._kept.popleft()
            self._in_flight.append(self._bus.publish(topic, payload, qos=1))

    def _keep(self, topic: str, payload: bytes) -> None:
        if len(self._kept) >= MOST_KEPT:
            self._kept.popleft()
            self.lost += 1
        self._kept.append((topic, payload))
