"""``plantroom import FILE`` and ``plantroom export FILE``: a site from and to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def import_site(
    file: Annotated[
        Path, typer.Argument(help="Spaces, assets and points: .yaml or an Excel workbook (.xlsx).")
    ],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
) -> None:
    """Load a site file. Doing it again changes nothing; what the file does not name is left alone."""
    if file.suffix.lower() == ".xlsx":
        _import_workbook(file, dry_run=dry_run)
    else:
        _import_yaml(file, dry_run=dry_run)


def export_site(
    file: Annotated[Path, typer.Argument(help="The Excel workbook to write (.xlsx).")],
) -> None:
    """Write all sites, assets and points into a workbook that ``plantroom import`` takes back."""
    from xlsxwriter.exceptions import FileCreateError

    from server.assets.workbook import TooManyRows, export_site
    from server.commands.database import command_transaction
    from telemetry.settings import refuse

    if file.suffix.lower() != ".xlsx":
        refuse(f"{file}: a workbook's name ends in .xlsx")
    with command_transaction() as (session, _):
        try:
            export_site(session, file)
        except TooManyRows as error:
            refuse(f"the sheet {error} would have more rows than a workbook may carry back")
        except FileCreateError as error:  # an OSError in wrapping paper
            refuse(f"{file} cannot be written: {error}")
    print(f"written: {file}")


def _import_yaml(file: Path, *, dry_run: bool) -> None:
    from server.assets.profiles import shipped_profiles
    from server.assets.site_file import load_site
    from server.assets.site_import import import_site as load
    from server.audit.service import COMMAND_LINE
    from server.clock import utc_now
    from server.commands.database import command_transaction

    with command_transaction() as (session, _):
        done = load(session, load_site(file), shipped_profiles(), now=utc_now(), actor=COMMAND_LINE)
        if dry_run:
            session.rollback()
    counts = f"{done.spaces} spaces, {done.assets} assets, {done.points} points, {done.feeds} feeds"
    said = "would be created or changed" if dry_run else "created or changed"
    print(f"{said}: {counts}" if not done.is_nothing else "nothing to do: all of it is there")


def _import_workbook(file: Path, *, dry_run: bool) -> None:
    """The good rows; what was refused goes to standard error, and the exit code is 1."""
    from server.assets.profiles import shipped_profiles
    from server.assets.workbook_file import read_workbook
    from server.assets.workbook_import import import_workbook
    from server.assets.workbook_plan import plan_import
    from server.audit.service import COMMAND_LINE
    from server.clock import utc_now
    from server.commands.database import command_transaction, one_line_refusals

    with one_line_refusals():
        sheets = read_workbook(file.read_bytes())
    with command_transaction() as (session, _):
        if dry_run:
            plan = plan_import(session, sheets, shipped_profiles())
        else:
            plan = import_workbook(session, sheets, shipped_profiles(), now=utc_now(), actor=COMMAND_LINE)
    for each in plan.refused:
        where = f"{each.sheet} row {each.row}, {each.column}"
        typer.echo(f"{where}: {each.value!r}: {each.what['en']} {each.kept['en']}", err=True)
    for sheet, count in plan.counts.items():
        print(f"{sheet}: {count.created} new, {count.changed} changed, {count.unchanged} as they were")
    if dry_run:
        print("nothing was written (--dry-run)")
    if plan.refused:
        raise typer.Exit(1)
