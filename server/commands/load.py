"""``plantroom load``: many devices at a rate, with a ledger of what the broker acknowledged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def load(  # noqa: PLR0917 - typer makes options of them
    devices: Annotated[int, typer.Option(help="How many devices send.")] = 1000,
    points: Annotated[int, typer.Option(help="Values in each message.")] = 5,
    rate: Annotated[float, typer.Option(help="Messages a second of each device.")] = 1.0,
    seconds: Annotated[float, typer.Option(help="For how long.")] = 60.0,
    ledger: Annotated[
        Path | None, typer.Option(help="Where to note each acknowledged message; default: the data folder.")
    ] = None,
    write_site: Annotated[
        Path | None, typer.Option(help="Only write the devices' site file, for `plantroom import`.")
    ] = None,
) -> None:
    """Send a load to the broker and say how fast it was taken over; needs its site imported first."""
    from device_sim import main

    if write_site is not None:
        raise typer.Exit(main.write_load_site(devices=devices, points=points, path=write_site))
    raise typer.Exit(main.run_load(devices=devices, points=points, rate=rate, seconds=seconds, ledger=ledger))
