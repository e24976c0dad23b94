"""Hands readings to the broker, and holds them while it is away: bounded, oldest dropped first, and said so."""

from __future__ import annotations

import json
from collections import deque
from typing import Final, NamedTuple

import paho.mqtt.client as paho
import structlog

from gateway.modbus.device import Values
from telemetry import topics
from telemetry.bus import Bus

MOST_HELD: Final = 200_000
"""Messages, some 60 MB: a night of 100 meters polled every 20 s."""
MOST_UNDER_WAY: Final = 500

_log = structlog.get_logger()


class _Message(NamedTuple):
    topic: str
    payload: bytes
    retain: bool


class Outbox:
    """Messages in order. ``pump`` is called often; it never waits."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._held: deque[_Message] = deque()
        self._under_way: deque[paho.MQTTMessageInfo] = deque()
        self.dropped = 0
        """Messages lost because the broker was away too long."""

    @property
    def held(self) -> int:
        """Messages that the broker has not acknowledged."""
        return len(self._held) + len(self._under_way)

    def take_values(self, device: str, values: Values, at_ms: int) -> None:
        """Publish readings under the time they were read; null says that the device has no value."""
        payload = json.dumps({"at": at_ms, "values": values}).encode()
        self._hold(_Message(topics.telemetry(device), payload, retain=False))

    def take_presence(self, device: str, *, online: bool) -> None:
        """Publish whether a device answers."""
        self._hold(_Message(topics.status(device), b"online" if online else b"offline", retain=True))

    def pump(self) -> None:
        """Give the bus what it can take."""
        while self._under_way and self._under_way[0].is_published():
            self._under_way.popleft()
        while self._held and self._bus.is_connected and len(self._under_way) < MOST_UNDER_WAY:
            message = self._held.popleft()
            self._under_way.append(self._bus.publish(message.topic, message.payload, retain=message.retain))

    def _hold(self, message: _Message) -> None:
        if len(self._held) >= MOST_HELD:
            self._held.popleft()
            self.dropped += 1
            if self.dropped % 10_000 == 1:
                _log.error("the broker is away too long; the oldest readings are lost", lost=self.dropped)
        self._held.append(message)
        self.pump()
