"""Six hours of a plant, accelerated; the process is killed at random moments and nothing is different."""

from __future__ import annotations

from pathlib import Path

from tests.server.rules.killing import killed_and_not


def test_killing_it_at_random_moments_changes_no_alarm(tmp_path: Path) -> None:
    expected, told = killed_and_not(tmp_path, seed=7, kills=3)
    assert len(expected) > 10
    assert {kind for _, _, events in expected for kind, *_ in events} >= {
        "raised",
        "returned",
        "severity_raised",
        "reminded",
    }
    assert told == expected
