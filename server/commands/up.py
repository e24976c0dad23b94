"""``plantroom up``: everything on one machine, started, looked after and stopped together."""

from __future__ import annotations

from typing import Annotated

import typer


def up(
    demo: Annotated[bool, typer.Option("--demo", help="With a simulated building that breaks.")] = False,
    scenario: Annotated[
        str, typer.Option(help="What goes wrong in the demo: a name or a YAML file.")
    ] = "demo",
    history_days: Annotated[float, typer.Option(help="History the demo building begins with.")] = 14.0,
) -> None:
    """Start the broker, server, gateway and rules, and stop them all with Ctrl-C."""
    from server.commands.installation import UpSettings
    from server.commands.startup import Demo, run
    from telemetry.settings import load

    raise typer.Exit(run(load(UpSettings), demo=Demo(scenario, history_days) if demo else None))
