"""Sparkplug B messages to values, presences and rebirth requests.

Device ids are ``group:node`` and ``group:node:device``; a point's source key is the metric's name.
A value the gateway cannot name (data before a birth, an alias nobody announced) is refused and the
node asked for a rebirth; its payload stays in the dead letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from gateway.decoders.decoded import Decoded, Part, Presence, Publish, Refusal
from gateway.decoders.foreign_ids import foreign_device_id
from gateway.decoders.mapped.target import LONGEST_SOURCE
from gateway.decoders.mapped.times import LATEST_S
from gateway.decoders.sparkplug.edge_node import Definition, EdgeNode
from gateway.decoders.sparkplug.metric import read_quality, read_unit, read_value
from gateway.decoders.sparkplug.payload import Metric, Payload, parse_payload, rebirth_command

NAMESPACE: Final = "spBv1.0"
LARGEST_BYTES: Final = 4 * 1024 * 1024
"""A birth of ten thousand metrics is about half a megabyte."""
MOST_NODES: Final = 20_000
MOST_DEFINITIONS: Final = 1_000_000
_TOPICS_KEPT: Final = 100_000
_KINDS: Final = frozenset({"NBIRTH", "NDATA", "NDEATH", "DBIRTH", "DDATA", "DDEATH"})
_CONTROL: Final = ("Node Control/", "Device Control/")
_BD_SEQ: Final = "bdSeq"
_LATEST_MS: Final = LATEST_S * 1000


class Address(NamedTuple):
    """What a topic says."""

    kind: str
    group: str
    node: str
    device: str
    """Empty for the node itself."""
    device_id: str


class SparkplugDecoder:
    """A host application's view of all edge nodes. Never raises on a payload, whatever it holds."""

    def __init__(self, *, groups: Sequence[str] = ()) -> None:
        """``groups``: only these, where several gateways share the work; none given: all."""
        self._groups = list(groups) or ["+"]
        self._nodes: dict[tuple[str, str], EdgeNode] = {}
        self._addresses: dict[str, Address | None] = {}
        self._definitions = 0
        """Metrics kept, of all nodes."""

    @property
    def subscriptions(self) -> list[str]:
        """No commands: what we publish ourselves must not come back."""
        return [
            f"{NAMESPACE}/{group}/{kind}/+" + ("/+" if kind.startswith("D") else "")
            for group in self._groups
            for kind in sorted(_KINDS)
        ]

    def claims(self, topic: str) -> bool:
        """Whether it is a birth, data or death message."""
        return self._address(topic) is not None

    def units(self, device_id: str) -> dict[str, str]:
        """Units by source key as births announced them: a hint for the onboarding inbox."""
        return {
            definition.name: definition.unit
            for (group, node), state in self._nodes.items()
            for device, definitions in state.by_name.items()
            if _device_id(group, node, device) == device_id
            for definition in definitions.values()
            if definition.unit
        }

    def decode(self, topic: str, payload: bytes, received_ms: int) -> Decoded:
        """One message to values, presences, refusals and requests."""
        decoded = Decoded()
        address = self._address(topic)
        if address is None or len(payload) > LARGEST_BYTES:
            reason = "too_large" if address else "wrong_topic"
            decoded.refusals.append(Refusal(reason, "no Sparkplug message of a size we read"))
            return decoded
        try:
            self._take(address, parse_payload(payload), received_ms, decoded)
        except ValueError as error:
            decoded.refusals.append(Refusal("wrong_type", str(error)))
        return decoded

    def _take(self, address: Address, message: Payload, received_ms: int, decoded: Decoded) -> None:
        node = self._node(address, decoded)
        if node is None:
            return
        number = message.seq if message.HasField("seq") else None
        before = node.size
        if address.kind == "NDEATH":
            _end_node(node, address, message, received_ms, decoded)
            self._definitions += node.size - before
            return
        if address.kind == "NBIRTH":
            node.begin(_find_bd_seq(message), number)
        elif address.kind == "DDEATH":
            node.end_device(address.device)
        self._definitions += node.size - before
        lost = number is not None and node.is_born and not node.sequence.take(number % 256, received_ms)
        match address.kind:
            case "NBIRTH" | "DBIRTH":
                self._begin(node, address, message, received_ms, decoded)
            case "DDEATH":
                decoded.presences.append(Presence(address.device_id, online=False, at_ms=received_ms))
            case _:
                lost |= not _take_data(node, address, message, received_ms, decoded)
        if (lost or not node.is_born) and node.may_ask(received_ms):
            command = f"{NAMESPACE}/{address.group}/NCMD/{address.node}"
            decoded.requests.append(Publish(command, rebirth_command(received_ms)))

    def _node(self, address: Address, decoded: Decoded) -> EdgeNode | None:
        key = (address.group, address.node)
        node = self._nodes.get(key)
        if node is None:
            if len(self._nodes) >= MOST_NODES:
                decoded.refusals.append(Refusal("too_large", f"more than {MOST_NODES} edge nodes"))
                return None
            node = self._nodes[key] = EdgeNode()
        return node

    def _begin(
        self, node: EdgeNode, address: Address, message: Payload, received_ms: int, decoded: Decoded
    ) -> None:
        """A birth: what the metrics are called from now on, and their values now."""
        definitions: dict[int | str, Definition] = {}
        for metric in message.metrics:
            if metric.name:
                key = metric.alias if metric.HasField("alias") else metric.name
                definitions[key] = _define(metric)
        before = node.size
        node.announce(address.device, definitions)
        self._definitions += node.size - before
        if self._definitions > MOST_DEFINITIONS:
            self._definitions -= node.size
            node.end()
            raise ValueError(f"more than {MOST_DEFINITIONS} metrics are announced in all")
        decoded.presences.append(Presence(address.device_id, online=True, at_ms=received_ms))
        _take_data(node, address, message, received_ms, decoded)

    def _address(self, topic: str) -> Address | None:
        if topic in self._addresses:
            return self._addresses[topic]
        if len(self._addresses) >= _TOPICS_KEPT:  # a sender that invents topics must not fill the memory
            self._addresses.clear()
        address = self._addresses[topic] = _parse_topic(topic)
        return address


def _parse_topic(topic: str) -> Address | None:
    match topic.split("/"):
        case [first, group, kind, node] if first == NAMESPACE and kind in _KINDS and kind.startswith("N"):
            return Address(kind, group, node, "", _device_id(group, node, ""))
        case [first, group, kind, node, device] if first == NAMESPACE and kind in _KINDS:
            if kind.startswith("D") and device:
                return Address(kind, group, node, device, _device_id(group, node, device))
    return None


def _device_id(group: str, node: str, device: str) -> str:
    """``group:node:device``; where a name has a colon itself the id gets a mark, so that none are mixed up."""
    parts = [group, node, device] if device else [group, node]
    joint = "/" if any(":" in part or not part for part in parts) else ":"
    return foreign_device_id(joint.join(parts))


def _find_bd_seq(message: Payload) -> int | None:
    for metric in message.metrics:
        if metric.name == _BD_SEQ:
            return metric.long_value or metric.int_value
    return None


def _end_node(node: EdgeNode, address: Address, message: Payload, received_ms: int, decoded: Decoded) -> None:
    """A death counts only for the birth it was made for: an old will may arrive after the next birth."""
    bd_seq = _find_bd_seq(message)
    if node.is_born and node.bd_seq is not None and bd_seq != node.bd_seq:
        return
    gone = [address.device_id, *(_device_id(address.group, address.node, device) for device in node.devices)]
    node.end()
    decoded.presences += [Presence(device_id, online=False, at_ms=received_ms) for device_id in gone]


def _take_data(
    node: EdgeNode, address: Address, message: Payload, received_ms: int, decoded: Decoded
) -> bool:
    """Add the values of a message; False where one of them has no name that we know."""
    names = node.by_name.get(address.device, {})
    aliases = node.by_alias.get(address.device, {})
    sent_ms = message.timestamp or received_ms
    if not message.timestamp:
        decoded.receipt_ms = received_ms
    all_known = True
    device_id = address.device_id
    for metric in message.metrics:
        name = metric.name
        definition = names.get(name) if name else aliases.get(metric.alias)
        if definition is None and name and metric.datatype:
            definition = _define(metric)  # said in full, as a birth would
        if definition is None:
            all_known = False
            told = f"metric {name!r:.80}" if name else f"alias {metric.alias}"
            detail = f"{device_id}: no birth announced {told}; its node is asked for a rebirth"
            decoded.refusals.append(Refusal("unknown_point", detail))
        elif definition.is_point:
            _take_metric(metric, definition, device_id, sent_ms, decoded)
    return all_known


def _take_metric(
    metric: Metric, definition: Definition, device_id: str, sent_ms: int, decoded: Decoded
) -> None:
    at_ms = metric.timestamp or sent_ms
    if at_ms > _LATEST_MS:
        detail = f"{device_id}, {definition.name}: {at_ms} is no time in milliseconds"
        decoded.refusals.append(Refusal("bad_timestamp", detail))
        return
    try:
        value = read_value(metric, metric.datatype or definition.datatype)
    except ValueError as error:
        decoded.refusals.append(Refusal("wrong_type", f"{device_id}, {definition.name}: {error}"))
        return
    decoded.parts.append(Part(device_id, definition.name, at_ms, value, read_quality(metric, value)))


def _define(metric: Metric) -> Definition:
    """Its commands and the birth number are no points, nor is what has too long a name."""
    name = metric.name
    is_point = len(name) <= LONGEST_SOURCE and name != _BD_SEQ and not name.startswith(_CONTROL)
    return Definition(name, metric.datatype, read_unit(metric), is_point)
