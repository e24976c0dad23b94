"""The second axis of an alarm: whether it speaks to people now, and if not, why. Computed from facts, in one place.

The list shows this, the notifier asks this, tickets are opened by this. No database, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from server.errors import Label
from server.maintenance_windows.covers import Subject, Window, covers


class Availability(StrEnum):
    IN_SERVICE = "in_service"
    SHELVED = "shelved"
    """A person put it aside, for a time and with a reason."""
    SUPPRESSED = "suppressed"
    """By design: it follows from a running alarm, or a maintenance window expects it."""
    OUT_OF_SERVICE = "out_of_service"
    """Its asset is."""


class OnShelf(NamedTuple):
    id: int
    reason: str
    by: str
    ends_at: datetime


class Out(NamedTuple):
    reason: str
    by: str


class AlarmFacts(NamedTuple):
    """What of an alarm decides."""

    rule_id: int
    subject: Subject
    explained: Label | None
    """Which running alarm it follows from."""


class World(NamedTuple):
    """What around the alarms decides."""

    now: datetime
    outages: Mapping[int, Out]
    """By asset."""
    shelves: Mapping[tuple[int, int], OnShelf]
    """By (rule, asset); only what is on a shelf now."""
    windows: Sequence[Window]


class Standing(NamedTuple):
    """Where an alarm stands on this axis, and why. ``until`` None: not known in advance."""

    kind: Availability
    reason: Label | None = None
    until: datetime | None = None
    by: str | None = None
    source: str | None = None
    """outage, shelf:3, window:4, cause."""


IN_SERVICE = Standing(Availability.IN_SERVICE)


def availability_of(alarm: AlarmFacts, world: World) -> Standing:
    """Where it stands. What lasts longest and is the most deliberate speaks first."""
    out = world.outages.get(alarm.subject.asset_id)
    if out is not None and not alarm.subject.life_safety:
        return Standing(Availability.OUT_OF_SERVICE, _as_said(out.reason), None, out.by, "outage")
    shelf = world.shelves.get((alarm.rule_id, alarm.subject.asset_id))
    if shelf is not None and shelf.ends_at > world.now:
        reason = _as_said(shelf.reason)
        return Standing(Availability.SHELVED, reason, shelf.ends_at, shelf.by, f"shelf:{shelf.id}")
    open_ones = [window for window in world.windows if covers(window, alarm.subject, now=world.now)]
    if open_ones:
        last = max(open_ones, key=lambda window: window.ends_at)
        return Standing(
            Availability.SUPPRESSED, _as_said(last.reason), last.ends_at, last.owner, f"window:{last.id}"
        )
    if alarm.explained is not None and not alarm.subject.life_safety:
        return Standing(Availability.SUPPRESSED, alarm.explained, None, None, "cause")
    return IN_SERVICE


def _as_said(reason: str) -> Label:
    """What a person typed is shown as it was typed, in both languages."""
    return Label(en=reason, zh=reason)
