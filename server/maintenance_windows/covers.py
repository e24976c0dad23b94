"""Whether a maintenance window covers an alarm. No database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple


class Window(NamedTuple):
    """What of a window decides."""

    id: int
    space_id: int | None
    asset_id: int | None
    disciplines: frozenset[str]
    """Empty: all."""
    life_safety: bool
    reason: str
    owner: str
    starts_at: datetime
    ends_at: datetime


class Subject(NamedTuple):
    """What of an alarm decides."""

    asset_id: int
    spaces: Sequence[int]
    """The space of its asset and all those around it."""
    discipline: str
    life_safety: bool


def is_open(window: Window, now: datetime) -> bool:
    """Whether ``now`` lies in it; its end does not."""
    return window.starts_at <= now < window.ends_at


def covers(window: Window, subject: Subject, *, now: datetime) -> bool:
    """Whether alarms of ``subject`` are expected ``now``. Life safety only where the window says so expressly."""
    if not is_open(window, now) or (subject.life_safety and not window.life_safety):
        return False
    if window.disciplines and subject.discipline not in window.disciplines:
        return False
    return window.asset_id == subject.asset_id if window.asset_id is not None else _lies_in(window, subject)


def _lies_in(window: Window, subject: Subject) -> bool:
    return window.space_id in subject.spaces
