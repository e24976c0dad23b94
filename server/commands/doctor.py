"""``plantroom doctor``: is everything in order, and if not, what to do."""

from __future__ import annotations

import typer


def doctor() -> None:
    """Check folder, disk, files, schema, audit trail, clock, broker and processes; exit code 1 if one fails."""
    from server.clock import utc_now
    from server.commands.diagnosis import Patient, Verdict, examine
    from server.commands.running import settings_of_running

    failed = False
    for finding in examine(Patient(settings_of_running(), utc_now())):
        failed = failed or finding.verdict is Verdict.FAIL
        print(finding.as_text(), flush=True)
    raise typer.Exit(1 if failed else 0)
