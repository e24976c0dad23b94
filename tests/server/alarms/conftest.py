from __future__ import annotations

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.server.alarms.scenes import Plant
from tests.server.conftest import Clock


@pytest.fixture
def plant(db: sessionmaker[Session], shipped_rules: None, clock: Clock) -> Plant:
    return Plant(db, clock.now)
