"""The state of a round, settled from its facts whenever one of them changed."""

from __future__ import annotations

from datetime import datetime, timedelta

from server.patrol.checkpoints.policy import Policy
from server.patrol.rounds.lateness import LegState, RoundState, Window, is_overdue, on_time_until, round_state
from server.patrol.rounds.models import Round, RoundLeg
from server.patrol.rounds.walks import Walk

_UNDER_WAY = (RoundState.DUE, RoundState.STARTED, RoundState.INCOMPLETE)


def window_of(found: Round, policy: Policy) -> Window:
    """When it may be walked."""
    return Window(
        found.starts_at,
        found.window_ends_at,
        early=timedelta(seconds=policy.early_s),
        grace=timedelta(seconds=policy.grace_s),
        moved=timedelta(seconds=found.suspended_s),
    )


def tolerance_of(leg: RoundLeg) -> timedelta:
    return timedelta(seconds=leg.tolerance_s)


def refresh(walk: Walk, *, policy: Policy, now: datetime) -> list[RoundLeg]:
    """Bring a round up to date with its checkpoints and the time; gives those that were called missed by this."""
    found, legs = walk.round, walk.legs
    window = window_of(found, policy)
    is_suspended = found.suspended_at is not None
    missed: list[RoundLeg] = []
    if not is_suspended:
        for leg in legs:
            if leg.state == LegState.PENDING and now > window.closes_at:
                leg.state = LegState.MISSED
                missed.append(leg)
            leg.is_overdue = leg.state == LegState.LATE or (
                leg.state in {LegState.PENDING, LegState.MISSED}
                and is_overdue(window, now=now, due_at=leg.due_at, tolerance=tolerance_of(leg))
            )
    state = round_state(
        [LegState(leg.state) for leg in legs],
        window=window,
        now=now,
        has_started=found.started_at is not None,
        has_finished=found.finished_at is not None,
        is_suspended=is_suspended,
    )
    found.state = state
    found.is_late = any(leg.is_overdue for leg in legs) or (state is RoundState.DUE and now > window.begun_by)
    is_closed = now > window.closes_at and state in {RoundState.INCOMPLETE, RoundState.MISSED}
    if is_closed and found.closed_at is None:
        found.closed_at = now
    if state is RoundState.FINISHED:
        found.closed_at = None
        if found.finished_at is None:
            found.finished_at = max((leg.done_at for leg in legs if leg.done_at is not None), default=now)
    found.late_since = _late_since(walk, window, now=now)
    return missed


def missed_at(found: Round, leg: RoundLeg) -> datetime:
    """Since when a checkpoint is missed."""
    return (leg.due_at or found.window_ends_at) + timedelta(seconds=found.suspended_s)


def _late_since(walk: Walk, window: Window, *, now: datetime) -> datetime | None:
    """Since when the round is behind its times and its alarm stands. It has caught up when nothing overdue is
    waited for and whoever walks it came to the last checkpoint in time: else it would come and go at each one."""
    found = walk.round
    if found.state not in _UNDER_WAY or found.closed_at is not None:
        return None
    waited = [
        on_time_until(window, due_at=leg.due_at, tolerance=tolerance_of(leg))
        for leg in walk.legs
        if leg.state == LegState.PENDING and leg.is_overdue
    ]
    if found.state == RoundState.DUE and now > window.begun_by:
        waited.append(window.begun_by)
    if waited:
        return found.late_since or min(waited)
    visited = [leg for leg in walk.legs if leg.done_at is not None]
    last = max(visited, key=lambda leg: leg.done_at or now, default=None)
    return found.late_since if last is not None and last.state == LegState.LATE else None
