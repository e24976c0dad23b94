from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.server.conftest import Clock
from tests.server.incidents.scenes import Site


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[str]:
    """SQLite alone: what these rooms ask of the database, the alarms' and tickets' tests ask of both."""
    yield f"sqlite:///{tmp_path / 'plantroom.db'}"


@pytest.fixture
def site(db: sessionmaker[Session], shipped_rules: None, clock: Clock) -> Site:
    return Site(db, clock)
