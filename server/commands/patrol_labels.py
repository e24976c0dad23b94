"""``plantroom labels``: the QR labels of the checkpoints as a PDF; keys for the one who writes chips."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def labels(
    to: Annotated[Path, typer.Argument(help="PDF to write")],
    keys_of: Annotated[
        str | None,
        typer.Option(help="UID of an NTAG 424 DNA: print its keys once for writing it, instead of labels"),
    ] = None,
) -> None:
    """Write the labels of all checkpoints, or show the keys that belong into one chip."""
    from server.commands.database import database, one_line_refusals
    from server.commands.running import settings_of_running
    from server.db import reading
    from server.patrol.house import patrol_house
    from server.patrol.planning import labels as printing
    from telemetry.settings import refuse, secret

    settings = settings_of_running()
    house = patrol_house(key=secret(settings.server_key), data=settings.data, public_url=settings.public_url)
    if keys_of is not None:
        if len(keys_of) != 14 or not all(digit in "0123456789abcdefABCDEF" for digit in keys_of):
            refuse("a UID has 14 hexadecimal digits")
        keys = house.keys.derived(bytes.fromhex(keys_of))
        typer.echo(
            f"meta read key (SDMMetaReadKey) {keys.meta.hex()}\nfile read key (SDMFileReadKey) {keys.file.hex()}"
        )
        return
    with one_line_refusals(), database(settings.database_url) as sessions, reading(sessions) as session:
        found = printing.stickers(session, house)
        if not found:
            refuse("no checkpoint has a QR tag yet")
        to.write_bytes(printing.pdf(found))
    typer.echo(f"{len(found)} labels in {to}; addresses begin with {settings.public_url}")
