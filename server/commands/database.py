"""The database as a command uses it: opened, of the right schema, and every failure one clear line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from server.commands.preflight import Refused
from server.commands.running import settings_of_running
from server.db import open_engine, session_factory, transaction
from server.errors import DomainError
from server.migrations import SchemaMismatch, check, migrate
from server.settings import ServerSettings
from telemetry.settings import refuse


@contextmanager
def one_line_refusals() -> Iterator[None]:
    """What a person can do something about ends the command with a line instead of a traceback."""
    try:
        yield
    except Refused as refusal:
        refuse(str(refusal))
    except SchemaMismatch as mismatch:
        refuse(str(mismatch))
    except DomainError as error:
        refuse(str(error))
    except OSError as error:  # the disk is full, a file has other rights than its folder
        refuse(f"{error.filename or 'the operating system'}: {error.strerror or error}")


@contextmanager
def database(url: str) -> Iterator[sessionmaker[Session]]:
    """Sessions on a database of this version's schema. Raises Refused, SchemaMismatch."""
    if (path := sqlite_file(url)) and not path.exists():
        raise Refused(
            f"there is no database {path} yet: start with `plantroom up`, or make one with `plantroom migrate`, "
            "or name the data folder of your installation with PLANTROOM_DATA"
        )
    with _reachable(url):
        engine = open_engine(url)
        try:
            check(engine)
            yield session_factory(engine)
        finally:
            engine.dispose()


@contextmanager
def command_transaction() -> Iterator[tuple[Session, ServerSettings]]:
    """One command line, one transaction, on the database the environment names."""
    settings = settings_of_running()
    with one_line_refusals(), database(settings.database_url) as sessions, transaction(sessions) as session:
        yield session, settings


def migrate_database(url: str) -> list[str]:
    """Bring the schema up to this version; gives the steps taken. Raises Refused, SchemaMismatch."""
    if path := sqlite_file(url):
        path.parent.mkdir(parents=True, exist_ok=True)
    with _reachable(url):
        engine = open_engine(url)
        try:
            return migrate(engine)
        finally:
            engine.dispose()


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite URL; None for a database that is a server."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database)


@contextmanager
def _reachable(url: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        shown = make_url(url).render_as_string(hide_password=True)
        reason = str(error.orig).strip().splitlines()[0]
        raise Refused(f"the database {shown} does not work: {reason}") from error
