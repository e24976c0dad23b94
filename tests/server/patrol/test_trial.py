"""A few simulated days of the trial that ``plantroom patrol-trial`` plays for a month."""

from __future__ import annotations

from server.db import create_schema, open_engine
from server.patrol.trial.report import report
from server.patrol.trial.run import Size, play


def test_attacks_are_flagged_and_honest_scans_left_alone() -> None:
    engine = open_engine("sqlite://")
    create_schema(engine)
    outcome = play(Size(routes=6, guards=12, days=2, seed=7), engine)
    assert outcome.passed, report(outcome)
    assert sum(outcome.attacks.values()) > 5
