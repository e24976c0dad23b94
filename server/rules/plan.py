"""What the engine watches: points, and conditions bound to the points of one asset. Plain data, no database."""

from __future__ import annotations

from zlib import crc32

import msgspec

from server.alarms.silence import silence_after_s
from server.rules.conditions import Condition
from server.rules.site_time import ANYWHERE, SiteTime


class WatchedPoint(msgspec.Struct, frozen=True):
    """A point as far as rules care. Silence begins ``timeout_ms`` after its last live reading."""

    id: int
    asset: int
    key: str
    kind: str
    interval_s: float
    span: float | None = None
    """Width of its physical range, in its unit."""

    @property
    def timeout_ms(self) -> int:
        return round(silence_after_s(self.interval_s) * 1000)


class BoundStep(msgspec.Struct, frozen=True):
    """A severity that an alarm reaches: by ``condition`` being met for ``after_ms``, or, without one, by
    being raised for ``after_ms``."""

    severity: str
    condition: Condition | None
    after_ms: int


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
    fed: dict[str, list[int]] = {}
    """Points of the assets that this one feeds, by key; as far as the condition names them."""
    fed_by: dict[str, list[int]] = {}
    site: SiteTime = ANYWHERE
    """Told only to conditions that ask what time it is."""
    severity: str = "medium"
    steps: tuple[BoundStep, ...] = ()
    remind_ms: int = 0

    @property
    def key(self) -> tuple[int, int]:
        return (self.rule, self.asset)

    @property
    def signature(self) -> int:
        """Changes whenever evaluation would: state kept under another signature does not apply."""
        conditions = [self.condition, *(step.condition for step in self.steps if step.condition is not None)]
        parts = [condition.model_dump_json() for condition in conditions]
        parts += [
            f"{self.on_delay_ms}|{self.off_delay_ms}|{self.points}|{self.fed}|{self.fed_by}|{self.site}"
        ]
        parts += [f"{step.severity}|{step.after_ms}" for step in self.steps]
        seed = crc32(f"{'|'.join(parts)}|{self.severity}|{self.remind_ms}".encode())
        for name in sorted(self.learned):
            seed = crc32(self.learned[name], crc32(name.encode(), seed))
        return seed


class Plan(msgspec.Struct, frozen=True):
    """All that is to be watched from now on; replaces the plan before it."""

    points: list[WatchedPoint]
    rules: list[BoundRule]
    faults: list[tuple[int, int, str]] = []
    """(rule, asset, why) of rules that cannot be used there at all."""
