"""What time it really was when a phone noted something. Pure.

A phone's wall clock may be wrong, and may be moved. Against it stand: its monotonic clock (which may
rest while the phone sleeps, but never runs ahead), the last server time it saw, and the moment its
events arrived. Let offset = true time - wall clock. Then, for every event:

    server_seen + monotonic time since then  <=  wall + offset  <=  time of arrival

An honest phone has one offset all shift long. A clock that is set back shows at once: the wall clock
gains less than the monotonic one. One that is set forward looks like sleep, until it is set back, or
until the offset at the synchronisation differs from the one before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

DRIFT = 2e-4
"""How much a quartz may run wrong; ten times what phones do."""
LATENCY_MS = 2_000
"""A server time was this old at most when the phone noted it."""


class Stamp(NamedTuple):
    """The clocks of a phone at one event (or at the sending)."""

    seq: int
    wall_ms: int
    mono_ms: int
    boot: str
    seen_ms: int | None = None
    """Last server time it knew, milliseconds since 1970-01-01 UTC."""
    seen_mono_ms: int | None = None
    """Its monotonic clock at that moment; None: of an earlier start of the app."""


@dataclass(frozen=True)
class Moment:
    """What we think of one event's time."""

    at_ms: int
    uncertain_ms: int
    """It lies within at most so much of ``at_ms``, unless the phone lied without a trace."""
    is_tricked: bool
    """The phone's clock was moved: its wall clock says another time than what can be shown."""
    offset_ms: int


@dataclass(frozen=True)
class Memory:
    """What is known of a phone from earlier."""

    offset_ms: int | None = None
    last: Stamp | None = None
    is_moved: bool = False


def estimate(
    stamps: Sequence[Stamp],
    *,
    received_ms: int,
    sent: Stamp | None,
    memory: Memory,
    tolerance_ms: int,
) -> list[Moment]:
    """The moment of each event of one phone, in order of ``seq``.

    ``sent`` is the phone's clock when it sent them (None: not told); ``memory`` what the last
    synchronisation left. ``tolerance_ms``: smaller moves of a clock are its own affair.
    """
    if not stamps:
        return []
    offsets = _forward(stamps, memory, sent, received_ms, tolerance_ms)
    settled = _settled(stamps, memory, sent, received_ms)
    if sent is not None:
        offsets = _reconcile(stamps, offsets, sent, received_ms - sent.wall_ms, settled, tolerance_ms)
    return [
        _moment(stamp, offset, settled, received_ms, tolerance_ms)
        for stamp, offset in zip(stamps, offsets, strict=True)
    ]


def remembered(
    stamps: Sequence[Stamp],
    moments: Sequence[Moment],
    *,
    sent: Stamp | None,
    received_ms: int,
    before: Memory,
) -> Memory:
    """What to keep for the next time."""
    if sent is not None:
        offset = received_ms - sent.wall_ms
        return Memory(offset, replace_seq(sent, stamps[-1].seq if stamps else sent.seq))
    if not stamps:
        return before
    return Memory(moments[-1].offset_ms, stamps[-1], is_moved=moments[-1].is_tricked)


def replace_seq(stamp: Stamp, seq: int) -> Stamp:
    return stamp._replace(seq=seq)


def earliest(stamp: Stamp) -> int | None:
    """The event was not before this: what it knew of the server, and what its monotonic clock added since."""
    if stamp.seen_ms is None:
        return None
    passed = 0
    if stamp.seen_mono_ms is not None:
        passed = max(0, stamp.mono_ms - stamp.seen_mono_ms)
    return stamp.seen_ms + round(passed * (1 - DRIFT))


def _anchored(stamp: Stamp) -> int | None:
    """The offset by a server time of this very start of the app; too low by what the phone slept since."""
    low = earliest(stamp)
    if low is None or stamp.seen_mono_ms is None:
        return None
    return low - stamp.wall_ms


def _settled(stamps: Sequence[Stamp], memory: Memory, sent: Stamp | None, received_ms: int) -> int:
    """The offset this phone had before anything could be moved."""
    if memory.offset_ms is not None and not memory.is_moved:
        return memory.offset_ms
    anchored = _anchored(stamps[0])
    if anchored is not None:
        return anchored
    if sent is not None:
        return received_ms - sent.wall_ms
    # nothing is known: a true clock, unless it says a time that is still to come
    return min(0, received_ms - stamps[-1].wall_ms)


def _forward(
    stamps: Sequence[Stamp], memory: Memory, sent: Stamp | None, received_ms: int, tolerance_ms: int
) -> list[int]:
    """Offsets from the first event on, moved where the clock was visibly moved."""
    settled = _settled(stamps, memory, sent, received_ms)
    offset = memory.offset_ms if memory.offset_ms is not None else settled
    before = memory.last if memory.last is not None and memory.last.seq < stamps[0].seq else None
    offsets: list[int] = []
    for stamp in stamps:
        if before is not None:
            offset = _after_step(before, stamp, offset, settled, tolerance_ms)
        low = earliest(stamp)
        if low is not None and stamp.wall_ms + offset < low - tolerance_ms:
            offset = low - stamp.wall_ms  # it says a time at which it knew a later one already
        if stamp.wall_ms + offset > received_ms + tolerance_ms:
            offset = received_ms - stamp.wall_ms
        offsets.append(offset)
        before = stamp
    return offsets


def _after_step(before: Stamp, stamp: Stamp, offset: int, settled: int, tolerance_ms: int) -> int:
    if before.boot != stamp.boot:
        back = before.wall_ms - stamp.wall_ms
        return offset + back if back > tolerance_ms else offset
    jump = (stamp.wall_ms - before.wall_ms) - (stamp.mono_ms - before.mono_ms)
    if jump < -tolerance_ms:
        return offset - jump
    if jump > tolerance_ms and abs(offset - settled) > tolerance_ms:
        returned = offset - jump
        # it had been set back: this is its return, if that leads to where it was (sleep makes it longer)
        return settled if returned <= settled + tolerance_ms else returned
    return offset


def _reconcile(
    stamps: Sequence[Stamp], offsets: list[int], sent: Stamp, at_sending: int, settled: int, tolerance_ms: int
) -> list[int]:
    """Where the offset at the sending is another than after the last event, the clock was moved in between
    or, unseen, before: a move forward hides in a pause."""
    missing = offsets[-1] - at_sending
    if abs(missing) <= tolerance_ms:
        return offsets
    if len(stamps) and sent.boot == stamps[-1].boot:
        jump = (sent.wall_ms - stamps[-1].wall_ms) - (sent.mono_ms - stamps[-1].mono_ms)
        if abs(jump - missing) <= tolerance_ms or jump > tolerance_ms:
            return offsets  # after the last event: the network set the clock right
    if missing < 0:
        return offsets  # set back after the last event, or before in another start of the app: bounded by arrival
    return _moved_forward_at_best_pause(stamps, offsets, at_sending, missing, tolerance_ms)


def _moved_forward_at_best_pause(
    stamps: Sequence[Stamp], offsets: list[int], at_sending: int, missing: int, tolerance_ms: int
) -> list[int]:
    best: tuple[int, int] | None = None
    for index in range(1, len(stamps)):
        before, stamp = stamps[index - 1], stamps[index]
        if before.boot != stamp.boot:
            continue
        jump = (stamp.wall_ms - before.wall_ms) - (stamp.mono_ms - before.mono_ms)
        if jump >= missing - tolerance_ms:
            best = min(best or (jump, index), (jump, index))
    if best is None:
        return offsets
    return offsets[: best[1]] + [at_sending] * (len(offsets) - best[1])


def _moment(stamp: Stamp, offset: int, settled: int, received_ms: int, tolerance_ms: int) -> Moment:
    low = earliest(stamp)
    at = min(stamp.wall_ms + offset, received_ms)
    if low is not None:
        at = max(at, low)
    spread = received_ms - at if low is None else at - low
    if low is not None and stamp.seen_mono_ms is not None and spread <= tolerance_ms:
        uncertain = LATENCY_MS + round((stamp.mono_ms - stamp.seen_mono_ms) * DRIFT)
    else:
        uncertain = min(tolerance_ms, LATENCY_MS + abs(spread))
    is_tricked = abs(offset - settled) > tolerance_ms
    if is_tricked:
        uncertain = max(uncertain, received_ms - (low if low is not None else at))
    return Moment(at, uncertain, is_tricked, offset)


def as_dict(stamp: Stamp) -> dict[str, object]:
    """For keeping in a database."""
    return stamp._asdict()


def from_dict(kept: dict[str, object] | None) -> Stamp | None:
    """What ``as_dict`` gave."""
    return None if kept is None else Stamp(**kept)  # type: ignore[arg-type]  # written by as_dict alone


__all__ = [
    "LATENCY_MS",
    "Memory",
    "Moment",
    "Stamp",
    "as_dict",
    "earliest",
    "estimate",
    "from_dict",
    "remembered",
    "replace",
]
