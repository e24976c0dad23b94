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
from server.db import open_engine, session_factory, transaction
from server.identity import service, sessions
from server.identity.roles import Role
from server.main import create_app
from server.rules.shipped import seed
from server.settings import ServerSettings
from tests.support.databases import Fill, Postgres, Templates

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


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    return Templates(tmp_path_factory.mktemp("templates"), BEGINNINGS)


@pytest.fixture
def begun(request: pytest.FixtureRequest, database_url: str, templates: Templates) -> dict[str, object]:
    """This test's database has its tables, and the beginnings that the test asks for by their fixtures."""

    def postgres() -> Postgres:
        server: Postgres = request.getfixturevalue("postgres")
        return server

    wanted = frozenset(BEGINNINGS) & frozenset(request.fixturenames)
    return templates.copy_to(database_url, wanted, postgres)


@pytest.fixture
def engine(database_url: str, begun: dict[str, object]) -> Iterator[Engine]:
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def db(engine: Engine) -> sessionmaker[Session]:
    return session_factory(engine)


@pytest.fixture
def demo_site(begun: dict[str, object]) -> None:
    """The demo site is in the database."""
    assert "demo_site" in begun


@pytest.fixture
def shipped_rules(demo_site: None, begun: dict[str, object]) -> None:
    """The rules of the shipped profiles are in the database."""
    assert "shipped_rules" in begun


@pytest.fixture
def cast(begun: dict[str, object]) -> Cast:
    """One person of each role is in the database."""
    people = begun["cast"]
    assert isinstance(people, Cast)
    return people


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


def add_shipped_rules(db: sessionmaker[Session], now: datetime) -> None:
    with transaction(db) as session:
        seed(session, shipped_profiles(), now=now)


BEGINNINGS: dict[str, Fill] = {
    "demo_site": lambda db: add_demo_site(db, START),
    "cast": lambda db: add_cast(db, START),
    "shipped_rules": lambda db: add_shipped_rules(db, START),
}
"""What a test's database can begin with, by the name of the fixture that asks for it."""


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
