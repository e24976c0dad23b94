"""The database's schema through time: one file a step below ``versions``, run by ``plantroom migrate``.

A new step: change the models, then ``plantroom migrate --draft "what changed"`` and read what it wrote.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

HERE = Path(__file__).parent


class SchemaMismatch(Exception):
    """The database was made by another version of Plantroom; the sentence says what to do."""


def migrate(engine: Engine) -> list[str]:
    """Bring the schema to this version; gives the steps that were taken, oldest first.

    Raises SchemaMismatch where the database is newer than this program: nothing is changed then.
    """
    config = _config()
    before = current(engine)
    steps = _steps_from(before)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return steps


def draft(engine: Engine, message: str) -> None:
    """Write a new step from the difference between the models and this (migrated) database."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message=message, autogenerate=True, rev_id=_next_id())


def current(engine: Engine) -> str | None:
    """The step the database is at; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def check(engine: Engine) -> None:
    """Raise SchemaMismatch unless the database is exactly at this version's schema."""
    at = current(engine)
    if pending := _steps_from(at):
        raise SchemaMismatch(
            f"the database is at schema {at or 'none'}, this version needs {pending[-1]}: run `plantroom migrate`"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    return config


def _steps_from(revision: str | None) -> list[str]:
    scripts = ScriptDirectory.from_config(_config())
    known = [step.revision for step in reversed(list(scripts.walk_revisions()))]
    if revision is None:
        return known
    if revision not in known:
        raise SchemaMismatch(
            f"the database is at schema {revision}, which this version does not know: it was made by a newer "
            "Plantroom. Install that version again, or restore a backup from before the upgrade"
        )
    return known[known.index(revision) + 1 :]


def _next_id() -> str:
    return f"{len(_steps_from(None)) + 1:04d}"
