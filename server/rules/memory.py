"""Where the engine begins: its snapshot, what the store holds since then, and the alarms that are open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple, TypedDict

import msgspec
import structlog
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from server.alarms.lifecycle import PRESENT
from server.alarms.models import Alarm
from server.clock import from_ms, to_ms
from server.rules.evaluate import Engine
from server.rules.models import EngineState
from server.rules.queries import Watchlist
from server.rules.snapshot import Snapshot, decode, encode
from server.rules.transition import MARKS_PER_MS, Kind, Transition
from telemetry.reading import Reading
from telemetry.store.contract import ReadingStore

log = structlog.get_logger("rules")

MARGIN_MS = 60_000
"""Readings of this much before the snapshot are read again: some may have come late."""
LONGEST_LAG_MS = 660_000
"""What comes later than this is BACKFILLED and moves no rule."""
CHUNK = 20_000


class Memory(NamedTuple):
    """What was kept, its slices put together."""

    snapshot: Snapshot
    """Its horizon is that of the oldest slice: who knows more is told it again, which changes nothing."""
    heard_ms: int
    """Horizon of the newest slice: until then at least we heard what was sent."""


def load_memory(session: Session) -> Memory | None:
    """The engine's memory; None at the very first start, or where a newer or broken one is found."""
    try:
        slices = [
            decode(state) for state in session.scalars(select(EngineState.state).order_by(EngineState.id))
        ]
    except msgspec.DecodeError as error:
        log.warning("the engine's memory cannot be read; beginning from the open alarms", error=str(error))
        return None
    kept = together(slices) if slices else None
    if kept is None or kept.snapshot.horizon_ms < 0:  # nothing was heard yet: there is no time to go on from
        return None
    return kept


def together(slices: Sequence[Snapshot]) -> Memory:
    """Slices as of several moments as one memory."""
    times = [one.horizon_ms for one in slices]
    whole = Snapshot(
        min(times),
        slots=[slot for one in slices for slot in one.slots],
        instances=[instance for one in slices for instance in one.instances],
        waiting=[reading for one in slices for reading in one.waiting],
    )
    return Memory(whole, max(times))


class Row(TypedDict):
    """A slice as it is kept."""

    id: int
    at: datetime
    state: bytes


def rows(slices: Mapping[int, Snapshot]) -> list[Row]:
    """Slices, by their numbers, as they are kept. All that the engine was told before must be applied by now."""
    return [
        Row(id=number, at=from_ms(max(snapshot.horizon_ms, 0)), state=encode(snapshot))
        for number, snapshot in slices.items()
    ]


def save_all(session: Session, slices: Sequence[Row]) -> None:
    """Replace the engine's memory."""
    session.execute(delete(EngineState))
    if slices:
        session.execute(insert(EngineState), slices)


def save_slices(session: Session, slices: Sequence[Row]) -> None:
    """Replace some slices; the others stay as of when they were written."""
    for row in slices:
        session.execute(update(EngineState).where(EngineState.id == row["id"]).values(**row))


def replay_from_ms(snapshot: Snapshot) -> int:
    """From when on the store is read again: before the snapshot, by as much as the slowest point lags."""
    lags = (
        min(max(0, slot.heard_ms - slot.at_ms), LONGEST_LAG_MS)  # heard before time was known: -1
        for slot in snapshot.slots
        if slot.at_ms >= 0 and not slot.silent
    )
    return snapshot.horizon_ms - MARGIN_MS - max(lags, default=0)


def replay(engine: Engine, readings: Iterator[Reading], apply: Callable[[list[Transition]], None]) -> int:
    """Feed what the store holds (by time), in chunks; gives how many readings there were. What was seen
    changes nothing."""
    count = 0
    for chunk in _chunks(readings):
        count += len(chunk)
        apply(engine.feed(chunk))
    return count


def _chunks(readings: Iterator[Reading]) -> Iterator[list[Reading]]:
    """About CHUNK at a time, and never some of an instant without the others."""
    held: list[Reading] = []
    while chunk := list(islice(readings, CHUNK)):
        whole = held + chunk
        last_ms = whole[-1].at_ms
        cut = next((i for i in range(len(whole), 0, -1) if whole[i - 1].at_ms != last_ms), 0)
        held = whole[cut:]
        if cut:
            yield whole[:cut]
    if held:
        yield held


def first_values(store: ReadingStore, points: Iterable[int], before_ms: int) -> list[Reading]:
    """Values from before ``before_ms`` that still hold, oldest first: points report by exception."""
    latest = store.latest(list(points)).values()
    return sorted((r for r in latest if r.at_ms < before_ms), key=lambda reading: reading.at_ms)


def adopt_open_alarms(session: Session, engine: Engine) -> None:
    """Without a snapshot: what the database says is present is present, until readings say otherwise."""
    for alarm in session.scalars(select(Alarm).where(Alarm.state.in_(PRESENT))):
        engine.adopt((alarm.rule_id, alarm.asset_id), since_ms=to_ms(alarm.since), mark=alarm.mark)


def proven_ms(session: Session) -> int:
    """Up to where time was known at least when we stopped: what was applied then had happened by then."""
    mark = session.scalar(select(func.max(Alarm.mark)))
    return (mark or 0) // MARKS_PER_MS


def disowned(session: Session, engine: Engine, known: Watchlist, *, at_ms: int) -> list[Transition]:
    """Alarms that are present in the database and not in the engine: their rule is gone, or a reading
    that raised them is. They are told to return."""
    found: list[Transition] = []
    for alarm in session.scalars(select(Alarm).where(Alarm.state.in_(PRESENT))):
        instance = engine.state_of((alarm.rule_id, alarm.asset_id))
        if instance is not None and (instance.is_raised or instance.truth or instance.mark > alarm.mark):
            continue
        mark = alarm.mark + 1
        if instance is not None:
            instance.mark = mark
        kind: Kind = "withdrawn" if instance is None else "returned"
        found.append(Transition(kind, alarm.rule_id, alarm.asset_id, at_ms, at_ms, mark))
    if found:
        log.warning("alarms that no rule upholds are returned", alarms=len(found), rules=len(known.rules))
    return found
