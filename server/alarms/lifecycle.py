"""The process axis of an alarm (ISA-18.2): A normal, B unacknowledged, C acknowledged, D returned unacknowledged."""

from __future__ import annotations

from enum import StrEnum


class AlarmState(StrEnum):
    NORMAL = "normal"
    """A: over and acknowledged; the next time is another alarm."""
    UNACKNOWLEDGED = "unacknowledged"
    """B: present, and nobody said they saw it."""
    ACKNOWLEDGED = "acknowledged"
    """C: present and seen."""
    RETURNED = "returned"
    """D: over, but nobody said they saw it."""


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Verb(StrEnum):
    RAISE = "raise"
    RETURN = "return"
    ACKNOWLEDGE = "acknowledge"


TRANSITIONS: dict[tuple[AlarmState, Verb], AlarmState] = {
    (AlarmState.NORMAL, Verb.RAISE): AlarmState.UNACKNOWLEDGED,
    (AlarmState.UNACKNOWLEDGED, Verb.ACKNOWLEDGE): AlarmState.ACKNOWLEDGED,
    (AlarmState.UNACKNOWLEDGED, Verb.RETURN): AlarmState.RETURNED,
    (AlarmState.ACKNOWLEDGED, Verb.RETURN): AlarmState.NORMAL,
    (AlarmState.RETURNED, Verb.ACKNOWLEDGE): AlarmState.NORMAL,
    (AlarmState.RETURNED, Verb.RAISE): AlarmState.UNACKNOWLEDGED,
    (AlarmState.ACKNOWLEDGED, Verb.RAISE): AlarmState.UNACKNOWLEDGED,
}

PRESENT = (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED)
OPEN = (*PRESENT, AlarmState.RETURNED)
"""States in which an alarm still wants something: the condition to go, or a person to see it."""
UNSEEN = (AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED)


def after(state: AlarmState, verb: Verb) -> AlarmState | None:
    """The state that ``verb`` leads to, or None where it does not apply."""
    return TRANSITIONS.get((state, verb))
