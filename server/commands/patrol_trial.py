"""``plantroom patrol-trial``: a simulated month of rounds against its truth file."""

from __future__ import annotations

from typing import Annotated

import typer


def patrol_trial(
    routes: Annotated[int, typer.Option(min=2, max=200, help="routes")] = 20,
    guards: Annotated[
        int | None, typer.Option(max=400, help="guards: two a route, for day and night, or more")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=60, help="days to simulate")] = 30,
    seed: Annotated[int, typer.Option(help="another month of the same kind")] = 1,
) -> None:
    """Play a month of rounds with honest and dishonest scans through the scoring, and compare with the truth."""
    from server.db import open_engine
    from server.migrations import migrate
    from server.patrol.trial.report import report
    from server.patrol.trial.run import Size, play
    from telemetry.settings import refuse

    guards = guards or 2 * routes
    if guards < 2 * routes:  # one guard would walk two rounds at once, and honest scans would look too fast
        refuse(f"--guards {guards}: {routes} routes need {2 * routes} guards, one for each shift")
    engine = open_engine("sqlite://")
    migrate(engine)
    outcome = play(Size(routes=routes, guards=guards, days=days, seed=seed), engine)
    typer.echo(report(outcome))
    raise typer.Exit(0 if outcome.passed else 1)
