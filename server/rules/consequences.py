"""What a moment leads to: deadlines that pass, points that fall silent or speak again, rules that cannot judge.

Everything here takes the event time at which it happens, and adds what came of it to ``out``.
"""

from __future__ import annotations

from server.rules.agenda import Agenda
from server.rules.compiled import NEVER, Leaf, Signal
from server.rules.instance import Instance, Step
from server.rules.transition import Transition
from server.rules.watching import Group, Slot, Watched


class Consequences:
    """For what is watched, whatever that is by then."""

    def __init__(self, watched: Watched, agenda: Agenda) -> None:
        self._watched = watched
        self._agenda = agenda

    def catch_up(self, instance: Instance, until_ms: int, out: list[Transition]) -> None:
        """Let pass what is due on an instance up to and including ``until_ms``."""
        if instance.deadline_ms != NEVER or instance.due_ms <= until_ms:
            instance.catch_up(until_ms, out)
            self.settle(instance)
            if instance.faults_ms >= 0:
                self._notice_faults(instance, out)

    def move(self, instance: Instance, at_ms: int, out: list[Transition]) -> None:
        """Its leaves may have changed at ``at_ms``."""
        instance.move(at_ms, out)
        self.settle(instance)
        if instance.faults_ms >= 0:
            self._notice_faults(instance, out)

    def settle(self, instance: Instance) -> None:
        """After an instance changed: queue its deadline, and have its points ask it in time."""
        if isinstance(instance, Step):
            self.settle(instance.owner)
        self._agenda.put_instance(instance)
        for leaf in instance.leaves:
            refresh(leaf)

    def check_deadline(self, instance: Instance, due_ms: float, out: list[Transition]) -> None:
        """Its turn on the agenda: its deadline passes, unless its points report late or another look was agreed."""
        if due_ms != instance.scheduled_ms:
            return
        instance.scheduled_ms = NEVER
        if instance.due_ms + self._lag_ms(instance) <= self._agenda.horizon_ms:
            self.catch_up(instance, int(instance.due_ms), out)
        else:
            self.settle(instance)

    def _lag_ms(self, instance: Instance) -> int:
        return max(
            (
                signal.lag_ms()
                for leaf in instance.leaves
                if leaf.involved or leaf.is_timed
                for signal in leaf.signals
            ),
            default=0,
        )

    def check_silence(self, slot: Slot, due_ms: float, out: list[Transition]) -> None:
        """Its turn on the agenda: it is silent, unless it reports late or another look was agreed."""
        if due_ms != slot.queued_ms:
            return
        slot.queued_ms = NEVER
        if slot.silent:
            return
        if slot.silent_from() + slot.lag_ms() <= self._agenda.horizon_ms:
            self.set_silent(slot, slot.silent_from(), out, silent=True)
        else:
            self._agenda.put_slot(slot)

    def sweep(self, group: Group, at_ms: int, out: list[Transition]) -> None:
        """Points of the same asset that fell silent before a reading of ``at_ms`` did so before it."""
        awake = [slot for slot in group.slots if not slot.silent]
        for slot in sorted(awake, key=Signal.silent_from):
            if slot.silent_from() + slot.lag_ms() <= at_ms:
                self.set_silent(slot, slot.silent_from(), out, silent=True)
        rest = (slot.silent_from() + slot.lag_ms() for slot in awake if not slot.silent)
        group.next_silence_ms = min(rest, default=NEVER)

    def set_silent(self, slot: Slot, at_ms: int, out: list[Transition], *, silent: bool) -> None:
        """A point is silent from ``at_ms`` on, or speaks again."""
        for _, instance in slot.group.no_data:
            self.catch_up(instance, at_ms, out)
        slot.silent = silent
        slot.refresh()
        self.judge_silence(slot.group, at_ms, out)

    def judge_silence(self, group: Group, at_ms: int, out: list[Transition]) -> None:
        """Let the rules of missing data see how the points of their asset are."""
        truth = any(slot.silent for slot in group.slots)
        for leaf, instance in group.no_data:
            if leaf.true != truth:
                leaf.true = truth
                self.move(instance, at_ms, out)

    def _notice_faults(self, instance: Instance, out: list[Transition]) -> None:
        """A rule of this asset cannot be judged any more, or again."""
        at_ms, instance.faults_ms = instance.faults_ms, -1
        group = self._watched.groups.get(instance.asset)
        if group is not None:
            self.look_at_faults(group, at_ms, out)

    def look_at_faults(self, group: Group, at_ms: int, out: list[Transition]) -> None:
        """Let the rules about rules that cannot be judged see which these are."""
        for leaf, watcher in group.fault_watchers:
            self.catch_up(watcher, at_ms, out)
            watcher.ask(leaf, at_ms)
            if watcher.root.held() != watcher.truth:
                watcher.move(at_ms, out)
                self.settle(watcher)


def refresh(leaf: Leaf) -> None:
    """After a leaf changed: what its points may do without anyone being asked."""
    for signal in leaf.signals:
        if isinstance(signal, Slot):
            signal.refresh()
