"""The engine's memory between two processes: exact, so that going on equals never having stopped."""

from __future__ import annotations

import msgspec

from server.errors import Label
from server.rules.compiled import NEVER, Leaf
from server.rules.instance import Instance, State
from telemetry.reading import Reading, Value

VERSION = 3


class SlotState(msgspec.Struct, frozen=True, array_like=True):
    point: int
    at_ms: int
    heard_ms: int
    base_ms: int
    silent: bool
    value: Value
    gone_ms: int = -1


class InstanceState(msgspec.Struct, frozen=True, array_like=True):
    rule: int
    asset: int
    signature: int
    state: int
    truth: bool
    since_ms: int
    changed_ms: int
    deadline_ms: int
    """-1: none."""
    frozen_ms: int
    left_ms: int
    mark: int
    leaves: list[LeafState]
    """Of the leaves that are not as new."""
    raised_ms: int
    told_ms: int
    severity: str
    steps: list[InstanceState | None]


class LeafState(msgspec.Struct, frozen=True, array_like=True):
    index: int
    true: bool
    involved: bool
    next_ms: float
    """-1: never."""
    problem: Label | None
    memory: bytes | None


class Snapshot(msgspec.Struct, frozen=True):
    horizon_ms: int
    slots: list[SlotState]
    instances: list[InstanceState]
    waiting: list[Reading] = []
    """What came and is not due yet."""
    v: int = VERSION


def encode(snapshot: Snapshot) -> bytes:
    return msgspec.msgpack.encode(snapshot)


def decode(data: bytes) -> Snapshot:
    """Raises msgspec.DecodeError where these are not the bytes of a snapshot of this version."""
    snapshot = msgspec.msgpack.decode(data, type=Snapshot)
    if snapshot.v != VERSION:
        raise msgspec.DecodeError(f"snapshot of version {snapshot.v}")
    return snapshot


def instance_state(instance: Instance) -> InstanceState | None:
    """What must be kept of an instance; None where it is as new."""
    steps = [instance_state(step) for step in instance.steps]
    leaves = [kept for index, leaf in enumerate(instance.leaves) if (kept := _leaf_state(index, leaf))]
    if not leaves and not any(steps) and instance.mark == 0 and instance.state is State.NORMAL:
        return None
    return InstanceState(
        instance.rule,
        instance.asset,
        instance.signature,
        int(instance.state),
        instance.truth,
        instance.since_ms,
        instance.changed_ms,
        -1 if instance.deadline_ms == NEVER else int(instance.deadline_ms),
        instance.frozen_ms,
        instance.left_ms,
        instance.mark,
        leaves,
        instance.raised_ms,
        instance.told_ms,
        instance.severity,
        steps,
    )


def _leaf_state(index: int, leaf: Leaf) -> LeafState | None:
    memory = leaf.memory()
    is_new = not leaf.true and not leaf.involved and leaf.problem is None and leaf.next_ms == NEVER
    if is_new and memory is None:
        return None
    next_ms = -1.0 if leaf.next_ms == NEVER else leaf.next_ms
    return LeafState(index, leaf.true, leaf.involved, next_ms, leaf.problem, memory)


def apply_instance(instance: Instance, kept: InstanceState) -> None:
    """Bring an instance of the same signature back to what was kept."""
    instance.state, instance.truth = State(kept.state), kept.truth
    instance.since_ms, instance.changed_ms, instance.mark = kept.since_ms, kept.changed_ms, kept.mark
    instance.deadline_ms = NEVER if kept.deadline_ms < 0 else kept.deadline_ms
    instance.frozen_ms, instance.left_ms = kept.frozen_ms, kept.left_ms
    instance.raised_ms, instance.told_ms, instance.severity = kept.raised_ms, kept.told_ms, kept.severity
    for step, kept_step in zip(instance.steps, kept.steps, strict=True):
        if kept_step is not None:
            apply_instance(step, kept_step)
    for part in kept.leaves:
        leaf = instance.leaves[part.index]
        leaf.true, leaf.involved, leaf.problem = part.true, part.involved, part.problem
        leaf.next_ms = NEVER if part.next_ms < 0 else part.next_ms
        if part.memory is not None:
            leaf.recall(part.memory)
