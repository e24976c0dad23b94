"""The facts behind ``availability``, read from the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.alarms.availability import (
    IN_SERVICE,
    AlarmFacts,
    OnShelf,
    Out,
    Standing,
    World,
    availability_of,
)
from server.alarms.models import Alarm, Shelf
from server.assets.models import Asset, Space
from server.db import ask_once
from server.maintenance_windows.covers import Subject
from server.maintenance_windows.queries import open_outages, open_windows


def standings(session: Session, alarms: Sequence[Alarm], *, now: datetime) -> Mapping[int, Standing]:
    """Where each of these alarms stands ``now``, by id."""
    world = ask_once(session, ("world", now), lambda: world_at(session, now))
    if not (world.outages or world.shelves or world.windows):
        plain = [alarm for alarm in alarms if alarm.explained is None]
        others = [alarm for alarm in alarms if alarm.explained is not None]
        return {alarm.id: IN_SERVICE for alarm in plain} | _each(session, others, world)
    return _each(session, alarms, world)


def standing_of(session: Session, alarm: Alarm, *, now: datetime) -> Standing:
    """Where this alarm stands ``now``."""
    return standings(session, [alarm], now=now)[alarm.id]


def world_at(session: Session, now: datetime) -> World:
    """All that may keep alarms from speaking ``now``; mostly empty."""
    shelves = session.execute(
        select(Shelf.rule_id, Shelf.asset_id, Shelf.id, Shelf.reason, Shelf.by, Shelf.ends_at)
        .where(Shelf.ended_at.is_(None), Shelf.ends_at > now, Shelf.starts_at <= now)
        .order_by(Shelf.ends_at)
    )
    return World(
        now=now,
        outages={one.asset_id: Out(one.reason, one.by) for one in open_outages(session)},
        shelves={(row[0], row[1]): OnShelf(row[2], row[3], row[4], row[5]) for row in shelves},
        windows=open_windows(session, now=now),
    )


def _each(session: Session, alarms: Sequence[Alarm], world: World) -> dict[int, Standing]:
    paths = _paths(session, {alarm.asset_id for alarm in alarms}) if world.windows and alarms else {}
    return {
        alarm.id: availability_of(
            AlarmFacts(
                alarm.rule_id,
                Subject(alarm.asset_id, paths.get(alarm.asset_id, ()), alarm.discipline, alarm.life_safety),
                alarm.explained,
            ),
            world,
        )
        for alarm in alarms
    }


def _paths(session: Session, asset_ids: set[int]) -> dict[int, tuple[int, ...]]:
    """For each asset its space and all those around it."""
    parents = {row.id: row.parent_id for row in session.execute(select(Space.id, Space.parent_id))}
    rows = session.execute(select(Asset.id, Asset.space_id).where(Asset.id.in_(sorted(asset_ids))))
    return {row.id: _up(parents, row.space_id) for row in rows}


def _up(parents: Mapping[int, int | None], space_id: int) -> tuple[int, ...]:
    found: list[int] = []
    current: int | None = space_id
    while current is not None and current not in found:
        found.append(current)
        current = parents.get(current)
    return tuple(found)
