from __future__ import annotations

import itertools

import pytest

from server.alarms.lifecycle import OPEN, PRESENT, TRANSITIONS, AlarmState, Verb, after

A, B, C, D = AlarmState.NORMAL, AlarmState.UNACKNOWLEDGED, AlarmState.ACKNOWLEDGED, AlarmState.RETURNED


@pytest.mark.parametrize(
    ("state", "verb", "target"),
    [
        (A, Verb.RAISE, B),
        (B, Verb.ACKNOWLEDGE, C),
        (B, Verb.RETURN, D),
        (C, Verb.RETURN, A),
        (D, Verb.ACKNOWLEDGE, A),
        (D, Verb.RAISE, B),
        (C, Verb.RAISE, B),
        (B, Verb.ESCALATE, B),
        (C, Verb.ESCALATE, B),
        (D, Verb.ESCALATE, B),
        (B, Verb.RETURN_UNHEARD, A),
        (C, Verb.RETURN_UNHEARD, A),
        (B, Verb.COME_THROUGH, B),
        (C, Verb.COME_THROUGH, B),
        (C, Verb.RESET, A),
    ],
)
def test_the_table_of_the_standard(state: AlarmState, verb: Verb, target: AlarmState) -> None:
    assert after(state, verb) is target


def test_everything_else_does_not_apply() -> None:
    rest = set(itertools.product(AlarmState, Verb)) - set(TRANSITIONS)
    assert {after(*pair) for pair in rest} == {None}
    assert rest == {
        (A, Verb.RETURN),
        (A, Verb.ACKNOWLEDGE),
        (B, Verb.RAISE),
        (C, Verb.ACKNOWLEDGE),
        (D, Verb.RETURN),
        (A, Verb.RETURN_UNHEARD),
        (D, Verb.RETURN_UNHEARD),
        (A, Verb.ESCALATE),
        (A, Verb.COME_THROUGH),
        (D, Verb.COME_THROUGH),
        (A, Verb.RESET),
        (B, Verb.RESET),
        (D, Verb.RESET),
    }


def test_whatever_is_present_is_open() -> None:
    assert set(PRESENT) < set(OPEN)
    assert A not in OPEN
