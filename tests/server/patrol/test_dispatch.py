"""Somebody is sent to an alarm: who would go and why is shown before, and nobody is sent twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.alarms.models import Alarm
from server.assets.models import Asset
from server.db import transaction
from server.identity.roles import Role
from server.patrol.rounds.models import Round
from tests.server.conftest import Cast, Clock
from tests.server.patrol.conftest import ON_SQLITE, Estate, Phones
from tests.server.patrol.test_control_room import raise_alarm

AsRole = Callable[[Role], TestClient]
pytestmark = ON_SQLITE


@pytest.fixture
def alarm(db: sessionmaker[Session], estate: Estate, phone: Phones, clock: Clock) -> int:
    """At the pump; the guard is on a round and was at the gate five minutes ago."""
    hand = phone()
    hand.note("round_started", {"round_id": estate.round_id})
    hand.scan(estate.qr("gate"), round_id=estate.round_id)
    hand.sync()
    clock.advance(minutes=5)
    with transaction(db) as session:
        return raise_alarm(session, clock, "pump-a").id


def test_who_would_go_is_shown_before_anybody_is_sent(
    alarm: int, estate: Estate, as_role: AsRole, cast: Cast
) -> None:
    seen = as_role(Role.ENGINEER).get(f"/api/v1/patrol/dispatches/{alarm}").json()
    assert seen["sent"] is None
    assert seen["checkpoint_id"] == estate.checkpoints["pump"]
    first = seen["people"][0]
    assert first["person"]["id"] == cast.ids[Role.GUARD]
    assert (first["round_id"], first["last_id"]) == (estate.round_id, estate.checkpoints["gate"])
    assert first["way_s"] > 0


def test_the_nearest_is_sent_once_and_the_reason_is_kept(
    alarm: int, estate: Estate, as_role: AsRole, db: sessionmaker[Session], cast: Cast
) -> None:
    engineer = as_role(Role.ENGINEER)
    sent = engineer.post("/api/v1/patrol/dispatches", json={"alarm_id": alarm}).json()
    again = engineer.post("/api/v1/patrol/dispatches", json={"alarm_id": alarm}).json()
    assert sent == again
    assert sent["person"]["id"] == cast.ids[Role.GUARD]
    assert sent["is_under_way"]
    assert "gate" in sent["why"]["zh"]
    assert engineer.get("/api/v1/patrol/dispatches").json()["items"] == [sent]
    with transaction(db) as session:
        states = {row.kind: row.state for row in session.scalars(select(Round))}
    assert states == {"patrol": "suspended", "dispatch": "due"}


def test_a_second_alarm_goes_into_the_job_they_are_on(
    alarm: int, as_role: AsRole, db: sessionmaker[Session], clock: Clock
) -> None:
    engineer = as_role(Role.ENGINEER)
    first = engineer.post("/api/v1/patrol/dispatches", json={"alarm_id": alarm}).json()
    with transaction(db) as session:
        session.get_one(Round, first["round_id"]).state = "started"
        other = raise_second(session, clock)
    second = engineer.post("/api/v1/patrol/dispatches", json={"alarm_id": other}).json()
    assert (second["round_id"], second["suspended_id"]) == (first["round_id"], None)


def raise_second(session: Session, clock: Clock) -> int:
    """The same rule at another machine."""
    first = session.scalars(select(Alarm)).one()
    elsewhere = session.scalars(select(Asset.id).where(Asset.id != first.asset_id)).first()
    other = Alarm(rule_id=first.rule_id, asset_id=elsewhere, rule_key="fire", rule_name=first.rule_name,
                  severity="critical", state="unacknowledged", since=clock.now, raised_at=clock.now, facts=[],
                  mark=1)  # fmt: skip
    session.add(other)
    session.flush()
    return other.id


def test_somebody_who_is_not_at_work_cannot_be_sent(alarm: int, as_role: AsRole, cast: Cast) -> None:
    wanted = {"alarm_id": alarm, "user_id": cast.ids[Role.ADMIN]}
    answer = as_role(Role.ENGINEER).post("/api/v1/patrol/dispatches", json=wanted)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_at_work")


def test_guards_send_nobody(alarm: int, as_role: AsRole) -> None:
    guard = as_role(Role.GUARD)
    assert guard.post("/api/v1/patrol/dispatches", json={"alarm_id": alarm}).status_code == 403
    assert guard.get(f"/api/v1/patrol/dispatches/{alarm}").status_code == 403
    assert guard.get("/api/v1/patrol/dispatches").status_code == 403
