"""What time it really was when a phone noted something. Pure.

A phone's wall clock may be wrong, and may be moved. Against it stand: its monotonic clock (which may
rest while the phone sleeps, but never runs ahead), the last server time it saw, and the moment its
events arrived. Let offset = true time - wall clock. Then, for every event:

    server_seen + monotonic time since then  <=  wall + offset  <=  time of arrival

An honest phone has one offset all shift long. A clock that is set back shows at once: the wall clock
gains less than the monotonic one. One that is set forward looks like sleep, until it is set back; the
nearest step forward that is large enough is taken for the other end of the same trick.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


class _Trick(NamedTuple):
    """Stamps from ``first`` up to (not with) ``end`` were made with a clock that was moved by ``by_ms``."""

    first: int
    end: int
    by_ms: int


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
    settled = _settled(stamps, memory, sent, received_ms)
    moved = [0] * len(stamps)
    for trick in _tricks(stamps, memory, sent, settled, received_ms=received_ms, tolerance_ms=tolerance_ms):
        for index in range(trick.first, min(trick.end, len(stamps))):
            moved[index] += trick.by_ms
    return [
        _moment(stamp, settled, by_ms, received_ms, tolerance_ms)
        for stamp, by_ms in zip(stamps, moved, strict=True)
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
    last_seq = stamps[-1].seq if stamps else before.last.seq if before.last else 0
    if sent is not None:
        return Memory(received_ms - sent.wall_ms, sent._replace(seq=last_seq))
    honest = [moment.offset_ms for moment in moments if not moment.is_tricked]
    offset = honest[-1] if honest else before.offset_ms
    return Memory(offset, stamps[-1] if stamps else before.last)


def earliest(stamp: Stamp) -> int | None:
    """The event was not before this: what it knew of the server, and what its monotonic clock added since."""
    if stamp.seen_ms is None:
        return None
    passed = 0
    if stamp.seen_mono_ms is not None:
        passed = max(0, stamp.mono_ms - stamp.seen_mono_ms)
    return stamp.seen_ms + round(passed * (1 - DRIFT))


def as_dict(stamp: Stamp) -> dict[str, object]:
    """For keeping in a database."""
    return stamp._asdict()


def from_dict(kept: dict[str, object] | None) -> Stamp | None:
    """What ``as_dict`` gave."""
    return None if kept is None else Stamp(**kept)  # type: ignore[arg-type]  # written by as_dict alone


def _settled(stamps: Sequence[Stamp], memory: Memory, sent: Stamp | None, received_ms: int) -> int:
    """The offset this phone had before anything could be moved."""
    if memory.offset_ms is not None:
        return memory.offset_ms
    first = stamps[0]
    low = earliest(first)
    if low is not None and first.seen_mono_ms is not None:
        return low - first.wall_ms
    if sent is not None:
        return received_ms - sent.wall_ms
    # nothing is known: a true clock, unless it says a time that is still to come
    return min(0, received_ms - stamps[-1].wall_ms)


def _tricks(
    stamps: Sequence[Stamp],
    memory: Memory,
    sent: Stamp | None,
    settled: int,
    *,
    received_ms: int,
    tolerance_ms: int,
) -> list[_Trick]:
    """All moves of the clock that left a trace."""
    steps = _steps(stamps, memory, sent)
    used: set[int] = set()
    tricks: list[_Trick] = []
    for index, step in enumerate(steps):
        if step is not None and step < -tolerance_ms:
            partner = _partner(steps, index, -step - tolerance_ms, used, -step)
            if partner is None:
                partner = len(stamps)  # it stayed so, or came back unseen
            used.add(partner)
            if partner > index:
                tricks.append(_Trick(index, partner, -step))
            else:
                tricks.append(_Trick(partner, index, step))
    if sent is not None and not tricks:
        missing = settled - (received_ms - sent.wall_ms)
        if missing > tolerance_ms:
            tricks += _stayed_forward(steps, missing, tolerance_ms, len(stamps))
    return tricks


def _steps(stamps: Sequence[Stamp], memory: Memory, sent: Stamp | None) -> list[int | None]:
    """How much more the wall clock gained than the monotonic one before each stamp, and before the sending.

    Above zero it may have slept. Over a restart of the app only the wall clock is known.
    """
    before = memory.last if memory.last is not None and memory.last.seq < stamps[0].seq else None
    steps: list[int | None] = []
    for stamp in (*stamps, *([sent] if sent is not None else [])):
        steps.append(None if before is None else _step(before, stamp))
        before = stamp
    return steps


def _step(before: Stamp, stamp: Stamp) -> int:
    gained = stamp.wall_ms - before.wall_ms
    return gained - (stamp.mono_ms - before.mono_ms) if before.boot == stamp.boot else gained


def _partner(steps: Sequence[int | None], index: int, least: int, used: set[int], wanted: int) -> int | None:
    """The step forward that belongs to a step back: the nearest that is large enough."""
    fitting = [
        (abs(other - index), abs(step - wanted), other)
        for other, step in enumerate(steps)
        if step is not None and other not in used and step >= least
    ]
    return min(fitting)[2] if fitting else None


def _stayed_forward(steps: Sequence[int | None], missing: int, tolerance_ms: int, count: int) -> list[_Trick]:
    """The clock was set forward and is so still. It happened in a pause that is long enough; after the last
    event it is nobody's business: the network set the clock right."""
    if len(steps) > count and (last := steps[count]) is not None and last >= missing - tolerance_ms:
        return []
    fitting = [
        (step, index)
        for index, step in enumerate(steps[:count])
        if step is not None and step >= missing - tolerance_ms
    ]
    return [_Trick(min(fitting)[1], count, -missing)] if fitting else []


def _moment(stamp: Stamp, settled: int, by_ms: int, received_ms: int, tolerance_ms: int) -> Moment:
    low = earliest(stamp)
    offset = settled + by_ms
    is_tricked = abs(by_ms) > tolerance_ms
    at = stamp.wall_ms + offset
    if low is not None and at < low - tolerance_ms and not is_tricked:
        is_tricked = True  # it says a time at which it knew a later one already
    if at > received_ms + tolerance_ms:
        is_tricked = True
    at = min(at, received_ms)
    if low is not None:
        at = max(at, low)
    uncertain = LATENCY_MS
    if is_tricked:
        uncertain = max(tolerance_ms, received_ms - (low if low is not None else at))
    elif low is None or stamp.seen_mono_ms is None or at - low > tolerance_ms:
        uncertain = min(tolerance_ms, LATENCY_MS + (at - low if low is not None else tolerance_ms))
    else:
        uncertain += round((stamp.mono_ms - stamp.seen_mono_ms) * DRIFT)
    return Moment(at, uncertain, is_tricked, offset)
