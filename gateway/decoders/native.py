"""Our own payloads, JSON on the device's telemetry topic. docs/guides/connect-a-device.md describes them.

``{"values": {"motor_temp": 41.5}, "at": "2026-01-31T08:00:00Z"}``, or ``{"point": ..., "value": ...}``,
or an array of these. A payload that is exactly so takes the short way (msgspec checks it while
parsing); any other is looked at piece by piece, to keep what is good in it. Where a key occurs
twice in an object the last one counts, as everywhere in JSON.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gateway.decoders.decoded import Decoded, Part, Presence, Refusal
from gateway.decoders.instants import BadInstant, read_instant, shorten
from gateway.decoders.item import Item, NotUsable, read_carefully
from telemetry import topics
from telemetry.reading import Quality

LARGEST_BYTES = 256 * 1024
_TOPICS_KEPT = 20_000
_PRESENCES = {b"online": True, b"offline": False}
_QUALITIES = {
    "good": Quality.GOOD,
    "suspect": Quality.SUSPECT,
    "manual": Quality.MANUAL,
    "bad": Quality.BAD,
}

_parse = msgspec.json.Decoder(Item | list[Item]).decode


class NativeDecoder:
    """Messages below ``plantroom/v1/devices/``; what is on a wrong topic there is refused, not ignored."""

    def __init__(self, subscriptions: Sequence[str] = (topics.ALL_DEVICES,)) -> None:
        """``subscriptions``: filters, where several gateways share the devices."""
        self.subscriptions = tuple(subscriptions)
        self.devices: dict[str, str] = {}
        """Device by telemetry topic, of those that have spoken."""

    def claims(self, topic: str) -> bool:
        return topics.is_device_topic(topic)

    def decode(self, topic: str, payload: bytes, received_ms: int) -> Decoded:
        device = self.devices.get(topic)
        if device is None:
            device, channel = topics.parse_device(topic) or ("", "")
            if channel != "telemetry":
                return _decode_other(topic, device, channel, payload, received_ms)
            self._remember(topic, device)
        if len(payload) > LARGEST_BYTES:
            detail = f"the payload has {len(payload)} bytes; at most {LARGEST_BYTES} are read"
            return Decoded(refusals=[Refusal("too_large", detail)])
        decoded = Decoded()
        try:
            content = _parse(payload)
        except (ValueError, RecursionError):  # no JSON, no UTF-8, not of our form, too deep
            _decode_carefully(decoded, device, payload, received_ms)
            return decoded
        if isinstance(content, list):
            for index, item in enumerate(content):
                # values without a time follow each other, or the last would replace the others
                _add(decoded, device, item, received_ms + index, f"item {index}: ")
        else:
            _add(decoded, device, content, received_ms, "")
        return decoded

    def _remember(self, topic: str, device: str) -> None:
        if len(self.devices) >= _TOPICS_KEPT:  # a sender that invents topics must not fill the memory
            self.devices.clear()
        self.devices[topic] = device


def _add(decoded: Decoded, device: str, item: Item, received_ms: int, place: str) -> None:
    try:
        at_ms = received_ms if item.at is None else read_instant(item.at)
    except BadInstant as error:
        decoded.refusals.append(Refusal("bad_timestamp", f"{place}{error}"))
        return
    if item.at is None:
        decoded.receipt_ms = received_ms
    quality = _QUALITIES[item.quality]
    if item.values is not msgspec.UNSET:
        decoded.parts += [
            Part(device, source, at_ms, value, quality) for source, value in item.values.items()
        ]
    elif item.point is not msgspec.UNSET and item.value is not msgspec.UNSET:
        decoded.parts.append(Part(device, item.point, at_ms, item.value, quality))
    else:
        detail = f'{place}there is neither "values" nor "point" with "value"'
        decoded.refusals.append(Refusal("wrong_type", detail))


def _decode_carefully(decoded: Decoded, device: str, payload: bytes, received_ms: int) -> None:
    try:
        for index, found in enumerate(read_carefully(payload)):
            decoded.refusals += found.refusals
            if found.item is not None:
                _add(decoded, device, found.item, received_ms + index, found.place)
    except NotUsable as unusable:
        decoded.refusals.append(unusable.refusal)


def _decode_other(topic: str, device: str, channel: str, payload: bytes, received_ms: int) -> Decoded:
    """The status channel, or a topic that is not ours."""
    if channel == "status" and payload in _PRESENCES:
        return Decoded(presences=[Presence(device, _PRESENCES[payload], received_ms)])
    if channel == "status":
        detail = f"the status is {shorten(payload[:40])}, neither online nor offline"
        return Decoded(refusals=[Refusal("wrong_type", detail)])
    detail = (
        f"{shorten(topic)} is not {topics.telemetry('DEVICE')} with a device id of 1 to 64 of the "
        "characters A-Z a-z 0-9 _ . : -"
    )
    return Decoded(refusals=[Refusal("wrong_topic", detail)])
