"""All rules on all assets, evaluated in event time. No clock, no database: time is what it is told.

``feed`` takes readings, ``advance`` says up to where all readings are known (the horizon), and both
give what happened. Live evaluation, replay after a restart and a back-test call the same two; their
results are equal as long as each point's readings come in order and the horizon does not pass
readings that are still to come. What follows from this, in detail:

- A delay ends when one of the rule's own readings is past its deadline, or the horizon is.
- A point that reports late (a slow clock, a device emptying its buffer) holds its own timers back by
  as much as it was late last: the horizon counts for it less that lag.
- Reporting by exception: a value holds until the next reading, and a running delay ends although
  nothing more came, but not while a point that took part in the crossing is silent.
- Silence is judged for no_data when the horizon passes a point's last live reading by its timeout.
  A point never heard of counts from when it was first watched, plus ``watching.START_GRACE_MS``.
- ``resume`` says that nothing could be heard until then: silence counts from there.

Most readings change nothing. For each point the engine keeps the range of values that leaves all
leaves as they are and the earliest time at which somebody must be asked; a reading inside both
costs a few comparisons.

All readings of one instant belong into one ``feed``: conditions over several points are judged when
all of them are in, so that two values that change together are never seen half changed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from server.errors import Label
from server.rules.agenda import Agenda
from server.rules.compiled import Leaf, Signal
from server.rules.consequences import Consequences, refresh
from server.rules.instance import Instance
from server.rules.plan import Plan
from server.rules.remembering import recall, remembered
from server.rules.snapshot import Snapshot
from server.rules.transition import Transition
from server.rules.watching import Key, Slot, Watched
from telemetry.reading import Quality, Reading, Value


class Engine:
    """Knows nothing until ``load``."""

    def __init__(self) -> None:
        self._watched = Watched()
        self._agenda = Agenda()
        self._consequences = Consequences(self._watched, self._agenda)
        self._instant_ms = -1
        """Of the readings whose consequences stand in ``_touched``."""
        self._touched: dict[Instance, list[Leaf]] = {}

    @property
    def horizon_ms(self) -> int:
        """All readings up to here are known; -1: nothing is."""
        return self._agenda.horizon_ms

    @property
    def problems(self) -> dict[Key, Label]:
        """What could not be judged since the last ``load``, by rule and asset; the others went on."""
        return self._watched.problems

    def feed(self, readings: Iterable[Reading]) -> list[Transition]:
        """What these readings change. A reading at or before the last of its point changes nothing."""
        out: list[Transition] = []
        slots, horizon_ms, touched = self._watched.slots, self.horizon_ms, self._touched
        worst = Quality.SUSPECT  # asked of the class for each reading it costs a tenth of all this
        for reading in readings:
            slot = slots.get(reading.point)
            if slot is None or reading.quality > worst:
                continue
            at_ms, value, last_ms = reading.at_ms, reading.value, slot.at_ms
            if at_ms <= last_ms or value is None:
                continue
            if touched and at_ms != self._instant_ms:
                self._judge_touched(out)
            if (
                at_ms < slot.due_ms
                and at_ms - last_ms < slot.timeout_ms
                and (
                    value == slot.value or (value.__class__ is not str and slot.low <= value <= slot.high)  # type: ignore[operator]
                )
            ):
                slot.at_ms = at_ms
                slot.value = value
                slot.heard_ms = horizon_ms
                for leaf, instance in slot.observers:
                    if instance.see(leaf, slot, at_ms):
                        self._touch(instance, leaf, at_ms, out)
            else:
                self._take(slot, at_ms, value, out)
        if touched:
            self._judge_touched(out)
        return out

    def advance(self, horizon_ms: int) -> list[Transition]:
        """All readings up to ``horizon_ms`` are known: let the deadlines up to there happen, in order."""
        out: list[Transition] = []
        for due_ms, item in self._agenda.due(horizon_ms):
            if isinstance(item, Slot):
                self._consequences.check_silence(item, due_ms, out)
            else:
                self._consequences.check_deadline(item, due_ms, out)
        return out

    def resume(self, at_ms: int) -> list[Transition]:
        """Nothing could be heard until ``at_ms``: who is not silent yet has its whole timeout from there."""
        out: list[Transition] = []
        for instance in self._watched.instances.values():
            for each in (*instance.steps, instance):
                self._consequences.catch_up(each, self.horizon_ms, out)
        for slot in self._watched.slots.values():
            if not slot.silent:
                slot.base_ms = max(slot.base_ms, at_ms)
        return out

    def lose(self, points: Iterable[int], at_ms: int) -> list[Transition]:
        """The device of these points is gone since ``at_ms``: they are silent at once, until each speaks again."""
        out: list[Transition] = []
        slots = [slot for point in points if (slot := self._watched.slots.get(point)) and not slot.silent]
        for slot in slots:
            slot.gone_ms = max(at_ms, slot.at_ms)
        for slot in slots:
            self._let_pass(slot, slot.gone_ms, out)
        return out

    def judge(self, at_ms: int) -> list[Transition]:
        """Let what is known now count for rules that were told otherwise, as by ``adopt``."""
        out: list[Transition] = []
        self._judge_all(at_ms, out)
        return out

    def state_of(self, key: Key) -> Instance | None:
        """How a rule stands on an asset; None: it is not watched."""
        return self._watched.instances.get(key)

    def slot_of(self, point: int) -> Signal | None:
        """What is known of a point."""
        return self._watched.slots.get(point)

    # -- what is watched --

    def load(self, plan: Plan, at_ms: int) -> list[Transition]:
        """Watch this plan from ``at_ms`` on. What is unchanged keeps its state and its running delays;
        a changed rule keeps its raised alarm and judges it anew; what is gone is withdrawn."""
        out: list[Transition] = []
        for gone in self._watched.replace(plan, at_ms):
            gone.withdraw(at_ms, out)
        self._wire()
        self._judge_all(at_ms, out)
        return out

    @property
    def slices(self) -> int:
        """In how many pieces the memory may be kept, each as of another moment."""
        return len(self._watched.slices)

    def slice_of(self, point: int) -> int | None:
        """Which piece has this point; None: it is not watched."""
        slot = self._watched.slots.get(point)
        return slot.group.slice if slot is not None else None

    def snapshot(self, number: int | None = None) -> Snapshot:
        """All that is remembered, or one slice of it; ``restore`` of it into the same plan is as if nothing
        had happened."""
        groups = self._watched.groups.values() if number is None else self._watched.slices[number]
        return remembered(groups, self.horizon_ms)

    def restore(self, snapshot: Snapshot, at_ms: int) -> list[Transition]:
        """Remember again, once after the first ``load``. Rules that changed meanwhile are judged at ``at_ms``."""
        self._agenda.horizon_ms = snapshot.horizon_ms
        out = recall(self._watched, snapshot, at_ms)
        self._wire()
        self._judge_all(at_ms, out)
        return out

    def adopt(self, key: Key, *, since_ms: int, mark: int) -> bool:
        """Without a snapshot: this alarm is raised. Its leaves count as true until readings say otherwise."""
        instance = self._watched.instances.get(key)
        if instance is None:
            return False
        instance.adopt(since_ms=since_ms, mark=mark)
        for leaf in instance.leaves:
            leaf.true = leaf.involved = True
        self._consequences.settle(instance)
        return True

    def _wire(self) -> None:
        """Connect all, and queue every deadline anew."""
        self._agenda.clear()
        self._watched.wire()
        for instance in self._watched.instances.values():
            for each in (*instance.steps, instance):
                self._agenda.put_instance(each)
        for slot in self._watched.slots.values():
            slot.refresh()
            self._agenda.put_slot(slot)

    def _judge_all(self, at_ms: int, out: list[Transition]) -> None:
        """Let what the plan itself changed take effect: new rules, points that came or went."""
        # what is remembered goes on from where time stood, and readings of since then are still to come
        known_ms = min(at_ms, self.horizon_ms) if self.horizon_ms >= 0 else at_ms
        for group in self._watched.groups.values():
            self._consequences.judge_silence(group, known_ms, out)
            self._consequences.look_at_faults(group, known_ms, out)
        for instance in self._watched.instances.values():
            for each in (*instance.steps, instance):
                if each.root.held() != each.truth:
                    self._consequences.catch_up(each, at_ms, out)
                    self._consequences.move(each, at_ms, out)
            if not instance.severity:  # one that was told changes at its own times
                instance.tell_severity(at_ms, out)

    # -- one reading that may change something --

    def _take(self, slot: Slot, at_ms: int, value: Value, out: list[Transition]) -> None:
        if isinstance(value, float) and math.isnan(value):
            return
        self._instant_ms = at_ms
        self._let_pass(slot, at_ms, out)
        if slot.at_ms < 0:
            slot.base_ms = 0  # the grace was for a point never heard of
            slot.group.next_silence_ms = -math.inf
        heard_again_ms = max(at_ms, slot.gone_ms)  # its clock may be behind: an alarm ends after it began
        slot.at_ms, slot.value, slot.heard_ms, slot.gone_ms = at_ms, value, self.horizon_ms, -1
        if slot.silent:
            slot.group.next_silence_ms = -math.inf
            self._consequences.set_silent(slot, heard_again_ms, out, silent=False)
        self._agenda.put_slot(slot)
        for leaf, instance in slot.leaves:
            self._touched.setdefault(instance, []).append(leaf)
        for leaf, instance in slot.observers:
            if instance.see(leaf, slot, at_ms):
                self._touched.setdefault(instance, []).append(leaf)
        for instance in slot.instances:
            if instance.frozen_ms >= 0:
                self._touched.setdefault(instance, [])
        slot.refresh()

    def _let_pass(self, slot: Slot, at_ms: int, out: list[Transition]) -> None:
        """What happened before this reading, from what was known before it."""
        group = slot.group
        if group.no_data and at_ms >= group.next_silence_ms:
            self._consequences.sweep(group, at_ms, out)
        for instance in slot.instances:
            if instance not in self._touched:
                self._consequences.catch_up(instance, at_ms, out)
        if not slot.silent and slot.silent_from() <= at_ms:
            self._consequences.set_silent(slot, slot.silent_from(), out, silent=True)
        if slot.silent:
            for _, instance in group.no_data:
                self._consequences.catch_up(instance, at_ms, out)

    def _touch(self, instance: Instance, leaf: Leaf, at_ms: int, out: list[Transition]) -> None:
        """A reading within the quiet range made a leaf want to judge."""
        self._instant_ms = at_ms
        if instance not in self._touched:
            self._consequences.catch_up(instance, at_ms, out)
        self._touched.setdefault(instance, []).append(leaf)

    def _judge_touched(self, out: list[Transition]) -> None:
        """All readings of the instant are in: let them have their consequences."""
        at_ms = self._instant_ms
        touched = list(self._touched.items())
        self._touched.clear()
        for instance, leaves in touched:
            for leaf in leaves:
                before = leaf.true
                instance.ask(leaf, at_ms)
                if leaf.true is not before:
                    refresh(leaf)
            if instance.frozen_ms >= 0 or instance.faults_ms >= 0 or instance.root.held() != instance.truth:
                self._consequences.move(instance, at_ms, out)
            elif instance.due_ms < instance.scheduled_ms:
                self._consequences.settle(instance)
