"""A minute of everything at once. ``make faults`` does ten of them."""

from __future__ import annotations

import json

import pytest

from tests.faults.harness import Plan, run

MINUTE = Plan(seconds=60.0, rate=4.0, seed=20260131, spool_max_mb=0.01)


@pytest.mark.timeout(600)
def test_what_devices_saw_acknowledged_is_stored_once_and_every_alarm_comes_once() -> None:
    accounts = run(MINUTE)
    assert accounts.acknowledged > 3_000
    assert accounts.lost == 0, accounts
    assert len(accounts.expected) > 4
    assert accounts.wrong_alarms == [], json.dumps(accounts._asdict(), indent=1)
    assert accounts.letters == 0
    assert accounts.spool_was_used, accounts
    assert accounts.spool_was_full, accounts
