"""The steps lead to exactly the schema the models describe, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from server import migrations
from server.db import Base, open_engine


def test_the_steps_give_the_schema_of_the_models(database_url: str) -> None:
    engine = open_engine(database_url)
    steps = migrations.migrate(engine)
    assert steps[0] == "0001"
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_twice_takes_no_step(database_url: str) -> None:
    engine = open_engine(database_url)
    migrations.migrate(engine)
    assert migrations.migrate(engine) == []
    migrations.check(engine)


def test_an_empty_database_is_refused_with_what_to_do(database_url: str) -> None:
    with pytest.raises(migrations.SchemaMismatch, match="plantroom migrate"):
        migrations.check(open_engine(database_url))


def test_a_newer_database_is_refused_and_left_alone(database_url: str) -> None:
    engine = open_engine(database_url)
    migrations.migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrations.SchemaMismatch, match="newer Plantroom"):
        migrations.migrate(engine)
    assert migrations.current(engine) == "9999"
