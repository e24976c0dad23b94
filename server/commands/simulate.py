"""``plantroom simulate``: machines that break the way real ones do, on MQTT."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def simulate(  # noqa: PLR0917 - typer makes options of them
    scenario: Annotated[str, typer.Option(help="demo, quiet_day, bad_day, storm, or a YAML file.")] = "demo",
    seed: Annotated[int, typer.Option(help="The same seed gives the same day.")] = 1,
    speed: Annotated[float, typer.Option(help="How many times faster than life.")] = 1.0,
    backfill_days: Annotated[float, typer.Option(help="History to write first.")] = 0.0,
    number: Annotated[int, typer.Option(help="Tells several simulators on one broker apart.")] = 1,
    write_site: Annotated[
        Path | None, typer.Option(help="Only write the scenario's site file, for `plantroom import`.")
    ] = None,
) -> None:
    """Play a scenario until Ctrl-C; what really happened is kept in the data folder, under simulator/."""
    from device_sim import main
    from server.commands import simulator_progress

    if write_site is not None:
        raise typer.Exit(main.write_site(scenario, write_site))
    raise typer.Exit(
        main.run(
            scenario=scenario,
            seed=seed,
            speed=speed,
            backfill_days=backfill_days,
            number=number,
            on_progress=simulator_progress.report,
        )
    )
