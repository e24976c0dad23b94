"""``plantroom score``: the shipped rules against what the simulator knows to be true."""

from __future__ import annotations

from typing import Annotated

import typer


def score_rules(
    names: Annotated[list[str] | None, typer.Argument(help="shipped scenarios or files")] = None,
    days: Annotated[int, typer.Option(min=1, help="days to simulate")] = 1,
    seed: Annotated[int, typer.Option(help="another day of the same kind")] = 1,
) -> None:
    """Play scenarios through the shipped default rules and compare with the ground truth."""
    from device_sim.scenario import ScenarioError, load
    from server.commands.scoreboard import play_and_score, report

    for name in names or ["quiet_day", "bad_day"]:
        try:
            scenario = load(name)
        except ScenarioError as error:
            typer.echo(f"plantroom: {error}", err=True)
            raise typer.Exit(2) from None
        typer.echo(report(name, play_and_score(scenario, days=days, seed=seed)))
