"""``plantroom backtest``: what a rule would have raised, over a CSV file or over the history of an asset."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def backtest(  # noqa: PLR0917 - typer fills them by name
    rule: Annotated[str, typer.Option(help="rule as YAML; with --asset also the key of one of its rules")],
    out: Annotated[Path, typer.Option(help="alarms, one JSON row each")],
    csv: Annotated[Path | None, typer.Option(help="readings: a header, then one row a time")] = None,
    time: Annotated[str, typer.Option(help="column of the time")] = "time",
    points: Annotated[str, typer.Option(help="columns to read, separated by commas")] = "",
    train: Annotated[str, typer.Option(help="normal period to learn from: rows, or FROM..TO")] = "",
    samples: Annotated[Path | None, typer.Option(help="score and alarm of each row, as CSV")] = None,
    zone: Annotated[str, typer.Option(help="of times without an offset, and of hours of the week")] = "UTC",
    asset: Annotated[str | None, typer.Option(help="key of an asset, instead of --csv")] = None,
    begin: Annotated[str, typer.Option("--from", help="begin of the history to look at")] = "",
    end: Annotated[str, typer.Option("--to", help="its end")] = "",
) -> None:
    """Run a rule over the past: what it would have raised, when, for how long, and why."""
    from server.commands.backtest_run import Request, Trouble, run

    try:
        request = Request(rule, out, csv, time, points, train, samples, zone, asset, begin, end)
        run(request, say=_say, progress=_Percent())
    except Trouble as trouble:
        typer.echo(f"plantroom: {trouble}", err=True)
        raise typer.Exit(2) from None


class _Percent:
    """How far it is, on a terminal only."""

    def __init__(self) -> None:
        self._told = -1

    def __call__(self, done: float) -> None:
        percent = int(100 * done)
        if percent > self._told and sys.stderr.isatty():
            self._told = percent
            typer.echo(f"\r{percent} %\r", err=True, nl=False)


def _say(text: str) -> None:
    typer.echo(text, err=True)
