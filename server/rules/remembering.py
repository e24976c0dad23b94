"""What is watched, as a snapshot and back."""

from __future__ import annotations

from collections.abc import Iterable

from server.rules.instance import State
from server.rules.snapshot import InstanceState, SlotState, Snapshot, apply_instance, instance_state
from server.rules.transition import Transition
from server.rules.watching import Group, Key, Slot, Watched


def remembered(groups: Iterable[Group], horizon_ms: int) -> Snapshot:
    """All that is remembered of these assets, as of ``horizon_ms``."""
    slots: list[SlotState] = []
    instances: list[InstanceState] = []
    for group in groups:
        slots += [
            SlotState(s.point, s.at_ms, s.heard_ms, s.base_ms, s.silent, s.value, s.gone_ms)
            for s in group.slots
        ]
        instances += [state for instance in group.instances if (state := instance_state(instance))]
    return Snapshot(horizon_ms, slots, instances)


def recall(watched: Watched, snapshot: Snapshot, at_ms: int) -> list[Transition]:
    """Bring what is watched back to what was kept. Rules that changed meanwhile keep their raised alarms and
    are judged at ``at_ms``; what the alarms of rules that are gone come to is given."""
    for kept in snapshot.slots:
        slot = watched.slots.get(kept.point)
        if slot is not None:
            _recall_slot(slot, kept)
    out: list[Transition] = []
    unchanged: set[Key] = set()
    for state in snapshot.instances:
        instance = watched.instances.get((state.rule, state.asset))
        raised = state.state in (State.ACTIVE, State.RETURNING)
        if instance is not None and instance.signature == state.signature:
            apply_instance(instance, state)
            unchanged.add((state.rule, state.asset))
        elif instance is not None and raised:
            instance.adopt(since_ms=state.since_ms, mark=state.mark)
        elif raised:
            gone = (state.rule, state.asset)
            out.append(Transition("withdrawn", *gone, at_ms, at_ms, state.mark + 1))
    for key, instance in watched.instances.items():
        if key not in unchanged:
            watched.judge_new(instance, at_ms)
    return out


def _recall_slot(slot: Slot, kept: SlotState) -> None:
    slot.at_ms, slot.heard_ms, slot.value = kept.at_ms, kept.heard_ms, kept.value
    slot.base_ms, slot.silent, slot.gone_ms = kept.base_ms, kept.silent, kept.gone_ms
