"""``plantroom patrol-trial``: sizes that can be played."""

from __future__ import annotations

from typer.testing import CliRunner

from server.commands.cli import app


def test_a_guard_does_not_walk_two_rounds_at_once() -> None:
    outcome = CliRunner().invoke(app, ["patrol-trial", "--routes", "3", "--guards", "5"])
    assert outcome.exit_code == 2
    assert "3 routes need 6 guards" in outcome.output
