"""The real process with a real broker: readings in, alarm and one ticket out, whatever happens to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.clock import from_ms
from tests.server.rules.process import Rig, now_ms
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

HOT = {"motor_temp": 95.0}
COOL = {"motor_temp": 40.0}


@pytest.fixture
def rig(tmp_path: Path, mosquitto: Mosquitto, request: pytest.FixtureRequest) -> Iterator[Rig]:
    """On SQLite; a test that asks for database_url as well has it on both databases."""
    both = "database_url" in request.fixturenames
    url = request.getfixturevalue("database_url") if both else f"sqlite:///{tmp_path / 'plantroom.db'}"
    made = Rig(tmp_path / "data", mosquitto.url, url)
    made.prepare()
    yield made
    made.close()


def test_a_value_over_its_limit_for_the_on_delay_opens_one_alarm_and_one_ticket(
    database_url: str, rig: Rig
) -> None:
    rig.set_rule("elevator", "motor_hot", on_delay_s=2, off_delay_s=1)
    rig.start()
    rig.live()
    crossed_ms = rig.say("elevator-a1", HOT)
    [alarm] = eventually(lambda: rig.alarms("motor_hot"))
    assert alarm.since == from_ms(crossed_ms)
    assert alarm.raised_at == from_ms(crossed_ms + 2000)
    assert alarm.facts[0]["value"] == 95.0
    [ticket] = rig.tickets()
    assert alarm.ticket_id == ticket.id
    rig.say("elevator-a1", COOL)
    eventually(lambda: rig.alarms("motor_hot")[0].state == "returned")
    rig.say("elevator-a1", HOT)
    eventually(lambda: rig.alarms("motor_hot")[0].occurrences == 2)
    assert [ticket.recurrences for ticket in rig.tickets()] == [1]
    assert rig.stop() == 0


def test_killed_in_the_middle_of_an_on_delay_it_raises_at_the_same_time(database_url: str, rig: Rig) -> None:
    rig.set_rule("elevator", "motor_hot", on_delay_s=6)
    rig.start()
    rig.live()
    crossed_ms = rig.say("elevator-a1", HOT)
    eventually(lambda: now_ms() > crossed_ms + 1500)
    rig.kill()
    rig.say("elevator-a1", {"motor_temp": 96.0})
    eventually(lambda: now_ms() > crossed_ms + 3500)
    rig.start()
    rig.live()
    [alarm] = eventually(lambda: rig.alarms("motor_hot"))
    assert alarm.raised_at == from_ms(crossed_ms + 6000)
    assert alarm.since == from_ms(crossed_ms)
    assert len(rig.tickets()) == 1


def test_killed_while_the_alarm_is_due_and_forgotten_by_the_broker_it_raises_at_the_same_time(
    rig: Rig, mosquitto: Mosquitto
) -> None:
    """The on-delay ends while nobody is there, and only the store remembers the crossing."""
    rig.set_rule("elevator", "motor_hot", on_delay_s=2)
    rig.start()
    rig.live()
    rig.say("elevator-a1", COOL)
    rig.kill()
    crossed_ms = rig.say("elevator-a1", HOT)
    rig.say("elevator-a1", {"motor_temp": 97.0}, at_ms=crossed_ms + 2500)
    mosquitto.kill()
    (mosquitto.folder / "mosquitto.db").unlink(missing_ok=True)
    mosquitto.start()
    rig.start()
    # the last reading may still wait for others when the rules are there: a sign of life says that none comes
    [alarm] = eventually(lambda: rig.live() or rig.alarms("motor_hot"), interval_s=0.5)
    assert alarm.raised_at == from_ms(crossed_ms + 2000)
    assert len(rig.tickets()) == 1


def test_readings_that_a_killed_broker_forgot_are_read_from_the_store(rig: Rig, mosquitto: Mosquitto) -> None:
    rig.set_rule("elevator", "motor_hot", on_delay_s=2)
    rig.start()
    rig.live()
    rig.say("elevator-a1", COOL)
    mosquitto.kill()
    crossed_ms = rig.keep("elevator-a1", HOT)
    (mosquitto.folder / "mosquitto.db").unlink(missing_ok=True)
    mosquitto.start()
    [alarm] = eventually(lambda: rig.live() or rig.alarms("motor_hot"), interval_s=0.5)
    assert alarm.since == from_ms(crossed_ms)


def test_killed_again_and_again_while_values_flap_there_is_one_ticket(rig: Rig) -> None:
    rig.set_rule("elevator", "motor_hot", on_delay_s=0, off_delay_s=0)
    rig.start()
    rig.live()
    start_ms = now_ms() - 60_000
    for turn in range(4):
        for step in range(5):
            at_ms = start_ms + turn * 10_000 + step * 1000
            rig.say("elevator-a1", HOT, at_ms=at_ms)
            rig.say("elevator-a1", COOL, at_ms=at_ms + 500)
        rig.kill()
        rig.start()
    rig.live()
    eventually(lambda: rig.alarms("motor_hot")[0].occurrences == 20)
    [alarm] = rig.alarms("motor_hot")
    assert alarm.raised_at == from_ms(start_ms + 34_000)
    assert [ticket.recurrences for ticket in rig.tickets()] == [19]


def test_a_changed_rule_is_watched_without_a_restart(rig: Rig) -> None:
    rig.set_rule("elevator", "motor_hot", on_delay_s=3600)
    rig.start()
    rig.live()
    rig.say("elevator-a1", HOT)
    rig.set_rule("elevator", "motor_hot", on_delay_s=0)
    rig.bus.publish("plantroom/v1/changed/rules", b"{}", qos=0)
    assert eventually(lambda: rig.alarms("motor_hot"))


def test_a_message_that_cannot_be_read_stops_nothing(rig: Rig) -> None:
    rig.set_rule("elevator", "motor_hot", on_delay_s=0)
    rig.start()
    rig.live()
    for payload in (b"", b"{", b"\xff\xfe", b'{"readings": 5}'):
        rig.bus.publish("plantroom/v1/readings/3", payload)
    rig.say("elevator-a1", HOT)
    assert eventually(lambda: rig.alarms("motor_hot"))
