"""What a decoder makes of one message. Nothing after it sees bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from telemetry.reading import Quality, Value


class Part(NamedTuple):
    """One value under the device's own names; ``resolve`` turns it into a reading."""

    device: str
    source: str
    at_ms: int
    value: Value
    quality: Quality = Quality.GOOD


class Refusal(NamedTuple):
    """A message, or the part of one, that is dead-lettered; ``reason`` as in telemetry.messages.DeadLetter."""

    reason: str
    detail: str


class Presence(NamedTuple):
    """A device said it is there or gone, or its last will did."""

    device: str
    online: bool
    at_ms: int


class Publish(NamedTuple):
    """Asks for one message to the device's side (a rebirth request); QoS 0, never retained."""

    topic: str
    payload: bytes


class Subscribe(NamedTuple):
    """Asks for one more MQTT filter, because a device announced where it speaks."""

    topic_filter: str


@dataclass(slots=True)
class Decoded:
    """All that came out of one message; every list may be empty."""

    parts: list[Part] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    presences: list[Presence] = field(default_factory=list)
    requests: list[Publish | Subscribe] = field(default_factory=list)
