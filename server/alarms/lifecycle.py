"""The process axis of an alarm (ISA-18.2): A normal, B unacknowledged, C acknowledged, D returned unacknowledged.

The other axis, whether it speaks to people at all, is ``availability``.
"""

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

    def is_above(self, other: Severity) -> bool:
        """Whether this one is more urgent."""
        return _RANK[self] < _RANK[other]


class Verb(StrEnum):
    RAISE = "raise"
    RETURN = "return"
    RETURN_UNHEARD = "return_unheard"
    """It is over before anybody was asked to see it: shelved, suppressed, out of service."""
    ACKNOWLEDGE = "acknowledge"
    ESCALATE = "escalate"
    """Its severity rises."""
    COME_THROUGH = "come_through"
    """It was shelved or suppressed, is so no more, and is still present."""
    RESET = "reset"
    """A person lets go of a latched one."""


TRANSITIONS: dict[tuple[AlarmState, Verb], AlarmState] = {
    (AlarmState.NORMAL, Verb.RAISE): AlarmState.UNACKNOWLEDGED,
    (AlarmState.UNACKNOWLEDGED, Verb.ACKNOWLEDGE): AlarmState.ACKNOWLEDGED,
    (AlarmState.UNACKNOWLEDGED, Verb.RETURN): AlarmState.RETURNED,
    (AlarmState.ACKNOWLEDGED, Verb.RETURN): AlarmState.NORMAL,
    (AlarmState.UNACKNOWLEDGED, Verb.RETURN_UNHEARD): AlarmState.NORMAL,
    (AlarmState.ACKNOWLEDGED, Verb.RETURN_UNHEARD): AlarmState.NORMAL,
    (AlarmState.RETURNED, Verb.ACKNOWLEDGE): AlarmState.NORMAL,
    (AlarmState.RETURNED, Verb.RAISE): AlarmState.UNACKNOWLEDGED,
    (AlarmState.ACKNOWLEDGED, Verb.RAISE): AlarmState.UNACKNOWLEDGED,
    (AlarmState.UNACKNOWLEDGED, Verb.ESCALATE): AlarmState.UNACKNOWLEDGED,
    (AlarmState.ACKNOWLEDGED, Verb.ESCALATE): AlarmState.UNACKNOWLEDGED,
    (AlarmState.RETURNED, Verb.ESCALATE): AlarmState.UNACKNOWLEDGED,
    (AlarmState.UNACKNOWLEDGED, Verb.COME_THROUGH): AlarmState.UNACKNOWLEDGED,
    (AlarmState.ACKNOWLEDGED, Verb.COME_THROUGH): AlarmState.UNACKNOWLEDGED,
    (AlarmState.ACKNOWLEDGED, Verb.RESET): AlarmState.NORMAL,
}

PRESENT = (AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED)
OPEN = (*PRESENT, AlarmState.RETURNED)
"""States in which an alarm still wants something: the condition to go, or a person to see it."""
UNSEEN = (AlarmState.UNACKNOWLEDGED, AlarmState.RETURNED)

LIFE_SAFETY = frozenset({"fire", "entrapment", "panic"})
"""Keys of rules on which a life may hang: no delay, no quiet hours, never explained away by another alarm."""

_RANK = {severity: rank for rank, severity in enumerate(Severity)}


def after(state: AlarmState, verb: Verb) -> AlarmState | None:
    """The state that ``verb`` leads to, or None where it does not apply."""
    return TRANSITIONS.get((state, verb))


def is_chatter(raised_ms: list[int]) -> bool:
    """Whether these times (epoch milliseconds, oldest first) end in three comings within a minute."""
    return len(raised_ms) >= CHATTER_CYCLES and raised_ms[-1] - raised_ms[-CHATTER_CYCLES] <= CHATTER_MS


CHATTER_CYCLES = 3
CHATTER_MS = 60_000
STALE_S = 24 * 3600
"""One that is present for longer is no news any more."""
