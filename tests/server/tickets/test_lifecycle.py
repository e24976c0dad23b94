from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from server.alarms.lifecycle import Severity
from server.tickets.deadlines import Deadlines, deadlines, missed
from server.tickets.lifecycle import ALLOWED, TicketStatus, Verb, may, working_status

S = TicketStatus
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_closed_ticket_allows_nothing() -> None:
    assert not [verb for verb in Verb if may(S.CLOSED, verb)]


def test_a_ticket_on_hold_is_resumed_before_it_is_closed() -> None:
    assert [verb for verb in Verb if may(S.ON_HOLD, verb)] == [Verb.ASSIGN, Verb.RESUME]


def test_every_verb_is_allowed_somewhere() -> None:
    assert set(ALLOWED) == set(Verb)
    assert all(ALLOWED.values())


@pytest.mark.parametrize(("severity", "minutes"), [(Severity.CRITICAL, 30), (Severity.HIGH, 120)])
def test_somebody_is_on_site_in_the_time_the_handbooks_ask_for(severity: Severity, minutes: int) -> None:
    given = deadlines(severity, NOON)
    assert given.respond_by - NOON == timedelta(minutes=15)
    assert given.on_site_by - NOON == timedelta(minutes=minutes)
    assert given.due_at - NOON == timedelta(hours=24)


@pytest.mark.parametrize(
    ("status", "has_arrived", "minutes", "what"),
    [
        (S.OPEN, False, 15, None),
        (S.OPEN, False, 16, "answer"),
        (S.ACCEPTED, False, 16, None),
        (S.ACCEPTED, False, 121, "arrive"),
        (S.ON_SITE, True, 121, None),
        (S.ON_HOLD, False, 121, None),
        (S.ON_HOLD, True, 1441, "solve"),
        (S.CLOSED, True, 1441, None),
    ],
)
def test_the_first_deadline_that_is_over_is_named(
    status: TicketStatus, has_arrived: bool, minutes: int, what: str | None
) -> None:
    given: Deadlines = deadlines(Severity.HIGH, NOON)
    now = NOON + timedelta(minutes=minutes)
    assert missed(status, has_arrived=has_arrived, given=given, now=now) == what


class Life(RuleBasedStateMachine):
    """Verbs in any order, with the moves that the service makes; no ticket gets stuck before it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.status, self.has_owner, self.has_arrived = S.OPEN, False, False

    def _use(self, verb: Verb) -> bool:
        return may(self.status, verb)

    @rule()
    def accept(self) -> None:
        if self._use(Verb.ACCEPT):
            self.status, self.has_owner = S.ACCEPTED, True

    @rule()
    def assign(self) -> None:
        if self._use(Verb.ASSIGN):
            self.status, self.has_owner, self.has_arrived = S.OPEN, True, False

    @rule()
    def arrive(self) -> None:
        if self._use(Verb.ARRIVE):
            self.status, self.has_arrived = S.ON_SITE, True

    @rule()
    def hold(self) -> None:
        if self._use(Verb.HOLD):
            self.status = S.ON_HOLD

    @rule()
    def resume(self) -> None:
        if self._use(Verb.RESUME):
            self.status = working_status(has_owner=self.has_owner, has_arrived=self.has_arrived)

    @rule()
    def done(self) -> None:
        if self._use(Verb.CLOSE_WHEN_VERIFIED):
            self.status = S.VERIFYING

    @rule()
    def alarm_comes_back(self) -> None:
        if self.status is S.VERIFYING:
            self.status = working_status(has_owner=self.has_owner, has_arrived=self.has_arrived)

    @rule()
    def close(self) -> None:
        if self._use(Verb.CLOSE):
            self.status = S.CLOSED

    @invariant()
    def work_has_an_owner(self) -> None:
        assert self.status not in (S.ACCEPTED, S.ON_SITE) or self.has_owner

    @invariant()
    def there_is_a_way_on(self) -> None:
        assert self.status is S.CLOSED or any(may(self.status, verb) for verb in Verb)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, deadline=None)
