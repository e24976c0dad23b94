"""All that is watched: points by asset, and who looks at each of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from server.errors import Label
from server.rules.compiled import NEVER, Leaf, Scope, Signal
from server.rules.course import Course
from server.rules.instance import Instance, Step
from server.rules.kinds.no_data import NoDataLeaf
from server.rules.kinds.rule_fault import RuleFaultLeaf
from server.rules.plan import BoundRule, Plan, Signatures, WatchedPoint
from server.rules.slices import sliced
from server.rules.table import build

START_GRACE_MS = 300_000
"""A point that was never heard of is still being connected: it gets this much more than its timeout."""

KEPT_TOGETHER = 1000
"""Points in a slice of the memory: writing one takes some 20 ms, in which no reading is evaluated."""

Key = tuple[int, int]
"""(rule, asset)."""


class Slot(Signal):
    """A signal with all who look at it."""

    __slots__ = ("due_ms", "group", "high", "instances", "leaves", "low", "observers", "queued_ms")

    def __init__(self, point: WatchedPoint, group: Group, *, base_ms: int) -> None:
        super().__init__(
            point.id,
            point.key,
            timeout_ms=point.timeout_ms,
            base_ms=base_ms,
            kind=point.kind,
            span=point.span,
        )
        self.group = group
        self.leaves: list[tuple[Leaf, Instance]] = []
        """Who must be asked when the value leaves the quiet range."""
        self.observers: list[tuple[Leaf, Instance]] = []
        """Who sees every reading."""
        self.instances: list[Instance] = []
        self.queued_ms: float = NEVER
        """For when its silence stands in the engine's queue."""
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

    __slots__ = ("fault_watchers", "faults", "instances", "next_silence_ms", "no_data", "slice", "slots")

    def __init__(self) -> None:
        self.next_silence_ms: float = -math.inf
        """Before this none of the points falls silent."""
        self.slots: list[Slot] = []
        self.no_data: list[tuple[NoDataLeaf, Instance]] = []
        self.faults: dict[int, Label] = {}
        """What cannot be judged, by rule."""
        self.fault_watchers: list[tuple[RuleFaultLeaf, Instance]] = []
        self.instances: list[Instance] = []
        """Of rules on this asset, without their steps."""
        self.slice = 0
        """With which others it is remembered."""


class Watched:
    """The plan as objects. Empty until ``replace``."""

    def __init__(self) -> None:
        self.slots: dict[int, Slot] = {}
        self.groups: dict[int, Group] = {}
        self.instances: dict[Key, Instance] = {}
        self.slices: list[list[Group]] = []
        """What is remembered as of one moment, see ``slices``."""
        self._links: set[tuple[Group, Group]] = set()

    def replace(self, plan: Plan, at_ms: int) -> list[Instance]:
        """Watch this plan; gives the instances that are gone. What is unchanged keeps its state."""
        before, self.instances = self.instances, {}
        self._load_points(plan.points, at_ms)
        for rule_id, asset, why in plan.faults:
            self.groups.setdefault(asset, Group()).faults[rule_id] = why
        signatures = Signatures()
        for rule in plan.rules:
            known, signature = before.pop(rule.key, None), signatures.of(rule)
            if known is None or known.signature != signature:
                self.instances[rule.key] = self._build(rule, signature, known, at_ms)
            else:
                self.instances[rule.key] = known
        return list(before.values())

    @property
    def problems(self) -> dict[Key, Label]:
        """What cannot be judged, in a sentence."""
        return {
            (rule, asset): why for asset, group in self.groups.items() for rule, why in group.faults.items()
        }

    def judge_new(self, instance: Instance, at_ms: int) -> None:
        """Judge leaves that have no memory by the last values of their points."""
        for step in instance.steps:
            self.judge_new(step, at_ms)
        for leaf in instance.leaves:
            leaf.begin(at_ms)
            if leaf.signals or leaf.is_timed:
                if any(signal.value is None for signal in leaf.signals):
                    continue
                leaf.true = False
                instance.ask(leaf, at_ms)
                leaf.involved = leaf.true

    def wire(self) -> None:
        """Tell each point who looks at it, and work out what is remembered together."""
        self._links.clear()
        for group in self.groups.values():
            group.instances.clear()
        for slot in self.slots.values():
            slot.leaves, slot.observers, slot.instances, slot.queued_ms = [], [], [], NEVER
        for instance in self.instances.values():
            instance.scheduled_ms = NEVER
            self._wire_instance(instance)
            self.groups[instance.asset].instances.append(instance)
        sizes = {group: len(group.slots) for group in self.groups.values()}
        self.slices = sliced(sizes, self._links, most=KEPT_TOGETHER)
        for number, groups in enumerate(self.slices):
            for group in groups:
                group.slice = number

    def _load_points(self, points: Sequence[WatchedPoint], at_ms: int) -> None:
        before, self.slots = self.slots, {}
        self.groups = {asset: self.groups.get(asset) or Group() for asset in {p.asset for p in points}}
        for group in self.groups.values():
            group.slots.clear()
            group.no_data.clear()
            group.fault_watchers.clear()
            group.faults.clear()
            group.next_silence_ms = -math.inf
        for point in points:
            group = self.groups[point.asset]
            slot = before.get(point.id) or Slot(point, group, base_ms=at_ms + START_GRACE_MS)
            slot.timeout_ms, slot.group = point.timeout_ms, group
            slot.key, slot.kind, slot.span = point.key, point.kind, point.span
            group.slots.append(slot)
            self.slots[point.id] = slot

    def _build(self, rule: BoundRule, signature: int, before: Instance | None, at_ms: int) -> Instance:
        scope = self._scope(rule)
        rises = tuple((step.after_ms, step.severity) for step in rule.steps if step.condition is None)
        instance = Instance(
            rule.key,
            signature=signature,
            condition=build(rule.condition, scope),
            on_delay_ms=rule.on_delay_ms,
            off_delay_ms=rule.off_delay_ms,
            course=Course(rule.severity, rises, rule.remind_ms),
        )
        instance.steps = [
            Step(
                instance,
                severity=step.severity,
                condition=build(step.condition, scope),
                on_delay_ms=step.after_ms,
            )
            for step in rule.steps
            if step.condition is not None
        ]
        self.judge_new(instance, at_ms)
        if before is not None:
            instance.mark = before.mark
            if before.is_raised:
                instance.adopt(since_ms=before.since_ms, mark=before.mark)
        return instance

    def _scope(self, rule: BoundRule) -> Scope:
        group = self.groups.setdefault(rule.asset, Group())
        slots = self.slots
        return Scope(
            signals={key: slots[point] for key, point in rule.points.items() if point in slots},
            of_asset=group.slots,
            learned=rule.learned,
            fed={key: [slots[p] for p in points if p in slots] for key, points in rule.fed.items()},
            fed_by={key: [slots[p] for p in points if p in slots] for key, points in rule.fed_by.items()},
            site=rule.site,
            faults=group.faults,
        )

    def _wire_instance(self, instance: Instance) -> None:
        # steps before their rule: a value that passes both levels at once is raised at the higher one
        for step in instance.steps:
            step.scheduled_ms = NEVER
            self._wire_instance(step)
        group = self.groups.setdefault(instance.asset, Group())
        instance.faults = group.faults
        instance.note_faults(-1)
        for leaf in instance.leaves:
            if isinstance(leaf, NoDataLeaf):
                group.no_data.append((leaf, instance))
            elif isinstance(leaf, RuleFaultLeaf):
                group.fault_watchers.append((leaf, instance))
            for slot in leaf.signals:
                if not isinstance(slot, Slot):
                    continue
                (slot.observers if leaf.watches_all else slot.leaves).append((leaf, instance))
                if instance not in slot.instances:
                    slot.instances.append(instance)
                if slot.group is not group:
                    self._links.add((group, slot.group))
