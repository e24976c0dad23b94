"""All that is watched: points by asset, and who looks at each of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from server.rules.compiled import Leaf, LimitLeaf, NoDataLeaf, Signal, build
from server.rules.instance import NEVER, Instance
from server.rules.plan import BoundRule, Plan, WatchedPoint
from telemetry.reading import Value

START_GRACE_MS = 300_000
"""A point that was never heard of is still being connected: it gets this much more than its timeout."""

Key = tuple[int, int]
"""(rule, asset)."""


class Slot(Signal):
    """A signal with all who look at it."""

    __slots__ = ("due_ms", "group", "high", "instances", "leaves", "low", "only_limits", "queued_ms")

    def __init__(self, point: WatchedPoint, group: Group, *, base_ms: int) -> None:
        super().__init__(point.id, timeout_ms=point.timeout_ms, base_ms=base_ms)
        self.group = group
        self.leaves: list[tuple[Leaf, Instance]] = []
        self.instances: list[Instance] = []
        self.queued_ms: float = NEVER
        """For when its silence stands in the engine's queue."""
        self.only_limits = True
        self.low, self.high = -math.inf, math.inf
        self.due_ms: float = NEVER

    def refresh(self) -> None:
        """Work out again what a reading may be and when it may come without anyone being asked."""
        self.low, self.high = -math.inf, math.inf
        for leaf, _ in self.leaves:
            low, high = leaf.quiet()
            self.low, self.high = max(self.low, low), min(self.high, high)
        self.due_ms = -math.inf if self.silent else min((i.wake_ms for i in self.instances), default=NEVER)


class Group:
    """The points of one asset, and the rules that look at their silence."""

    __slots__ = ("next_silence_ms", "no_data", "slots")

    def __init__(self) -> None:
        self.next_silence_ms: float = -math.inf
        """Before this none of the points falls silent."""
        self.slots: list[Slot] = []
        self.no_data: list[tuple[NoDataLeaf, Instance]] = []


class Watched:
    """The plan as objects. Empty until ``replace``."""

    def __init__(self) -> None:
        self.slots: dict[int, Slot] = {}
        self.groups: dict[int, Group] = {}
        self.instances: dict[Key, Instance] = {}
        self.problems: dict[Key, str] = {}
        """What could not be judged, in a sentence."""

    def replace(self, plan: Plan, at_ms: int) -> list[Instance]:
        """Watch this plan; gives the instances that are gone. What is unchanged keeps its state."""
        before, self.instances = self.instances, {}
        self.problems = {}
        self._load_points(plan.points, at_ms)
        for rule in plan.rules:
            known = before.pop(rule.key, None)
            if known is None or known.signature != rule.signature:
                self.instances[rule.key] = self._build(rule, known)
            else:
                self.instances[rule.key] = known
        return list(before.values())

    def judge_new(self, instance: Instance) -> None:
        """Judge leaves that have no memory by the last value of their points."""
        for leaf in instance.leaves:
            if leaf.signal is None or leaf.signal.value is None:
                continue
            truth = self.test(leaf, instance, leaf.signal.value)
            if truth is not None:
                leaf.true = leaf.involved = truth

    def test(self, leaf: Leaf, instance: Instance, value: Value) -> bool | None:
        """The truth a value gives; None, and a problem, where this leaf cannot judge it."""
        try:
            return leaf.test(value)
        except (TypeError, ValueError, OverflowError) as error:
            point = leaf.signal.point if leaf.signal else None
            self.problems[instance.rule, instance.asset] = f"point {point}: {error}"
            return None

    def wire(self) -> None:
        """Tell each point who looks at it."""
        for slot in self.slots.values():
            slot.leaves, slot.instances, slot.only_limits, slot.queued_ms = [], [], True, NEVER
        for instance in self.instances.values():
            instance.scheduled_ms = NEVER
            self._wire_instance(instance)

    def _load_points(self, points: Sequence[WatchedPoint], at_ms: int) -> None:
        before, self.slots = self.slots, {}
        self.groups = {asset: self.groups.get(asset) or Group() for asset in {p.asset for p in points}}
        for group in self.groups.values():
            group.slots.clear()
            group.no_data.clear()
            group.next_silence_ms = -math.inf
        for point in points:
            group = self.groups[point.asset]
            slot = before.get(point.id) or Slot(point, group, base_ms=at_ms + START_GRACE_MS)
            slot.timeout_ms, slot.group = point.timeout_ms, group
            group.slots.append(slot)
            self.slots[point.id] = slot

    def _build(self, rule: BoundRule, before: Instance | None) -> Instance:
        group = self.groups.get(rule.asset) or Group()
        signals = {key: self.slots[point] for key, point in rule.points.items() if point in self.slots}
        instance = Instance(
            rule.key,
            signature=rule.signature,
            condition=build(rule.condition, signals, group.slots),
            on_delay_ms=rule.on_delay_ms,
            off_delay_ms=rule.off_delay_ms,
        )
        self.judge_new(instance)
        if before is not None:
            instance.mark = before.mark
            if before.is_raised:
                instance.adopt(since_ms=before.since_ms, mark=before.mark)
        return instance

    def _wire_instance(self, instance: Instance) -> None:
        for leaf in instance.leaves:
            if isinstance(leaf, NoDataLeaf):
                self.groups.setdefault(instance.asset, Group()).no_data.append((leaf, instance))
            elif isinstance(leaf.signal, Slot):
                slot = leaf.signal
                slot.leaves.append((leaf, instance))
                slot.only_limits = slot.only_limits and isinstance(leaf, LimitLeaf)
                if instance not in slot.instances:
                    slot.instances.append(instance)
