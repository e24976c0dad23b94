"""Runs mapping files on messages: finds the entry for a topic, reads the payload, runs the closures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from gateway.decoders.decoded import Decoded, Refusal
from gateway.decoders.mapped.family import Family
from gateway.decoders.mapped.messages import Message, PayloadKind
from gateway.decoders.mapped.topic_pattern import fewest
from gateway.decoders.mapped.values import read_number

LARGEST_BYTES = 256 * 1024
_TOPICS_KEPT = 100_000


class Route(NamedTuple):
    """An entry that reads a topic, with the topic's named parts."""

    message: Message
    names: Mapping[str, str]


class MappedDecoder:
    """All foreign JSON of the families given. Never raises on a payload, whatever it holds."""

    def __init__(self, families: Sequence[Family]) -> None:
        """Families with an entry of their own topic root come first: ``+/online`` must not catch others'."""
        messages = [message for family in families for message in family.messages]
        self._messages = sorted(messages, key=lambda message: message.topic.subscription.startswith("+"))
        self._routes: dict[str, tuple[Route, ...]] = {}
        self._read_json = msgspec.json.Decoder().decode

    @property
    def subscriptions(self) -> list[str]:
        """The MQTT filters that bring every message of these families."""
        return fewest(message.topic.subscription for message in self._messages)

    def claims(self, topic: str) -> bool:
        """Whether any family has an entry for this topic."""
        return bool(self._find_routes(topic))

    def decode(self, topic: str, payload: bytes, received_ms: int) -> Decoded:
        """One message to values, presences and refusals."""
        decoded = Decoded()
        trees: dict[PayloadKind, object] = {}
        for message, names in self._find_routes(topic):
            if message.skip and message.condition is None:
                return decoded
            if message.payload not in trees:
                try:
                    trees[message.payload] = self._read(payload, message.payload)
                except ValueError as error:
                    decoded.refusals.append(_refusal_of(error))
                    return decoded
            if message.run(names, trees[message.payload], received_ms, decoded):
                return decoded
        decoded.refusals.append(Refusal("wrong_topic", "no mapping has an entry for such a message"))
        return decoded

    def _find_routes(self, topic: str) -> tuple[Route, ...]:
        routes = self._routes.get(topic)
        if routes is None:
            if len(self._routes) >= _TOPICS_KEPT:  # a sender that invents topics must not fill the memory
                self._routes.clear()
            found = ((message, message.topic.match(topic)) for message in self._messages)
            routes = tuple(Route(message, names) for message, names in found if names is not None)
            self._routes[topic] = routes
        return routes

    def _read(self, payload: bytes, kind: PayloadKind) -> object:
        """The payload's tree; raises ValueError, which msgspec's own errors are as well."""
        if len(payload) > LARGEST_BYTES:
            raise TooLarge(f"{len(payload)} bytes are more than {LARGEST_BYTES}")
        if kind == "plain":
            return _read_plain(payload)
        try:
            return self._read_json(payload)
        except RecursionError:
            raise TooDeep("objects and lists stand too deep in each other") from None
        except (msgspec.DecodeError, UnicodeError):
            if kind == "auto":
                return _read_plain(payload)
            raise


class TooLarge(ValueError):
    """The payload is larger than we read."""


class TooDeep(ValueError):
    """The payload is nested deeper than we read."""


def _read_plain(payload: bytes) -> object:
    """A payload that is one number, true or false, or one word."""
    text = payload.decode("utf-8").strip()
    if text in {"true", "false"}:
        return text == "true"
    try:
        return read_number(text)
    except ValueError:
        return text


def _refusal_of(error: ValueError) -> Refusal:
    if isinstance(error, TooLarge):
        return Refusal("too_large", str(error))
    if isinstance(error, TooDeep):
        return Refusal("too_deep", str(error))
    return Refusal("not_json", f"the payload cannot be read: {error}")
