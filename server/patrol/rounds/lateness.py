"""What is late and what is missed. Pure.

A checkpoint with a due time is on time until ``due + tolerance``, one without until the round's
window ends; afterwards it is late, until the window's end plus the site's grace; then it is missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class LegState(StrEnum):
    PENDING = "pending"
    DONE = "done"
    LATE = "late"
    MISSED = "missed"
    EXCUSED = "excused"


class RoundState(StrEnum):
    DUE = "due"
    STARTED = "started"
    SUSPENDED = "suspended"
    FINISHED = "finished"
    INCOMPLETE = "incomplete"
    MISSED = "missed"


@dataclass(frozen=True)
class Window:
    """When a round may be walked. A suspension moves everything after it by as long as it took."""

    starts_at: datetime
    ends_at: datetime
    early: timedelta
    grace: timedelta
    moved: timedelta = timedelta(0)

    @property
    def opens_at(self) -> datetime:
        return self.starts_at - self.early

    @property
    def begun_by(self) -> datetime:
        """A round that nobody has begun by then is late."""
        return self.starts_at + self.moved + self.grace

    @property
    def last_on_time(self) -> datetime:
        return self.ends_at + self.moved

    @property
    def closes_at(self) -> datetime:
        return self.ends_at + self.moved + self.grace


def on_time_until(window: Window, *, due_at: datetime | None, tolerance: timedelta) -> datetime:
    """The last moment at which a checkpoint is on time."""
    if due_at is None:
        return window.last_on_time
    return min(due_at + window.moved + tolerance, window.last_on_time)


def state_of_scan(
    window: Window, *, at: datetime, due_at: datetime | None, tolerance: timedelta
) -> LegState | None:
    """done or late; None where the scan is outside of the round's time and does nothing for it."""
    if not window.opens_at <= at <= window.closes_at:
        return None
    limit = on_time_until(window, due_at=due_at, tolerance=tolerance)
    return LegState.DONE if at <= limit else LegState.LATE


def is_overdue(window: Window, *, now: datetime, due_at: datetime | None, tolerance: timedelta) -> bool:
    """Whether a checkpoint that nobody came to is late by now."""
    return now > on_time_until(window, due_at=due_at, tolerance=tolerance)


def round_state(
    legs: Sequence[LegState],
    *,
    window: Window,
    now: datetime,
    has_started: bool,
    has_finished: bool,
    is_suspended: bool,
) -> RoundState:
    """What a round is now. Whoever asks turns pending checkpoints of a closed round to missed."""
    done = [leg for leg in legs if leg in {LegState.DONE, LegState.LATE, LegState.EXCUSED}]
    if len(done) == len(legs) and legs:
        return RoundState.FINISHED
    if is_suspended:
        return RoundState.SUSPENDED
    if now > window.closes_at:
        is_walked = has_started or any(leg in {LegState.DONE, LegState.LATE} for leg in legs)
        return RoundState.INCOMPLETE if is_walked else RoundState.MISSED
    if has_finished:
        return RoundState.INCOMPLETE
    return RoundState.STARTED if has_started or done else RoundState.DUE
