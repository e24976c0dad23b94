"""``plantroom import FILE``: load a site from its YAML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def import_site(
    file: Annotated[Path, typer.Argument(help="Spaces, assets, points and what feeds what.")],
) -> None:
    """Load a site file. Doing it again changes nothing; what the file does not name is left alone."""
    from server.assets.profiles import shipped_profiles
    from server.assets.site_file import load_site
    from server.assets.site_import import import_site as load
    from server.audit.service import COMMAND_LINE
    from server.clock import utc_now
    from server.commands.database import command_transaction

    with command_transaction() as (session, _):
        done = load(session, load_site(file), shipped_profiles(), now=utc_now(), actor=COMMAND_LINE)
    counts = f"{done.spaces} spaces, {done.assets} assets, {done.points} points, {done.feeds} feeds"
    print(f"created or changed: {counts}" if not done.is_nothing else "nothing to do: all of it is there")
