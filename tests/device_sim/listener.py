"""Hears what devices publish, as a gateway would."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from telemetry.topics import ALL_DEVICES, parse_device


class Heard(NamedTuple):
    """One value as a device sent it."""

    device: str
    at_ms: int
    point: str
    value: float


class Listener:
    """Collects every value; a message heard twice (QoS 1) counts twice in ``messages``."""

    def __init__(self) -> None:
        self.values: list[Heard] = []
        self.messages = 0

    def hear(self, _client: paho.Client, _userdata: object, message: paho.MQTTMessage) -> None:
        self.messages += 1
        parsed = parse_device(message.topic)
        assert parsed is not None
        payload = json.loads(message.payload)
        for entry in payload if isinstance(payload, list) else [payload]:
            self.values += [
                Heard(parsed[0], entry["at"], key, value) for key, value in entry["values"].items()
            ]

    def of(self, device: str, point: str) -> list[tuple[int, float]]:
        """(time, value) of one point, each once, in order of time."""
        return sorted({(h.at_ms, h.value) for h in self.values if (h.device, h.point) == (device, point)})


@contextmanager
def listening(port: int) -> Iterator[Listener]:
    """A listener whose session survives the broker's restart."""
    heard = Listener()
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="listener", clean_session=False)
    client.on_message = heard.hear
    client.reconnect_delay_set(min_delay=1, max_delay=1)
    client.connect("127.0.0.1", port)
    client.subscribe(ALL_DEVICES, qos=1)
    client.loop_start()
    try:
        yield heard
    finally:
        client.disconnect()
        client.loop_stop()
