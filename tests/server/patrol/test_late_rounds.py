"""A late round is an alarm: it comes once, waits while the round does, turns to missed or returns."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.db import reading, transaction
from server.identity.roles import Role
from server.notifications.models import Notice, OutboxMessage
from server.patrol.dispatch import service as dispatching
from server.patrol.evidence.models import PatrolException
from server.patrol.rounds import service as rounds
from server.patrol.rounds.models import Round
from tests.server.conftest import Clock
from tests.server.patrol.conftest import Estate, PhoneInHand, Phones
from tests.server.patrol.test_control_room import answered, raise_alarm

AsRole = Callable[[Role], TestClient]
Shown = list[tuple[str, str | None]]


def shown(session: Session) -> tuple[Shown, list[tuple[str, str]]]:
    """((code, how it was settled) of each exception, (severity, state) of each notice)."""
    session.expire_all()
    found = session.scalars(select(PatrolException).order_by(PatrolException.id))
    notices = session.scalars(select(Notice).order_by(Notice.id))
    return [(row.code, row.settled_as) for row in found], [(row.severity, row.state) for row in notices]


def watched(db: sessionmaker[Session], clock: Clock) -> tuple[Shown, list[tuple[str, str]]]:
    with transaction(db) as session:
        rounds.watch(session, now=clock.now)
        rounds.watch(session, now=clock.now)
        session.flush()
        return shown(session)


def begun(estate: Estate, phone: Phones) -> PhoneInHand:
    hand = phone()
    hand.note("round_started", {"round_id": estate.round_id})
    hand.sync()
    return hand


def visit(hand: PhoneInHand, estate: Estate, text: str) -> None:
    hand.scan(text, round_id=estate.round_id)
    assert hand.sync()[-1]["status"] == "accepted"


def test_a_late_round_is_one_alarm_that_returns_when_it_is_finished(
    db: sessionmaker[Session], estate: Estate, phone: Phones, clock: Clock
) -> None:
    hand = begun(estate, phone)
    clock.advance(minutes=14)
    assert watched(db, clock) == ([], [])
    clock.advance(minutes=2)  # the gate was due after 10 minutes, with 5 of tolerance
    assert watched(db, clock) == ([("late", None)], [("low", "open")])
    with reading(db) as session:
        row = session.scalars(select(PatrolException)).one()
        assert (row.at, row.user_id, row.checkpoint_id) == (
            session.get_one(Round, estate.round_id).late_since,
            hand.user_id,
            estate.checkpoints["gate"],
        )
        assert "gate" in row.detail["en"]
        notice = session.scalars(select(Notice)).one()
        assert notice.body == row.detail
    visit(hand, estate, estate.qr("gate"))  # late itself: the round is still behind
    assert watched(db, clock) == ([("late", None)], [("low", "open")])
    clock.advance(minutes=10)
    visit(hand, estate, estate.tap())
    for name in ("roof", "store"):
        clock.advance(minutes=10)
        visit(hand, estate, estate.qr(name))
    assert watched(db, clock) == ([("late", "returned")], [("low", "ended")])
    with reading(db) as session:
        assert session.get_one(Round, estate.round_id).state == "finished"
        assert set(session.scalars(select(OutboxMessage.kind))) == {"raised", "ended"}  # by whom it was told


def test_a_late_round_that_catches_up_returns_and_may_come_again(
    db: sessionmaker[Session], estate: Estate, phone: Phones, clock: Clock
) -> None:
    hand = begun(estate, phone)
    clock.advance(minutes=16)
    assert watched(db, clock)[0] == [("late", None)]
    visit(hand, estate, estate.qr("gate"))
    clock.advance(minutes=3)
    visit(hand, estate, estate.tap())  # in time
    assert watched(db, clock) == ([("late", "returned")], [("low", "ended")])
    clock.advance(minutes=20)
    assert watched(db, clock) == ([("late", None)], [("low", "ended"), ("low", "open")])


def test_late_turns_to_missed_and_is_told_once_for_each(
    db: sessionmaker[Session], estate: Estate, clock: Clock, as_role: AsRole
) -> None:
    clock.advance(minutes=20)
    assert watched(db, clock) == ([("late", None)], [("low", "open")])
    clock.advance(hours=2)
    assert watched(db, clock) == ([("late", "missed"), *[("missed", None)] * 4], [("medium", "open")])
    client = as_role(Role.ENGINEER)

    def listed(*codes: str) -> int:
        """How many the page of alarms shows."""
        total: int = client.get("/api/v1/patrol/exceptions", params={"code": list(codes)}).json()["total"]
        return total

    assert (listed("late", "missed"), listed("late"), listed("chain_gap")) == (4, 0, 0)


def test_what_is_late_is_suspended_with_the_cause_while_the_guard_is_sent_elsewhere(
    db: sessionmaker[Session], estate: Estate, phone: Phones, clock: Clock
) -> None:
    hand = begun(estate, phone)
    clock.advance(minutes=16)
    assert watched(db, clock)[0] == [("late", None)]
    with transaction(db) as session:
        raise_alarm(session, clock, "pump-a")
        assert answered(session, clock) == 1
    assert watched(db, clock) == ([("late", "suspended")], [("low", "ended")])
    with reading(db) as session:
        assert "Fire" in session.scalars(select(PatrolException.detail)).one()["en"]
        sent = session.scalars(select(Round.id).where(Round.kind == "dispatch")).one()
    clock.advance(minutes=10)
    hand.scan(estate.tap(), round_id=sent)
    hand.sync()
    with transaction(db) as session:
        assert dispatching.resume_after(session, now=clock.now) == 1
        assert shown(session) == ([("late", None)], [("low", "ended"), ("low", "open")])


def test_what_a_supervisor_said_of_a_late_round_stays_and_nobody_is_asked_again(
    db: sessionmaker[Session], estate: Estate, phone: Phones, as_role: AsRole, clock: Clock
) -> None:
    hand = begun(estate, phone)
    clock.advance(minutes=16)
    watched(db, clock)
    engineer = as_role(Role.ENGINEER)
    (row,) = engineer.get("/api/v1/patrol/exceptions").json()["items"]
    path = f"/api/v1/patrol/exceptions/{row['id']}/settle"
    assert as_role(Role.GUARD).post(path, json={"settled_as": "excused"}).status_code == 403
    assert engineer.post(path, json={"settled_as": "excused"}).status_code == 200
    assert watched(db, clock) == ([("late", "excused")], [("low", "answered")])
    visit(hand, estate, estate.qr("gate"))
    clock.advance(minutes=30)
    assert watched(db, clock)[0] == [("late", "excused")]
    (shown_round,) = engineer.get("/api/v1/patrol/rounds").json()["items"]
    assert shown_round["late_since"] is not None
