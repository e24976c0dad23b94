"""A SQLite database with the demo site and one person of each role, made once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from server.assets.profiles import shipped_profiles
from server.assets.site_file import DEMO_SITE, load_site
from server.assets.site_import import import_site
from server.audit.service import SYSTEM
from server.db import create_schema, open_engine, session_factory, transaction
from server.identity import service, sessions
from server.identity.roles import Role
from tests.server.conftest import NAMES, START, Cast


@dataclass(frozen=True)
class Prepared:
    file: Path
    cast: Cast


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    file = tmp_path_factory.mktemp("prepared") / "plantroom.db"
    engine = open_engine(f"sqlite:///{file}")
    create_schema(engine)
    tokens: dict[Role, str] = {}
    ids: dict[Role, int] = {}
    with transaction(session_factory(engine)) as session:
        import_site(session, load_site(DEMO_SITE), shipped_profiles(), now=START, actor=SYSTEM)
        for role, name in NAMES.items():
            user = service.add_user(session, now=START, actor=SYSTEM, name=name, role=role)
            ids[role] = user.id
            _, tokens[role] = sessions.issue_token(session, now=START, actor=SYSTEM, user=user, name="test")
    engine.dispose()
    return Prepared(file, Cast(tokens, ids))


@pytest.fixture
def database_url(prepared: Prepared, tmp_path: Path) -> str:
    copy = tmp_path / "plantroom.db"
    shutil.copy(prepared.file, copy)
    return f"sqlite:///{copy}"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def demo_site() -> None:
    """It is in there."""


@pytest.fixture
def cast(prepared: Prepared) -> Cast:
    return prepared.cast
