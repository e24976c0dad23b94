"""What the engine watches: points, and conditions bound to the points of one asset. Plain data, no database."""

from __future__ import annotations

from zlib import crc32

import msgspec

from server.alarms.silence import silence_after_s
from server.errors import Label
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


class Signatures:
    """The signature of each rule of a plan: changes whenever evaluation would, and state kept under another
    one does not apply. What thousands of assets share is spelled out once."""

    def __init__(self) -> None:
        self._shared: dict[tuple[object, ...], tuple[BoundRule, int]] = {}
        """By identity of condition and steps; kept with a rule of theirs, so that no others get the same."""

    def of(self, rule: BoundRule) -> int:
        same = (id(rule.condition), id(rule.steps), rule.on_delay_ms, rule.off_delay_ms)
        key = (*same, rule.severity, rule.remind_ms)
        known = self._shared.get(key)
        if known is None:
            known = self._shared[key] = (rule, crc32(_shared(rule).encode()))
        seed = crc32(f"{rule.points}|{rule.fed}|{rule.fed_by}|{rule.site}".encode(), known[1])
        for name in sorted(rule.learned):
            seed = crc32(rule.learned[name], crc32(name.encode(), seed))
        return seed


def _shared(rule: BoundRule) -> str:
    """All of a rule that is the same on every asset."""
    conditions = [rule.condition, *(step.condition for step in rule.steps if step.condition is not None)]
    parts = [condition.model_dump_json() for condition in conditions]
    parts += [f"{rule.on_delay_ms}|{rule.off_delay_ms}|{rule.severity}|{rule.remind_ms}"]
    parts += [f"{step.severity}|{step.after_ms}" for step in rule.steps]
    return "|".join(parts)


class Plan(msgspec.Struct, frozen=True):
    """All that is to be watched from now on; replaces the plan before it."""

    points: list[WatchedPoint]
    rules: list[BoundRule]
    faults: list[tuple[int, int, Label]] = []
    """(rule, asset, why) of rules that cannot be used there at all."""
