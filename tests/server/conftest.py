"""The server as tests meet it: the demo site, one person of each role, and a clock that tests turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from fastapi import FastAPI
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.assets.profiles import shipped_profiles
from server.assets.site_file import DEMO_SITE, load_site
from server.assets.site_import import import_site
from server.audit.service import SYSTEM
from server.db import create_schema, open_engine, session_factory, transaction
from server.identity import service, sessions
from server.identity.roles import Role
from server.main import create_app
from server.settings import ServerSettings

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PASSWORD = "seven quiet pumps at dawn"


class Clock:
    """Time stands still until a test turns it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True)
class Cast:
    """Ada is admin, Erik engineer, Gu guard, Vera viewer; the API token of each by role."""

    tokens: dict[Role, str]
    ids: dict[Role, int]

    def headers(self, role: Role) -> dict[str, str]:
        return {"authorization": f"Bearer {self.tokens[role]}"}


NAMES = {Role.ADMIN: "ada", Role.ENGINEER: "erik", Role.GUARD: "gu", Role.VIEWER: "vera"}


@pytest.fixture(autouse=True)
def plain_log() -> None:
    """structlog's default draws tracebacks with all local variables, which takes half a minute each; and a
    test that ran a process of ours within this one has set it up otherwise."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url)
    create_schema(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def db(engine: Engine) -> sessionmaker[Session]:
    return session_factory(engine)


@pytest.fixture
def demo_site(db: sessionmaker[Session], clock: Clock) -> None:
    add_demo_site(db, clock.now)


@pytest.fixture
def cast(db: sessionmaker[Session], clock: Clock) -> Cast:
    return add_cast(db, clock.now)


def add_demo_site(db: sessionmaker[Session], now: datetime) -> None:
    with transaction(db) as session:
        import_site(session, load_site(DEMO_SITE), shipped_profiles(), now=now, actor=SYSTEM)


def add_cast(db: sessionmaker[Session], now: datetime) -> Cast:
    """One person of each role, each with an API token."""
    tokens: dict[Role, str] = {}
    ids: dict[Role, int] = {}
    with transaction(db) as session:
        for role, name in NAMES.items():
            user = service.add_user(session, now=now, actor=SYSTEM, name=name, role=role)
            ids[role] = user.id
            _, tokens[role] = sessions.issue_token(session, now=now, actor=SYSTEM, user=user, name="test")
    return Cast(tokens, ids)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> ServerSettings:
    return ServerSettings(data=tmp_path, database_url=database_url, public_url="http://testserver")


@pytest.fixture
def app(settings: ServerSettings, engine: Engine, clock: Clock) -> FastAPI:
    return create_app(settings, engine=engine, clock=clock)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """Nobody is logged in. Outside of ``with`` no loop runs, so no broker is needed."""
    return TestClient(app)


@pytest.fixture
def as_role(app: FastAPI, cast: Cast) -> Callable[[Role], TestClient]:
    """A client of the person with that role."""

    def make(role: Role) -> TestClient:
        return TestClient(app, headers=cast.headers(role))

    return make


@pytest.fixture
def password(db: sessionmaker[Session], cast: Cast, clock: Clock) -> str:
    """Erik's password."""
    with transaction(db) as session:
        erik = service.get_user(session, cast.ids[Role.ENGINEER])
        service.set_password(session, now=clock.now, actor=SYSTEM, user=erik, password=PASSWORD)
    return PASSWORD
