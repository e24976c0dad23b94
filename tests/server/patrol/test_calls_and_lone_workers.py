"""What reaches a phone from the control room, and the timer of whoever works alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.db import reading, transaction
from server.identity.roles import Role
from server.notifications.models import Notice
from server.patrol.safety import lone_workers
from server.patrol.safety.models import Sos
from tests.server.conftest import Clock
from tests.server.patrol.conftest import ON_SQLITE, Estate, PhoneInHand, Phones

AsRole = Callable[[Role], TestClient]
pytestmark = ON_SQLITE


def calls_of(hand: PhoneInHand) -> list[dict[str, object]]:
    found: list[dict[str, object]] = hand.client.get("/api/v1/patrol/bundle").json()["calls"]
    return found


def test_a_call_stands_on_the_phone_until_it_is_answered_there(
    *, db: sessionmaker[Session], estate: Estate, phone: Phones, as_role: AsRole, clock: Clock
) -> None:
    hand, other = phone(), phone(Role.ENGINEER)
    hand.note("round_started", {"round_id": estate.round_id})
    hand.sync()
    path = f"/api/v1/patrol/rounds/{estate.round_id}/call"
    assert as_role(Role.ENGINEER).post(path, json={"text": "Look at the gate"}).status_code == 200
    call = calls_of(hand)[0]
    assert (call["text"], call["by"], call["round_id"]) == ("Look at the gate", "erik", estate.round_id)
    assert calls_of(other) == []

    other.note("call_answered", {"call_id": call["id"]})
    assert other.sync()[0]["code"] == "unknown_call"
    hand.note("call_answered", {"call_id": call["id"]})
    assert hand.sync()[0]["status"] == "accepted"
    assert calls_of(hand) == []
    with reading(db) as session:
        notice = session.scalars(select(Notice)).one()
        assert (notice.state, notice.answered_by) == ("answered", "gu")
    history = as_role(Role.ENGINEER).get(f"/api/v1/patrol/rounds/{estate.round_id}").json()["history"]
    assert [row["kind"] for row in history][-2:] == ["round_called", "call_answered"]


def alarms(db: sessionmaker[Session], clock: Clock) -> int:
    """Watch the timers, as the server does every few seconds; gives how many calls are open."""
    with transaction(db) as session:
        lone_workers.watch(session, now=clock.now)
        open_calls = select(Sos).where(Sos.kind == "lone_worker", Sos.cancelled_at.is_(None))
        return len(session.scalars(open_calls).all())


def alone(phone: Phones) -> PhoneInHand:
    hand = phone()
    hand.note("lone_started", {"every_s": 1800})
    hand.sync()
    return hand


def test_after_help_was_called_the_next_sign_ends_it_and_the_timer_runs_on(
    db: sessionmaker[Session], estate: Estate, phone: Phones, clock: Clock
) -> None:
    hand = alone(phone)
    clock.advance(minutes=40)
    assert [alarms(db, clock), alarms(db, clock)] == [1, 1]
    hand.note("lone_ok", {})
    hand.sync()
    assert alarms(db, clock) == 0
    clock.advance(minutes=40)
    assert alarms(db, clock) == 1


def test_a_sign_made_in_time_that_came_late_ends_the_call(
    db: sessionmaker[Session], estate: Estate, phone: Phones, clock: Clock
) -> None:
    hand = alone(phone)
    clock.advance(minutes=25)
    hand.note("lone_ok", {})
    clock.advance(minutes=15)
    assert alarms(db, clock) == 1
    hand.sync()
    assert alarms(db, clock) == 0


def test_who_has_ended_the_timer_is_not_missed(
    db: sessionmaker[Session], estate: Estate, phone: Phones, clock: Clock
) -> None:
    hand = alone(phone)
    hand.note("lone_ended", {})
    hand.sync()
    clock.now += timedelta(hours=3)
    assert alarms(db, clock) == 0


def test_a_note_and_a_call_for_help_know_the_round_and_scans_sent_with_them(
    db: sessionmaker[Session], estate: Estate, phone: Phones, clock: Clock
) -> None:
    hand = phone()
    hand.note("round_started", {"round_id": estate.round_id})
    clock.advance(minutes=5)
    hand.scan(estate.qr("gate"), round_id=estate.round_id)
    hand.note("handover", {"site_id": None, "text": "The door jams", "photo_ids": []})
    hand.note("sos", {"message": None})
    assert [one["status"] for one in hand.sync()] == ["accepted"] * 4
    with reading(db) as session:
        call = session.scalars(select(Sos)).one()
    assert (call.site_id, call.checkpoint_id) == (estate.site_id, estate.checkpoints["gate"])
