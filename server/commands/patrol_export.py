"""``plantroom patrol-export``: the log of evidence as a file for a third party."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def patrol_export(
    to: Annotated[
        Path, typer.Argument(help="file to write, JSON lines; its summary goes beside it as .json")
    ],
) -> None:
    """Write the log of evidence of all rounds, and the digest that belongs beside it."""
    import json

    from server.clock import utc_now
    from server.commands.database import database, one_line_refusals
    from server.commands.running import settings_of_running
    from server.db import reading
    from server.patrol.evidence import export

    settings = settings_of_running()
    with (
        one_line_refusals(),
        database(settings.database_url) as sessions,
        reading(sessions) as session,
        to.open("w", encoding="utf-8") as out,
    ):
        summary = export.write(session, out, now=utc_now())
        beside = to.with_suffix(to.suffix + ".json")
        beside.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    typer.echo(f"{summary['rows']} rows, last hash {summary['last_hash']}, in {to}; summary in {beside}")
