"""The short way of the message that nearly all are: known device, known points, good values, of now.

Such a message becomes readings in one step, without an object for each value and stage: a third of the
cost. Whatever is in any way unusual is left to the stages, which alone know how to refuse. That both ways
give the same readings is what tests/gateway/test_short_way.py proves on random messages.
"""

from __future__ import annotations

from collections.abc import MutableMapping

import msgspec

from gateway.catalogue import Point, PointCatalogue
from gateway.decoders.instants import read_instant
from gateway.decoders.item import Item, Scalar
from gateway.decoders.native import LARGEST_BYTES, NativeDecoder
from gateway.receipts import Receipts
from gateway.stages.calibrate import NotOfThisKind, calibrated
from gateway.stages.check import LIVE_MS, MOST_AHEAD_MS
from gateway.stages.dedupe import Dedupe
from telemetry.inbox import Incoming
from telemetry.reading import Quality, Reading, Value

_parse = msgspec.json.Decoder(Item).decode
_GOOD = Quality.GOOD


class ShortWay:
    """Gives readings or None, which means: to the stages. A None has changed nothing."""

    def __init__(
        self, native: NativeDecoder, catalogue: PointCatalogue, receipts: Receipts, dedupe: Dedupe
    ) -> None:
        self.devices = native.devices
        """By topic. Only where the native decoder has seen a message before."""
        self._catalogue = catalogue
        self._receipts = receipts
        self._dedupe = dedupe

    def take(self, message: Incoming, by_shard: MutableMapping[int, list[Reading]]) -> list[Reading] | None:
        """All values of the message as readings, also added to their shards, and remembered like those that
        went through the stages."""
        device = self._catalogue.of_device.get(self.devices[message.topic])
        if device is None or message.again or message.retain or len(message.payload) > LARGEST_BYTES:
            return None
        try:
            item = _parse(message.payload)
            received_ms = self._receipts.time_of(message)
            at_ms = received_ms if item.at is None else read_instant(item.at)
        except (ValueError, RecursionError):  # not our form, or no instant
            return None
        # a time of its own that equals that of receipt: no other message of the topic may get the same
        looks_received = item.at is not None and at_ms == received_ms
        if item.quality != "good" or looks_received or not -MOST_AHEAD_MS <= received_ms - at_ms <= LIVE_MS:
            return None
        points, values = device.by_source, item.values
        if not isinstance(values, dict):
            return None
        readings = self._read(values, at_ms, points)
        if not readings:
            return None
        self._dedupe.remember(readings)
        if item.at is None:
            self._receipts.remember(message, at_ms, at_ms)
        if device.shard is not None:
            by_shard[device.shard] += readings
        else:
            for source, reading in zip(values, readings, strict=True):
                by_shard[points[source].shard].append(reading)
        return readings

    def _read(self, values: dict[str, Scalar], at_ms: int, points: dict[str, Point]) -> list[Reading] | None:
        newest = self._dedupe.newest
        readings = []
        for source, given in values.items():
            value: Value = given
            point = points.get(source)
            if point is None or newest.get(point.id, -1) >= at_ms:  # unknown, or perhaps a copy
                return None
            if type(value) is not float or not point.is_plain:
                if value is None:
                    return None
                try:
                    value = calibrated(value, point)
                except NotOfThisKind:
                    return None
            if type(value) is float and not point.low <= value <= point.high:  # also so for infinity
                return None
            readings.append(Reading(point.id, at_ms, value, _GOOD))
        return readings
