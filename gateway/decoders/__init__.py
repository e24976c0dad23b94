"""From bytes to values. One format a file or folder; nothing behind this sees a payload again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gateway.decoders.decoded import Decoded


class Decoder(Protocol):
    """One format of device messages."""

    @property
    def subscriptions(self) -> Sequence[str]:
        """MQTT filters that bring the messages of this format."""
        ...

    def claims(self, topic: str) -> bool:
        """Whether messages of this topic are this decoder's. The first decoder that claims a topic gets it."""
        ...

    def decode(self, topic: str, payload: bytes, received_ms: int) -> Decoded:
        """Values and refusals of one message, in its order. A value without a time gets ``received_ms``.

        Survives any bytes on any topic it claims: what cannot be read becomes a refusal, the good
        part of the same message is returned, and nothing is raised.
        """
        ...
