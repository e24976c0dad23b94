"""The processes one by one, as a cluster starts them; ``up`` starts them all on one machine."""

from __future__ import annotations

import typer


def gateway() -> None:
    """Run the gateway: MQTT messages of devices become stored readings."""
    from gateway.main import run

    raise typer.Exit(run())


def rules() -> None:
    """Run the rules: readings become alarms and tickets."""
    from server.rules.main import run

    raise typer.Exit(run())


def server() -> None:
    """Run the server: the screens and the API."""
    from server.main import run

    raise typer.Exit(run())
