"""What a phone sends is kept once, in order, with an answer for each event."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from server.db import reading
from server.identity.roles import Role
from server.patrol.evidence import log
from server.patrol.evidence.models import PatrolEvent, PatrolException
from server.patrol.rounds.models import Round, RoundLeg
from tests.server.conftest import Clock
from tests.server.patrol.conftest import Estate, Phones


def codes(result: dict[str, object]) -> set[str]:
    return {reason["code"] for reason in result["reasons"]}  # type: ignore[attr-defined, index]


def test_a_whole_round_is_walked(
    db: sessionmaker[Session], estate: Estate, phone: Phones, clock: Clock
) -> None:
    hand = phone()
    hand.sync()
    hand.note("round_started", {"round_id": estate.round_id})
    for text in (estate.qr("gate"), estate.tap(), estate.qr("roof"), estate.qr("store")):
        clock.advance(minutes=8)
        hand.scan(text, round_id=estate.round_id)
    clock.advance(minutes=1)
    hand.note("round_finished", {"round_id": estate.round_id, "signature": None})
    clock.advance(hours=2)
    results = hand.sync()
    assert [result["status"] for result in results] == ["accepted"] * 6, results
    assert [result["strength"] for result in results] == [None, "fair", "strong", "fair", "fair", None]
    with reading(db) as session:
        assert session.get_one(Round, estate.round_id).state == "finished"
        states = session.scalars(select(RoundLeg.state).order_by(RoundLeg.position)).all()
        assert states == ["done"] * 4
        assert log.verify(session) is None
        assert session.scalar(select(func.count()).select_from(PatrolException)) == 0


def test_the_same_events_again_change_nothing(
    db: sessionmaker[Session], estate: Estate, phone: Phones
) -> None:
    hand = phone()
    hand.scan(estate.tap(), round_id=estate.round_id)
    sent = list(hand.waiting)
    first = hand.sync()
    hand.waiting = sent
    again = hand.sync()
    assert [result["status"] for result in again] == ["duplicate"]
    assert again[0]["strength"] == first[0]["strength"] == "strong"
    with reading(db) as session:
        assert session.scalar(select(func.count()).select_from(PatrolEvent)) == 1


def test_a_used_tap_never_counts_again(estate: Estate, phone: Phones) -> None:
    tap = estate.tap()
    honest, thief = phone(), phone(Role.ENGINEER)
    honest.scan(tap)
    assert honest.sync()[0]["strength"] == "strong"
    thief.scan(tap)
    result = thief.sync()[0]
    assert (result["status"], result["code"]) == ("refused", "replayed")


def test_a_broken_event_does_not_hold_up_the_others(
    db: sessionmaker[Session], estate: Estate, phone: Phones
) -> None:
    hand = phone()
    hand.waiting.append({"id": "nonsense", "seq": 1.5})
    hand.scan(estate.qr("gate"))
    results = hand.sync()
    assert [result["status"] for result in results] == ["refused", "accepted"]
    with reading(db) as session:
        assert "unreadable" in session.scalars(select(PatrolException.code)).all()
        assert log.verify(session) is None


def test_an_event_changed_afterwards_is_refused_and_kept(estate: Estate, phone: Phones) -> None:
    hand = phone()
    hand.scan(estate.qr("gate"))
    hand.waiting[0]["wall_ms"] = 1_700_000_000_000
    result = hand.sync()[0]
    assert (result["status"], result["code"], result["strength"]) == ("refused", "tampered", "refused")
