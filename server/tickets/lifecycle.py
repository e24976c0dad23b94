"""The life of a ticket: which verb leads from which status to which."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class TicketStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    ON_SITE = "on_site"
    ON_HOLD = "on_hold"
    VERIFYING = "verifying"
    """Done by its owner's word; closes by itself once the sensor has agreed long enough."""
    CLOSED = "closed"


class CloseKind(StrEnum):
    VERIFIED = "verified"
    OVERRIDE = "override"
    MANUAL = "manual"
    MERGED = "merged"
    """Another ticket deals with the cause; see its ``merged_into``."""


class Verb(StrEnum):
    ACCEPT = "accept"
    ASSIGN = "assign"
    ARRIVE = "arrive"
    HOLD = "hold"
    RESUME = "resume"
    CLOSE_WHEN_VERIFIED = "close_when_verified"
    CLOSE = "close"


_S = TicketStatus

ALLOWED: dict[Verb, frozenset[TicketStatus]] = {
    Verb.ACCEPT: frozenset({_S.OPEN}),
    Verb.ASSIGN: frozenset({_S.OPEN, _S.ACCEPTED, _S.ON_SITE, _S.ON_HOLD}),
    Verb.ARRIVE: frozenset({_S.ACCEPTED}),
    Verb.HOLD: frozenset({_S.ACCEPTED, _S.ON_SITE}),
    Verb.RESUME: frozenset({_S.ON_HOLD}),
    Verb.CLOSE_WHEN_VERIFIED: frozenset({_S.OPEN, _S.ACCEPTED, _S.ON_SITE}),
    Verb.CLOSE: frozenset({_S.OPEN, _S.ACCEPTED, _S.ON_SITE, _S.VERIFYING}),
}
"""From which statuses a verb may be used; a ticket on hold is resumed before it is closed."""

REOPENS_WITHIN = timedelta(hours=24)
"""An alarm that comes back this soon was not repaired: the same ticket is opened again."""


def may(status: TicketStatus, verb: Verb) -> bool:
    return status in ALLOWED[verb]


def working_status(*, has_owner: bool, has_arrived: bool) -> TicketStatus:
    """Where a ticket stands that is neither on hold nor waiting for its proof."""
    if not has_owner:
        return TicketStatus.OPEN
    return TicketStatus.ON_SITE if has_arrived else TicketStatus.ACCEPTED
