from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.audit.service import SYSTEM
from server.clock import to_ms
from server.db import transaction
from server.identity import service as identity
from server.identity import sessions
from server.identity.roles import Role
from server.intake.service import beat
from server.settings import ServerSettings
from telemetry.reading import Reading
from telemetry.store import open_store
from telemetry.store.contract import ReadingStore
from tests.server.alarms.scenes import Plant
from tests.server.conftest import Clock


class Sensor:
    """The motor's temperature, as it lies in the store."""

    def __init__(self, store: ReadingStore, point: int) -> None:
        self.store = store
        self.point = point

    def reads(self, value: float, start: datetime, end: datetime, *, every_s: float = 10) -> None:
        """One value from ``start`` to ``end``, the end included."""
        count = round((end - start) / timedelta(seconds=every_s))
        times = [start + index * timedelta(seconds=every_s) for index in range(count + 1)]
        self.store.write([Reading(self.point, to_ms(at), value) for at in times])


@pytest.fixture
def plant(db: sessionmaker[Session], shipped_rules: None, clock: Clock) -> Plant:
    return Plant(db, clock.now)


@pytest.fixture
def sensor(plant: Plant, settings: ServerSettings) -> Sensor:
    return Sensor(open_store(settings.store_url), plant.point)


@pytest.fixture
def rules_run(db: sessionmaker[Session], clock: Clock) -> RulesRun:
    return RulesRun(db, clock)


class RulesRun:
    """The rules process says that it lives, at the time of the test's clock."""

    def __init__(self, db: sessionmaker[Session], clock: Clock) -> None:
        self.db = db
        self.clock = clock

    def __call__(self) -> None:
        with transaction(self.db) as session:
            beat(session, "rules", self.clock.now, {})


@pytest.fixture
def app_client(app: FastAPI, db: sessionmaker[Session], clock: Clock) -> Callable[[str], TestClient]:
    """A client of one more engineer."""

    def make(name: str) -> TestClient:
        with transaction(db) as session:
            user = identity.add_user(session, now=clock.now, actor=SYSTEM, name=name, role=Role.ENGINEER)
            _, token = sessions.issue_token(session, now=clock.now, actor=SYSTEM, user=user, name="test")
        return TestClient(app, headers={"authorization": f"Bearer {token}"})

    return make
