"""What the patrol room does by itself: nothing waits for a loop that finds nothing to do, and two servers do it once."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session, sessionmaker

from server.assets.models import Asset, Point
from server.clock import to_ms
from server.db import reading, transaction
from server.history.stores import Stores
from server.identity.roles import Role
from server.live.hub import Hub
from server.patrol.loop import PatrolLoop
from server.patrol.on_site.models import TypedReading
from server.patrol.rehearsal import would_write
from server.patrol.rounds.models import Round, Schedule
from server.patrol.safety import lone_workers
from server.patrol.safety.models import FireWatch, LoneWorker, Sos
from telemetry.bus import Bus
from telemetry.reading import Reading
from telemetry.store import open_store
from tests.server.conftest import Cast, Clock
from tests.server.patrol.conftest import Estate

EVERY_S = 900


@pytest.fixture
def busy_site(db: sessionmaker[Session], estate: Estate, cast: Cast, clock: Clock) -> Hub:
    """Of everything that the loop watches there is one: gives what the panels and sensors say."""
    with transaction(db) as session:
        person = cast.ids[Role.GUARD]
        session.add(
            Schedule(
                route_id=estate.route_id, rrule="FREQ=DAILY", starts=["02:00"], window_s=3600, days="any",
                valid_from=date(2020, 1, 1), user_id=person,
            )
        )  # fmt: skip
        session.add(
            LoneWorker(
                user_id=person, every_s=EVERY_S, started_at=clock.now, event_id="e", phone_id="p",
                due_at=clock.now + timedelta(seconds=EVERY_S),
            )
        )  # fmt: skip
        sensor = select(Point.id).join(Asset).where(Asset.id == estate.asset_id).order_by(Point.id)
        session.add(
            TypedReading(
                event_id="e", item="kpa", user_id=person, at=clock.now - timedelta(minutes=2), value=5,
                point_id=session.scalars(sensor).first(),
            )
        )  # fmt: skip
        zone = session.scalars(select(Point.id).where(Point.key == "loop_1_01")).one()
    hub = Hub()
    hub.apply([Reading(zone, to_ms(clock.now), 8)])
    return hub


def loop_of(db: sessionmaker[Session], estate: Estate, hub: Hub, clock: Clock, folder: Path) -> PatrolLoop:
    """As a server has it, whose broker is away."""
    return PatrolLoop(
        db,
        estate.house,
        hub=hub,
        stores=Stores(lambda: open_store(f"sqlite:///{folder / 'readings.db'}")),
        bus=Bus("mqtt://127.0.0.1:1", client_id="patrol-test"),
        clock=clock,
        announce=lambda noun: None,
    )


def commits_of(engine: Engine) -> list[object]:
    """Grows with each transaction that may write: those for reading only are never committed."""
    seen: list[object] = []
    event.listen(engine, "commit", seen.append)
    return seen


def count_of(db: sessionmaker[Session], table: type[Round] | type[Sos] | type[FireWatch]) -> int:
    with reading(db) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_loop_that_finds_nothing_due_takes_no_turn_to_write(
    *, db: sessionmaker[Session], engine: Engine, estate: Estate, busy_site: Hub, clock: Clock, tmp_path: Path
) -> None:
    loop = loop_of(db, estate, busy_site, clock, tmp_path)
    commits = commits_of(engine)
    loop.look()
    assert commits
    assert count_of(db, FireWatch) == 1
    walked = count_of(db, Round)
    commits.clear()
    for _ in range(8):
        clock.advance(seconds=2)
        loop.look()
    assert commits == []

    clock.advance(seconds=2 * EVERY_S)
    loop.look()
    assert count_of(db, Sos) == 1
    commits.clear()
    loop.look()
    assert commits == []
    clock.advance(hours=24)
    loop.look()
    assert count_of(db, Round) > walked


def test_two_servers_that_look_at_once_do_it_once(
    *, db: sessionmaker[Session], estate: Estate, busy_site: Hub, clock: Clock, tmp_path: Path
) -> None:
    loop_of(db, estate, busy_site, clock, tmp_path).look()
    walks = count_of(db, Round)
    clock.advance(hours=1)
    together = threading.Barrier(2)

    def look() -> None:
        loop = loop_of(db, estate, busy_site, clock, tmp_path)
        together.wait()
        loop.look()

    servers = [threading.Thread(target=look) for _ in range(2)]
    for server in servers:
        server.start()
    for server in servers:
        server.join()
    assert count_of(db, Sos) == 1
    assert count_of(db, Round) == walks + 1  # of the fire watch


def test_a_rehearsal_writes_nothing_and_what_another_did_meanwhile_is_not_done_again(
    db: sessionmaker[Session], busy_site: Hub, clock: Clock
) -> None:
    watch = partial(lone_workers.watch, now=clock.now + timedelta(hours=1))
    assert would_write(db, watch)
    assert count_of(db, Sos) == 0
    for called in (1, 0):
        with transaction(db) as session:
            assert watch(session) == called
    assert not would_write(db, watch)
