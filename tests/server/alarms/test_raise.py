from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from server.alarms.models import AlarmEvent
from server.alarms.queries import read_facts
from server.alarms.record import FLAP_EVENTS_PER_HOUR
from server.clock import to_ms
from server.db import reading
from server.errors import Label
from server.rules.apply import apply_all
from server.rules.compiled import Fact
from server.rules.transition import Transition
from tests.server.alarms.scenes import Plant


def test_it_carries_the_time_of_its_on_delay_and_of_the_crossing(plant: Plant) -> None:
    alarm = plant.raise_(plant.now)
    assert (alarm.raised_at, alarm.since) == (plant.now, plant.now - timedelta(minutes=1))
    assert (alarm.state, alarm.severity, alarm.in_band_since) == ("unacknowledged", "high", None)


def test_told_twice_it_is_one_alarm_and_one_ticket(plant: Plant) -> None:
    plant.raise_(plant.now)
    plant.tell("raised", plant.now, again=True)
    assert [alarm.occurrences for alarm in plant.alarms()] == [1]
    assert [ticket.recurrences for ticket in plant.tickets()] == [0]


def test_it_comes_back_as_the_same_alarm_while_nobody_saw_it(plant: Plant) -> None:
    plant.raise_(plant.now)
    assert plant.give_back(plant.now + timedelta(minutes=5)).state == "returned"
    alarm = plant.raise_(plant.now + timedelta(minutes=10))
    assert (alarm.state, alarm.occurrences, alarm.returned_at) == ("unacknowledged", 2, None)
    assert len(plant.alarms()) == 1


def test_old_news_after_newer_changes_nothing(plant: Plant) -> None:
    plant.raise_(plant.now)
    plant.give_back(plant.now + timedelta(minutes=5))
    plant.mark -= 1
    plant.tell("raised", plant.now, again=True)
    assert plant.alarm().state == "returned"


def test_a_rule_that_looks_no_more_withdraws_it(plant: Plant) -> None:
    plant.raise_(plant.now)
    plant.tell("withdrawn", plant.now + timedelta(minutes=1))
    assert plant.alarm().state == "returned"


def test_crossings_are_noted_while_it_is_open_and_not_before(plant: Plant) -> None:
    plant.tell("left_band", plant.now)
    assert plant.alarms() == []
    plant.raise_(plant.now)
    later = plant.now + timedelta(minutes=1)
    plant.tell("entered_band", later)
    assert plant.alarm().in_band_since == later
    plant.tell("left_band", later + timedelta(seconds=5))
    assert plant.alarm().in_band_since is None


def test_a_chattering_alarm_counts_on_and_writes_few_events(plant: Plant) -> None:
    for second in range(0, 480, 4):
        plant.raise_(plant.now + timedelta(seconds=second))
        plant.give_back(plant.now + timedelta(seconds=second + 2))
    assert plant.alarm().occurrences == 120
    with reading(plant.db) as session:
        assert session.scalar(select(func.count(AlarmEvent.id))) == FLAP_EVENTS_PER_HOUR + 2
        kinds = session.scalars(select(AlarmEvent.kind).order_by(AlarmEvent.id)).all()
    assert kinds.count("chattering") == 1
    assert kinds[-1] == "quietened"


def test_an_alarm_about_a_rule_that_cannot_be_judged_says_which_rule(plant: Plant) -> None:
    why = Label(en="motor_temp: division by zero", zh="motor_temp：除数为零")
    fact = Fact(plant.point, "cannot_judge", None, float(plant.rule), words=why)
    at_ms = to_ms(plant.now)
    found = Transition("raised", plant.rule, plant.asset, at_ms, at_ms, at_ms * 16, (fact,))
    apply_all(plant.db, [found], plant.known, now=plant.now)
    with reading(plant.db) as session:
        [read] = read_facts(session, plant.alarm().facts)
    assert (read.value, read.limit) == (None, None)
    assert read.value_label is not None
    assert read.value_label["en"].endswith(": motor_temp: division by zero"), "which rule"
    assert read.value_label["zh"].endswith("：motor_temp：除数为零")
