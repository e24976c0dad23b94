"""The processes one by one, as a cluster starts them; ``up`` starts them all on one machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def gateway() -> None:
    """Run the gateway: MQTT messages of devices become stored readings."""
    from gateway.main import run

    raise typer.Exit(run())


def rules() -> None:
    """Run the rules: readings become alarms and tickets."""
    from server.rules.main import run

    raise typer.Exit(run())


def modbus(
    config: Annotated[Path, typer.Option(help="The poller's file: lines, devices and their register maps.")],
) -> None:
    """Read Modbus meters and drives and publish what they say as devices would."""
    from gateway.modbus.main import run

    raise typer.Exit(run(config))
