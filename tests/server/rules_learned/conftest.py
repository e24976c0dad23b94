from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from server.clock import to_ms
from server.rules.backtest_work import claim, work_on
from telemetry.reading import Reading
from telemetry.store import open_store
from telemetry.store.contract import ReadingStore
from tests.server.alarms.scenes import Plant
from tests.server.conftest import START, Clock

DAYS = 10
STEP_S = 300


@pytest.fixture
def plant(db: sessionmaker[Session], shipped_rules: None, clock: Clock) -> Plant:
    return Plant(db, clock.now)


@pytest.fixture
def store(tmp_path: Path, plant: Plant) -> Iterator[ReadingStore]:
    """Ten days of a motor that is hot for an hour each noon, and hotter on the last day."""
    store = open_store(f"sqlite:///{tmp_path}/readings.db")
    readings = []
    for step in range(DAYS * 86_400 // STEP_S):
        at = START - timedelta(days=DAYS) + timedelta(seconds=step * STEP_S)
        day, hour = divmod(step * STEP_S / 3600, 24)
        value = 40.0 + (step * 7919) % 13 / 10 + (55.0 if 4 <= hour < 5 else 0.0) + (9.0 if day == 9 else 0.0)
        readings.append(Reading(plant.point, to_ms(at), value))
    store.write(readings)
    yield store


@pytest.fixture
def work(db: sessionmaker[Session], store: ReadingStore, clock: Clock) -> Callable[[], int]:
    """Does what waits, as the server's thread would; gives how many runs that were."""

    def do() -> int:
        count = 0
        while (run_id := claim(db)) is not None:
            work_on(run_id, sessions=db, store=lambda: store, clock=clock, is_stopping=lambda: False)
            count += 1
        return count

    return do
