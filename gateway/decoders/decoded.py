"""What a decoder makes of one message. Nothing after it sees bytes."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from gateway.catalogue import UNRESOLVED, Point
from telemetry.inbox import Incoming
from telemetry.reading import Quality, Value

NOWHERE = Incoming("", b"", 0, False, 0, 0, 0)
"""Stands for the message until the pipeline says which."""


class Part(msgspec.Struct, gc=False):
    """One value under the device's own names. A decoder gives the first five fields.

    The stages fill in the rest and change value and quality in place: at 15,000 values a second
    an object for each value and stage would cost more than the stages.
    """

    device: str
    source: str
    at_ms: int
    value: Value
    quality: Quality = Quality.GOOD
    point: Point = UNRESOLVED
    """Set by the stage ``resolve``."""
    origin: Incoming = NOWHERE
    """The message it came in, set by the pipeline."""


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


class Decoded(msgspec.Struct):
    """All that came out of one message; every list may be empty."""

    parts: list[Part] = []
    refusals: list[Refusal] = []
    presences: list[Presence] = []
    requests: list[Publish | Subscribe] = []
    receipt_ms: int = 0
    """The latest time of receipt that was given to a value; 0: all had a time of their own."""
