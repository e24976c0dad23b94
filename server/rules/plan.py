"""What the engine watches: points, and conditions bound to the points of one asset. Plain data, no database."""

from __future__ import annotations

from zlib import crc32

import msgspec

from server.alarms.silence import silence_after_s
from server.rules.conditions import Condition


class WatchedPoint(msgspec.Struct, frozen=True):
    """A point as far as rules care. Silence begins ``timeout_ms`` after its last live reading."""

    id: int
    asset: int
    key: str
    kind: str
    interval_s: float

    @property
    def timeout_ms(self) -> int:
        return round(silence_after_s(self.interval_s) * 1000)


class BoundRule(msgspec.Struct, frozen=True):
    """One rule on one asset. ``points``: id by key, of the points that the condition names."""

    rule: int
    asset: int
    condition: Condition
    on_delay_ms: int
    off_delay_ms: int
    points: dict[str, int]
    learned: dict[str, bytes] = {}
    """Trained models that the condition refers to, by the name it gives them."""

    @property
    def key(self) -> tuple[int, int]:
        return (self.rule, self.asset)

    @property
    def signature(self) -> int:
        """Changes whenever evaluation would: state kept under another signature does not apply."""
        text = f"{self.condition.model_dump_json()}|{self.on_delay_ms}|{self.off_delay_ms}|{self.points}"
        seed = crc32(text.encode())
        for name in sorted(self.learned):
            seed = crc32(self.learned[name], crc32(name.encode(), seed))
        return seed


class Plan(msgspec.Struct, frozen=True):
    """All that is to be watched from now on; replaces the plan before it."""

    points: list[WatchedPoint]
    rules: list[BoundRule]
