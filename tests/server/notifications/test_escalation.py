"""Escalation by the test's own clock: who is told when, and that nothing is lost or doubled."""

from __future__ import annotations

from server.audit.service import Actor
from server.identity.roles import Role
from tests.server.conftest import Cast
from tests.server.notifications.conftest import Desk


def test_with_nobody_on_call_the_engineers_are_told_and_it_is_said(desk: Desk, cast: Cast) -> None:
    desk.notify()
    assert desk.told() == [cast.ids[Role.ENGINEER]]
    assert desk.events() == ["raised", "nobody_on_call", "step"]


def test_the_same_subject_again_says_nothing(desk: Desk) -> None:
    desk.notify()
    before = len(desk.messages())
    desk.notify()
    desk.notify(severity="low")
    assert len(desk.messages()) == before


def test_it_goes_on_while_nobody_answers_and_repeats(desk: Desk, cast: Cast) -> None:
    desk.notify()
    engineer, admin = cast.ids[Role.ENGINEER], cast.ids[Role.ADMIN]
    assert desk.escalate(minutes=4, seconds=59) == 0
    assert desk.escalate(seconds=1) == 1
    assert desk.told(step=1) == [engineer]
    for step, minutes in ((2, 10), (3, 15)):
        desk.escalate(minutes=minutes)
        assert set(desk.told(step=step)) == {engineer, admin}
    # repeated every 15 minutes from here on
    assert desk.escalate(minutes=14, seconds=59) == 0
    assert desk.escalate(seconds=1) == 1
    assert desk.escalate(minutes=15) == 1
    assert len(desk.told(step=5)) == 2


def test_an_answer_stops_it(desk: Desk) -> None:
    desk.notify()
    desk.answered(by=Actor(None, "erik"))
    before = len(desk.messages())
    assert desk.escalate(hours=3) == 0
    assert len(desk.messages()) == before
    assert desk.notice().answered_by == "erik"


def test_a_risen_severity_begins_anew_also_after_an_answer(desk: Desk) -> None:
    desk.notify(severity="medium")
    desk.answered()
    desk.clock.advance(minutes=20)
    desk.notify(severity="critical")
    assert (desk.notice().state, desk.notice().generation) == ("open", 1)
    assert len(desk.told(step=0)) == 2
    assert desk.escalate(minutes=5) == 1


def test_the_end_is_told_to_whoever_was_told(desk: Desk, cast: Cast) -> None:
    desk.notify()
    desk.clock.advance(minutes=2)
    desk.ended()
    [end] = desk.messages(kind="ended")
    assert (end.user_id, end.way) == (cast.ids[Role.ENGINEER], "in_app")
    assert desk.escalate(hours=1) == 0
    desk.ended()
    assert len(desk.messages(kind="ended")) == 1


def test_the_same_subject_after_its_end_is_told_again(desk: Desk) -> None:
    desk.notify()
    desk.ended()
    desk.notify()
    assert len(desk.messages(kind="raised")) == 2


def test_a_server_that_was_away_takes_up_every_step_once_and_no_missed_repetition(desk: Desk) -> None:
    desk.notify()
    assert desk.escalate(hours=6) == 1
    steps = [message.step for message in desk.messages()]
    # the engineer once for all the steps that were missed, the admin from the step that names admins
    assert sorted(steps) == [0, 1, 2]
    assert desk.notice().next_step == 4
    assert desk.escalate(seconds=1) == 0


def test_what_is_not_known_is_no_notice(desk: Desk) -> None:
    desk.answered("alarm:99")
    desk.ended("alarm:99")
    assert desk.messages() == []
