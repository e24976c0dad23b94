"""The engine's memory between two processes: exact, so that going on equals never having stopped."""

from __future__ import annotations

import msgspec

from server.rules.instance import NEVER, Instance, State
from telemetry.reading import Value


class SlotState(msgspec.Struct, frozen=True, array_like=True):
    point: int
    at_ms: int
    heard_ms: int
    base_ms: int
    silent: bool
    value: Value


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
    true: list[int]
    """Positions of the leaves that are true."""
    involved: list[int]


class Snapshot(msgspec.Struct, frozen=True):
    horizon_ms: int
    slots: list[SlotState]
    instances: list[InstanceState]
    v: int = 1


def encode(snapshot: Snapshot) -> bytes:
    return msgspec.msgpack.encode(snapshot)


def decode(data: bytes) -> Snapshot:
    """Raises msgspec.DecodeError where these are not the bytes of a snapshot of this version."""
    snapshot = msgspec.msgpack.decode(data, type=Snapshot)
    if snapshot.v != 1:
        raise msgspec.DecodeError(f"snapshot of version {snapshot.v}")
    return snapshot


def instance_state(instance: Instance) -> InstanceState | None:
    """What must be kept of an instance; None where it is as new."""
    true = [index for index, leaf in enumerate(instance.leaves) if leaf.true]
    if not true and instance.mark == 0 and instance.state is State.NORMAL:
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
        true,
        [index for index, leaf in enumerate(instance.leaves) if leaf.involved],
    )


def apply_instance(instance: Instance, kept: InstanceState) -> None:
    """Bring an instance of the same signature back to what was kept."""
    instance.state, instance.truth = State(kept.state), kept.truth
    instance.since_ms, instance.changed_ms, instance.mark = kept.since_ms, kept.changed_ms, kept.mark
    instance.deadline_ms = NEVER if kept.deadline_ms < 0 else kept.deadline_ms
    instance.frozen_ms, instance.left_ms = kept.frozen_ms, kept.left_ms
    for index in kept.true:
        instance.leaves[index].true = True
    for index in kept.involved:
        instance.leaves[index].involved = True
