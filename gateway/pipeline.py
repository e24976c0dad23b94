"""The whole way of a message from bytes to readings: decode, then the stages, in one line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec
import structlog

from gateway.catalogue import PointCatalogue
from gateway.decoders import Decoder
from gateway.decoders.decoded import Decoded, Part, Presence, Publish, Refusal, Subscribe
from gateway.decoders.native import NativeDecoder
from gateway.receipts import Receipts
from gateway.short_way import ShortWay
from gateway.stages import Counters, Surroundings
from gateway.stages.calibrate import Calibrate
from gateway.stages.check import Check
from gateway.stages.dedupe import Dedupe
from gateway.stages.resolve import Resolve
from gateway.unknown import UnknownSources
from telemetry.inbox import Incoming
from telemetry.messages import DevicePresence
from telemetry.reading import Reading

STAGES = (Resolve, Calibrate, Check, Dedupe)

ONLINE = "online"
"""Source key of a device's presence: 1 while it is there, 0 when it or its last will said it is gone."""

UNKNOWN = frozenset({"unknown_device", "unknown_point"})
"""Reasons that a person can do away with in the inbox."""

_TOPICS_KEPT = 50_000
_log = structlog.get_logger()


class Refused(NamedTuple):
    """What could not be used of one message."""

    message: Incoming
    refusals: list[Refusal]
    kept: int
    """Values of the same message that were used."""


class Batch(msgspec.Struct):
    """What came of some messages: to be stored, published and then acknowledged, in this order."""

    messages: Sequence[Incoming]
    readings: list[Reading] = []
    made: list[tuple[Incoming, list[Reading]]] = []
    """The same readings with the messages they came in."""
    by_shard: defaultdict[int, list[Reading]] = msgspec.field(default_factory=lambda: defaultdict(list))
    """The same readings, by the shard of their asset."""
    refused: list[Refused] = []
    presences: list[Presence] = []
    unsaid: list[DevicePresence] = []
    """Those of known devices without a point that would say it."""
    requests: list[Publish | Subscribe] = []


class Pipeline:
    """Turns messages into a batch. Asks no clock; remembers what it has seen."""

    def __init__(
        self,
        decoders: Sequence[Decoder],
        catalogue: PointCatalogue,
        receipts: Receipts,
        counters: Counters,
        *,
        raw_retention_ms: int,
    ) -> None:
        around = Surroundings(catalogue, self._refuse_part, counters, raw_retention_ms)
        *others, dedupe = (stage(around) for stage in STAGES)
        if not isinstance(dedupe, Dedupe):
            raise TypeError("the last stage is the one that remembers")
        self._stages = [*others, dedupe]
        native = next((each for each in decoders if isinstance(each, NativeDecoder)), NativeDecoder())
        self._short_way = ShortWay(native, catalogue, receipts, dedupe)
        self.unknown = UnknownSources()
        self._catalogue = catalogue
        self._decoders = decoders
        self._receipts = receipts
        self._counters = counters
        self._routes: dict[str, Decoder | None] = {}
        self._refused: dict[int, tuple[Incoming, list[Refusal]]] = {}

    def run(self, messages: Sequence[Incoming]) -> Batch:
        """Never raises on a message, whatever it holds."""
        self._refused = {}
        batch = Batch(messages)
        devices, take = self._short_way.devices, self._short_way.take
        waiting: list[Part] = []
        for message in messages:
            if message.topic in devices:
                if waiting:  # the readings of a point stay in order
                    self._run_stages(waiting, batch)
                    waiting = []
                readings = take(message, batch.by_shard)
                if readings is not None:
                    batch.readings += readings
                    batch.made.append((message, readings))
                    continue
            waiting += self._read(message, batch)
        self._run_stages(waiting, batch)
        batch.refused = self._gather_refused(batch)
        self._counters.messages += len(messages)
        self._counters.readings += len(batch.readings)
        return batch

    def _read(self, message: Incoming, batch: Batch) -> list[Part]:
        """What decoders make of a message; notes what is no value."""
        try:
            decoded = self._decode(message)
        except Exception as error:  # noqa: BLE001 (a mistake of ours about one message must not stop the others)
            self._note_failure(message, error)
            return []
        for part in decoded.parts:
            part.origin = message
        if decoded.refusals:
            self._refused[id(message)] = message, decoded.refusals
        if decoded.presences or decoded.requests:
            batch.presences += decoded.presences
            batch.requests += decoded.requests
            batch.unsaid += self._unsaid(decoded.presences)
            return decoded.parts + self._presence_parts(message, decoded.presences)
        return decoded.parts

    def _unsaid(self, presences: Sequence[Presence]) -> Iterator[DevicePresence]:
        devices = self._catalogue.of_device
        for device, online, at_ms in presences:
            if device in devices and ONLINE not in devices[device].by_source:
                yield DevicePresence(device, online, at_ms)

    def _run_stages(self, parts: list[Part], batch: Batch) -> None:
        if not parts:
            return
        try:
            self._finish(parts, batch)
        except Exception:  # noqa: BLE001 (as above)
            _log.exception("a batch failed; trying its messages one by one")
            for message, of_message in _by_origin(parts):
                try:
                    self._finish(of_message, batch)
                except Exception as error:  # noqa: BLE001 (kept as a dead letter, which says so)
                    self._note_failure(message, error)

    def _finish(self, parts: list[Part], batch: Batch) -> None:
        for stage in self._stages:
            parts = stage(parts)
        for part in parts:
            reading = Reading(part.point.id, part.at_ms, part.value, part.quality)
            batch.readings.append(reading)
            batch.made.append((part.origin, [reading]))
            batch.by_shard[part.point.shard].append(reading)

    def _note_failure(self, message: Incoming, error: Exception) -> None:
        _log.error("the gateway failed on a message", topic=message.topic, exc_info=error)
        detail = f"the gateway itself failed on this message: {type(error).__name__}: {error}"
        self._refused[id(message)] = message, [Refusal("gateway_failed", detail)]

    def _presence_parts(self, message: Incoming, presences: Sequence[Presence]) -> list[Part]:
        """Presence as values of the source ``online``, for devices that have such a point."""
        points = self._catalogue.points
        return [
            Part(device, ONLINE, at_ms, int(online), origin=message)
            for device, online, at_ms in presences
            if (device, ONLINE) in points
        ]

    def _decode(self, message: Incoming) -> Decoded:
        topic = message.topic
        try:
            decoder = self._routes[topic]
        except KeyError:
            decoder = self._find_route(topic)
        if decoder is None:
            return Decoded(refusals=[Refusal("wrong_topic", f"nothing here reads the topic {topic!a:.200}")])
        received_ms = self._receipts.time_of(message)
        decoded = decoder.decode(topic, message.payload, received_ms)
        if decoded.parts and (decoded.receipt_ms or decoded.parts[0].at_ms == received_ms):
            if message.retain:
                return _without_time(decoded)
            self._receipts.remember(message, received_ms, max(received_ms, decoded.receipt_ms))
        return decoded

    def _find_route(self, topic: str) -> Decoder | None:
        if len(self._routes) >= _TOPICS_KEPT:  # a sender that invents topics must not fill the memory
            self._routes.clear()
        found = next((decoder for decoder in self._decoders if decoder.claims(topic)), None)
        self._routes[topic] = found
        return found

    def _refuse_part(self, part: Part, reason: str, detail: str) -> None:
        if reason in UNKNOWN:
            self.unknown.note(part)
        message = part.origin
        _, refusals = self._refused.setdefault(id(message), (message, []))
        refusals.append(Refusal(reason, detail))

    def _gather_refused(self, batch: Batch) -> list[Refused]:
        if not self._refused:
            return []
        kept: Counter[int] = Counter()
        for message, readings in batch.made:
            kept[id(message)] += len(readings)
        return [Refused(message, refusals, kept[id(message)]) for message, refusals in self._refused.values()]


def _by_origin(parts: Sequence[Part]) -> list[tuple[Incoming, list[Part]]]:
    found: dict[int, tuple[Incoming, list[Part]]] = {}
    for part in parts:
        found.setdefault(id(part.origin), (part.origin, []))[1].append(part)
    return list(found.values())


def _without_time(decoded: Decoded) -> Decoded:
    """A retained message comes again with each subscription; its values are of any time."""
    detail = "the message is retained and has no time: nobody knows when its values were measured"
    decoded.refusals.append(Refusal("bad_timestamp", detail))
    decoded.parts = []
    return decoded
