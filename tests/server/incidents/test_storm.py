from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.server.incidents.storm import Storm


@pytest.fixture
def storm(db: sessionmaker[Session], tmp_path: Path) -> Storm:
    return Storm(db, tmp_path)


def test_two_hundred_devices_are_one_incident_and_one_ticket(storm: Storm) -> None:
    storm.until(timedelta(seconds=100))
    assert storm.kinds()["mains_lost"] == 80
    assert storm.kinds()["phase_loss"] == 60
    [incident] = storm.incidents("open")
    assert incident.title["en"] == "Energy meter 01: Phase lost"
    assert (incident.kind, incident.cause_key) == ("caused", "supply_lost")
    lives = {alarm.ticket_id for alarm in storm.alarms() if alarm.life_safety}
    ordinary = [one for one in storm.tickets() if one.id not in lives and one.status != "closed"]
    assert [ticket.id for ticket in ordinary] == [incident.ticket_id]
    assert {a.ticket_id for a in storm.alarms() if not a.life_safety} == {incident.ticket_id}
    storm.until(timedelta(seconds=230))
    assert storm.incidents("open") == []
    [ended] = storm.incidents("ended")
    assert ended.id == incident.id
    left = [alarm for alarm in storm.alarms() if alarm.state != "normal"]
    assert {alarm.id for alarm in left if not alarm.life_safety} == {incident.cause_alarm_id}
    assert all(alarm.state == "returned" for alarm in left)
