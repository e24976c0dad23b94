"""Between decoding and storing: each stage takes values and gives values on, a file each.

What a stage cannot let through it refuses with a reason; nothing disappears in silence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from gateway.catalogue import PointCatalogue
from gateway.decoders.decoded import Part

Refuse = Callable[[Part, str, str], None]
"""Takes the value, the reason as in telemetry.messages.DeadLetter, and a sentence: what is wrong, where."""

Stage = Callable[[list[Part]], list[Part]]


class Counters(msgspec.Struct):
    """Since the gateway's start."""

    messages: int = 0
    readings: int = 0
    duplicates: int = 0
    dead_letters: int = 0
    backfilled: int = 0
    suspect: int = 0


class Surroundings(NamedTuple):
    """What a stage may need besides the values."""

    catalogue: PointCatalogue
    refuse: Refuse
    counters: Counters
    raw_retention_ms: int
    """How long the store keeps raw readings: older ones would be deleted at once."""
