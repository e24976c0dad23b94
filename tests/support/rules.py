"""Changing a rule the way the product wants it: its back-test is run and seen first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx2

from tests.support.waiting import eventually

_BEYOND_A_BACKTEST = {"verify_s"}
"""What closes tickets changes no alarm."""


def change_rule(admin: httpx2.Client, rule_id: int, change: Mapping[str, object], *, asset_id: int) -> None:
    """Back-test ``change`` over the last minutes of an asset, look at it, and make it."""
    now = datetime.now(UTC)
    period = {"from": (now - timedelta(minutes=10)).isoformat(), "to": now.isoformat()}
    tried = {name: value for name, value in change.items() if name not in _BEYOND_A_BACKTEST}
    wanted = {"kind": "backtest", "asset_id": asset_id, **period, "change": tried}
    asked = admin.post(f"rules/{rule_id}/runs", json=wanted)
    assert asked.is_success, asked.text
    run = asked.json()["id"]
    seen = eventually(lambda: _seen(admin, run), 60, what="the back-test is done")
    assert seen.is_success, seen.text
    changed = admin.patch(f"rules/{rule_id}", json=dict(change))
    assert changed.is_success, changed.text


def _seen(admin: httpx2.Client, run: int) -> httpx2.Response | None:
    answer = admin.post(f"rules/runs/{run}/seen")
    return None if answer.status_code == 409 else answer
