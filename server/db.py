"""The relational database: base class of the tables, engine, session, transaction."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, TypeVar, cast

from pydantic import Field
from sqlalchemy import Connection, Engine, MetaData, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import BigInteger, DateTime, Integer, TypeDecorator

from server.turns import LONGEST_S, turn

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

THREADS = 20
"""Connections kept; twice as many at a peak, which is what the server's 40 request threads can ask for."""
CONNECT_TIMEOUT_S = 5

_BEGIN = "sqlite_begin"
_CHANGED = "changed_nouns"
_ANSWERS = "answers"

T = TypeVar("T")

BigId = BigInteger().with_variant(Integer, "sqlite")
"""Key of tables that grow without end; SQLite only numbers INTEGER keys by itself."""

RowId = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""The number of a row, as requests name it; a larger one is no number that our databases could have given."""


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC times in and out, on databases that forget the zone as well. A naive time is a bug."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone reached the database: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def open_engine(url: str) -> Engine:
    """An engine for SQLite (WAL, foreign keys on, waits 10 s for a writer) or PostgreSQL."""
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite":
        # one in memory lives in its one connection, and has a pool of its own kind
        pool = {"pool_size": THREADS, "max_overflow": THREADS} if parts.database else {}
        engine = create_engine(parts, **pool)
    else:
        engine = create_engine(
            parts,
            pool_pre_ping=True,
            pool_size=THREADS,
            max_overflow=THREADS,
            connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
        )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN comes too late (before the first write only) and would let two
    # transactions read the same row and then fail; we say BEGIN ourselves in _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={LONGEST_S * 1000}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get(_BEGIN, 'DEFERRED')}")


def session_factory(engine: Engine) -> sessionmaker[Session]:
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def transaction(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """One job that may write, one transaction: committed at the end, rolled back on any error.

    On SQLite the write lock is taken at once: a transaction that began by reading could not get
    it any more after another process wrote in between, however long it waited.
    """
    with turn(sessions.kw["bind"]), sessions() as session, session.begin():
        session.connection(execution_options={_BEGIN: "IMMEDIATE"})
        yield session


@contextmanager
def reading(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """One consistent view for reading; nothing is committed."""
    with sessions() as session:
        yield session


def note_change(session: Session, noun: str) -> None:
    """Remember that this transaction changes rows of ``noun`` (``alarms``, ``tickets``, ``assets``, ``rules``).

    Whoever commits tells the others afterwards; a hint before the commit would have them read old rows.
    """
    session.info.setdefault(_CHANGED, set()).add(noun)


def changes_of(session: Session) -> frozenset[str]:
    """The nouns that were noted in this session."""
    return frozenset(session.info.get(_CHANGED, ()))


@contextmanager
def steady(session: Session) -> Iterator[None]:
    """Within this, what ``ask_once`` was told is not asked again: many jobs of one transaction, none of which
    changes what they ask about."""
    session.info[_ANSWERS] = {}
    try:
        yield
    finally:
        del session.info[_ANSWERS]


def ask_once(session: Session, key: Hashable, question: Callable[[], T]) -> T:
    """The answer; asked only once for each ``key`` while the session is ``steady``, else always."""
    answers = session.info.get(_ANSWERS)
    if answers is None:
        return question()
    if key not in answers:
        answers[key] = question()
    return cast("T", answers[key])


def answer_ahead(session: Session, key: Hashable, answer: object) -> None:
    """What ``ask_once`` would be told for ``key``, where many answers come with one question."""
    answers = session.info.get(_ANSWERS)
    if answers is not None:
        answers[key] = answer


def insert_ignoring(session: Session, table: type[Base], rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows; one that breaks a unique constraint is there already and stays as it is."""
    if not rows:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(insert(table.metadata.tables[table.__tablename__]).on_conflict_do_nothing(), rows)


def add(session: Session, table: type[Base], row: Mapping[str, object], counts: Mapping[str, int]) -> None:
    """Add ``counts`` to those of the row with this key, which is inserted where there is none."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    columns = table.__table__.c
    fresh = insert(table.metadata.tables[table.__tablename__]).values(**row, **counts)
    session.execute(
        fresh.on_conflict_do_update(
            index_elements=list(table.__table__.primary_key),
            set_={name: columns[name] + count for name, count in counts.items()},
        )
    )


def create_schema(engine: Engine) -> None:
    """All tables as the models say, for tests; a real database is migrated."""
    Base.metadata.create_all(engine)
