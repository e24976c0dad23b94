"""``plantroom migrate``: bring the database's schema to this version."""

from __future__ import annotations

from typing import Annotated

import typer


def migrate(
    draft: Annotated[str, typer.Option(help="For developers: write a new step with this title.")] = "",
) -> None:
    """Bring the database's schema to this version of Plantroom."""
    from server import migrations
    from server.commands.database import migrate_database, one_line_refusals
    from server.db import open_engine
    from server.settings import ServerSettings
    from telemetry.settings import load

    settings = load(ServerSettings)
    with one_line_refusals():
        steps = migrate_database(settings.database_url)
    print(f"steps taken: {', '.join(steps)}" if steps else "nothing to do: the schema is current")
    if draft:
        migrations.draft(open_engine(settings.database_url), draft)
