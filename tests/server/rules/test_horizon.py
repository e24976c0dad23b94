from __future__ import annotations

from server.rules.horizon import GAP_MS, RECONNECT_GRACE_MS, SETTLE_MS, Horizon, Step

T = 1_000_000


def test_it_stays_a_settling_time_behind_the_evidence() -> None:
    horizon = Horizon(T)
    assert horizon.heard(T + 1000) == Step(None, T + 1000 - SETTLE_MS)
    assert horizon.heard(T + 400) == Step(None, T + 1000 - SETTLE_MS), "and never goes back"


def test_the_clock_counts_only_while_a_gateway_lives() -> None:
    horizon = Horizon(T)
    assert horizon.tick(T + 1000) is None
    horizon.gateway("a", at_ms=T + 1000, started_ms=0, online=True)
    assert horizon.tick(T + 2000) == Step(None, T + 2000 - SETTLE_MS)
    assert horizon.tick(T + 20_000) is None, "it missed three signs of life"
    horizon.gateway("a", at_ms=T + 20_000, started_ms=0, online=True)
    horizon.gateway("a", at_ms=T + 21_000, started_ms=0, online=False)
    assert horizon.tick(T + 21_001) is None, "it said goodbye"


def test_the_very_first_evidence_ends_a_gap() -> None:
    assert Horizon().heard(T).resume_ms == T + RECONNECT_GRACE_MS


def test_after_a_gap_nobody_was_silent_on_their_own() -> None:
    assert Horizon(T).heard(T + GAP_MS).resume_ms is None
    assert Horizon(T).heard(T + GAP_MS + 1).resume_ms == T + GAP_MS + 1 + RECONNECT_GRACE_MS


def test_a_gateway_that_ran_all_the_time_vouches_for_it() -> None:
    step = Horizon(T).gateway("a", at_ms=T + 600_000, started_ms=T - 1, online=True)
    assert step is not None
    assert step.resume_ms is None
    step = Horizon(T).gateway("a", at_ms=T + 600_000, started_ms=T + 1, online=True)
    assert step is not None
    assert step.resume_ms == T + 600_000 + RECONNECT_GRACE_MS


def test_a_gateway_cannot_vouch_for_a_broker_that_was_away() -> None:
    horizon = Horizon(T)
    horizon.disconnected()
    step = horizon.gateway("a", at_ms=T + 600_000, started_ms=0, online=True)
    assert step is not None
    assert step.resume_ms == T + 600_000 + RECONNECT_GRACE_MS
    assert horizon.heard(T + 600_001).resume_ms is None
