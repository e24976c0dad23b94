"""When a ticket must be answered, somebody be there, and the job be done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from server.alarms.lifecycle import Severity
from server.tickets.lifecycle import TicketStatus

ANSWER = timedelta(minutes=15)
ON_SITE = timedelta(hours=2)
ON_SITE_URGENT = timedelta(minutes=30)
"""Elevator with people in it: within 30 minutes in cities."""
SOLVED = timedelta(hours=24)


class Deadlines(NamedTuple):
    """The service handbooks' defaults."""

    respond_by: datetime
    on_site_by: datetime
    due_at: datetime


def deadlines(severity: Severity, reported_at: datetime) -> Deadlines:
    """Deadlines counted from the report, or from when the alarm was raised."""
    on_site = ON_SITE_URGENT if severity is Severity.CRITICAL else ON_SITE
    return Deadlines(reported_at + ANSWER, reported_at + on_site, reported_at + SOLVED)


def missed(status: TicketStatus, *, has_arrived: bool, given: Deadlines, now: datetime) -> str | None:
    """Which deadline is over: ``solve``, ``arrive``, ``answer``; None while all is in time.

    ``queries.is_overdue`` says the same in SQL.
    """
    if status is TicketStatus.CLOSED:
        return None
    if given.due_at < now:
        return "solve"
    if status in (TicketStatus.OPEN, TicketStatus.ACCEPTED) and not has_arrived and given.on_site_by < now:
        return "arrive"
    return "answer" if status is TicketStatus.OPEN and given.respond_by < now else None
