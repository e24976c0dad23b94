"""Reads discovery messages and then the state topics they named.

Nothing is configured: config messages are retained, so after each start all of them come again.
Enable either this or the mapping file of a family that also announces itself (Zigbee2MQTT,
Tasmota, ESPHome can), or its values arrive under two device ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from gateway.decoders.decoded import Decoded, Part, Presence, Refusal, Subscribe
from gateway.decoders.home_assistant.announcement import (
    Announced,
    Announcement,
    Availability,
    read_announcement,
    read_word,
)
from gateway.decoders.mapped.paths import MISSING, Missing
from gateway.decoders.mapped.values import plain, read_number
from telemetry.reading import Quality, Value

LARGEST_BYTES = 256 * 1024
MOST_TOPICS = 50_000
"""State topics that are followed; a sender that invents devices must not fill memory and broker."""
_NO_VALUE = {"None", "unknown", "unavailable", ""}
"""What state topics carry when there is no value."""


class HomeAssistantDecoder:
    """Config, state and availability messages. Never raises on a payload, whatever it holds."""

    def __init__(self, *, discovery: str = "homeassistant", prefix: str = "ha") -> None:
        """``discovery``: the first level of the config topics; ``prefix``: of the device ids."""
        self._discovery = discovery
        self._prefix = prefix
        self._read_json = msgspec.json.Decoder().decode
        self._announced: dict[str, Announcement] = {}
        self._values: dict[str, dict[tuple[str, str], Announced]] = {}
        """By state topic, then by config topic and source key."""
        self._availabilities: dict[str, dict[str, Availability]] = {}
        """By availability topic, then by device: thousands may share the topic of one bridge."""
        self._said: dict[str, dict[str, bool]] = {}
        """By device and availability topic: what it said last."""
        self._followed: set[str] = set()

    @property
    def subscriptions(self) -> Sequence[str]:
        """The config topics; state topics follow as requests."""
        return [f"{self._discovery}/+/+/config", f"{self._discovery}/+/+/+/config"]

    def claims(self, topic: str) -> bool:
        """Whether it is a config topic, or a topic that a config message named."""
        return topic in self._followed or self._parse(topic) is not None

    def units(self, device: str) -> dict[str, str]:
        """Units by source key as the device announced them: a hint for the onboarding inbox."""
        return {
            value.source: value.unit
            for announcement in self._announced.values()
            for value in announcement.values
            if value.device == device and value.unit
        }

    def decode(self, topic: str, payload: bytes, received_ms: int) -> Decoded:
        """One message to values, presences, refusals and requests to follow further topics."""
        decoded = Decoded()
        if len(payload) > LARGEST_BYTES:
            decoded.refusals.append(
                Refusal("too_large", f"{len(payload)} bytes are more than {LARGEST_BYTES}")
            )
            return decoded
        parsed = None if topic in self._followed else self._parse(topic)
        if parsed:
            self._learn(topic, parsed, payload, decoded)
        else:
            self._read_state(topic, payload, received_ms, decoded)
        return decoded

    def _parse(self, topic: str) -> tuple[str, str | None, str] | None:
        """(component, node, object) of a config topic."""
        match topic.split("/"):
            case [first, component, object_id, "config"] if first == self._discovery:
                return component, None, object_id
            case [first, component, node, object_id, "config"] if first == self._discovery:
                return component, node, object_id
        return None

    def _learn(
        self, topic: str, parsed: tuple[str, str | None, str], payload: bytes, decoded: Decoded
    ) -> None:
        """Take a config message in place of the one before on its topic; an empty one withdraws it."""
        self._forget(topic)
        if not payload:
            return
        try:
            announcement = read_announcement(*parsed, self._read_json(payload), prefix=self._prefix)
        except (ValueError, RecursionError) as error:
            decoded.refusals.append(Refusal("wrong_type", f"this announcement cannot be used: {error}"))
            return
        decoded.refusals += [
            Refusal("wrong_type", f"announced: {problem}") for problem in announcement.problems
        ]
        new = {value.topic for value in announcement.values} - self._followed
        new |= {item.topic for item in announcement.availabilities} - self._followed
        if len(self._followed) + len(new) > MOST_TOPICS:
            decoded.refusals.append(Refusal("too_large", f"more than {MOST_TOPICS} topics are announced"))
            return
        self._announced[topic] = announcement
        for value in announcement.values:
            self._values.setdefault(value.topic, {})[topic, value.source] = value
        for item in announcement.availabilities:
            self._availabilities.setdefault(item.topic, {})[item.device] = item
        self._followed |= new
        decoded.requests += [Subscribe(followed) for followed in sorted(new)]

    def _forget(self, topic: str) -> None:
        old = self._announced.pop(topic, None)
        for value in old.values if old else ():
            self._values[value.topic].pop((topic, value.source), None)

    def _read_state(self, topic: str, payload: bytes, received_ms: int, decoded: Decoded) -> None:
        try:
            text = payload.decode("utf-8").strip()
        except UnicodeDecodeError:
            decoded.refusals.append(Refusal("not_json", "the payload is no UTF-8 text"))
            return
        tree: object = MISSING
        try:
            tree = self._read_json(payload)
        except (ValueError, RecursionError):
            tree = MISSING  # a plain word or number
        items = self._availabilities.get(topic, {}).values()
        decoded.receipt_ms = received_ms  # discovery knows no times
        self._take_presences(items, text, tree, received_ms, decoded)
        for value in self._values.get(topic, {}).values():
            try:
                taken = _read_value(value, text, tree)
            except ValueError as error:
                decoded.refusals.append(Refusal("wrong_type", f"{value.device}, {value.source}: {error}"))
                continue
            if not isinstance(taken, Missing):
                quality = Quality.BAD if taken is None else Quality.GOOD
                decoded.parts.append(Part(value.device, value.source, received_ms, taken, quality))

    def _take_presences(
        self, items: Iterable[Availability], text: str, tree: object, received_ms: int, decoded: Decoded
    ) -> None:
        for item in items:
            try:
                online = item.words.get(str(read_word(item.render, text, tree)))
            except ValueError:
                online = None
            if online is None:
                detail = f"{item.device}: {text!r:.80} says neither online nor offline"
                decoded.refusals.append(Refusal("wrong_type", detail))
                continue
            said = self._said.setdefault(item.device, {})
            said[item.topic] = online
            combined = {"all": all(said.values()), "any": any(said.values())}.get(item.mode, online)
            decoded.presences.append(Presence(item.device, combined, received_ms))


def _read_value(value: Announced, text: str, tree: object) -> Value | Missing:
    """The value of one entity in a payload, or MISSING; raises ValueError."""
    said = read_word(value.render, text, tree)
    if isinstance(said, Missing) or said is None:
        return said
    if value.words is not None:
        code = value.words.get(str(said))
        if code is None and str(said) not in _NO_VALUE:
            raise ValueError(f"{said!r:.80} is none of {', '.join(value.words)}")
        return code
    if not isinstance(said, str):
        return plain(said)
    if said in _NO_VALUE:
        return None
    try:
        return read_number(said)
    except ValueError:
        return plain(said)
