"""Where the values of one element of a message go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from gateway.decoders.decoded import Decoded, Part, Refusal
from gateway.decoders.mapped.templates import Scope
from gateway.decoders.mapped.values import Convert
from telemetry.reading import Quality

LONGEST_SOURCE: Final = 128
MOST_PARTS: Final = 1000
"""Values in one message; more is no telemetry but an attempt to fill the disk."""


class Target(msgspec.Struct, gc=False):
    """Where the values of one element go."""

    device: str
    at_ms: int
    decoded: Decoded

    def take(self, source: str, value: object, convert: Convert) -> None:
        """Add one value, or the refusal of it."""
        try:
            converted = convert(value)
        except ValueError as error:
            self.refuse("wrong_type", f"{source:.128}: {error}")
            return
        if not 0 < len(source) <= LONGEST_SOURCE:
            self.refuse("wrong_type", f"a source key has 1 to {LONGEST_SOURCE} characters, not {len(source)}")
            return
        quality = Quality.GOOD if converted is not None else Quality.BAD
        self.decoded.parts.append(Part(self.device, source, self.at_ms, converted, quality))

    def refuse(self, reason: str, detail: str) -> None:
        self.decoded.refusals.append(Refusal(reason, f"{self.device}, {detail}"))

    @property
    def is_full(self) -> bool:
        return len(self.decoded.parts) + len(self.decoded.refusals) >= MOST_PARTS

    def refuse_rest(self) -> None:
        """Say once that values were left out."""
        full = Refusal("too_large", f"more than {MOST_PARTS} values in one message")
        if full not in self.decoded.refusals:
            self.decoded.refusals.append(full)


Emit = Callable[[Scope, Target], None]
