"""The rounds of the demo site: made from timetables, watched, suspended by alarms, shown to the right people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.alarms.models import Alarm
from server.alarms.place import site_of
from server.assets.models import Asset, Point
from server.clock import to_ms
from server.db import reading, transaction
from server.identity.roles import Role
from server.notifications.models import Notice, OutboxMessage, PushSubscription
from server.patrol.demo.site import seed_patrol
from server.patrol.dispatch import service as dispatching
from server.patrol.evidence.models import PatrolException
from server.patrol.house import PatrolHouse
from server.patrol.rounds import service as rounds
from server.patrol.rounds.models import Round, Route
from server.patrol.safety import fire_watch
from server.patrol.safety.models import FireWatch
from server.rules.models import Rule
from server.shifts.demo import seed_teams
from telemetry.reading import Reading
from tests.server.conftest import Clock
from tests.server.patrol.conftest import Estate, Phones

AsRole = Callable[[Role], TestClient]


@pytest.fixture
def demo_patrol(db: sessionmaker[Session], demo_site: None, clock: Clock, house: PatrolHouse) -> None:
    with transaction(db) as session:
        seed_teams(session, now=clock.now)
        seed_patrol(session, house, now=clock.now)
        seed_patrol(session, house, now=clock.now)


def test_the_demo_site_has_rounds_for_two_days(
    db: sessionmaker[Session], demo_patrol: None, as_role: AsRole, clock: Clock
) -> None:
    with reading(db) as session:
        found = session.scalars(select(Round).order_by(Round.starts_at)).all()
        assert 24 <= len(found) <= 32
        assert found[-1].starts_at > clock.now + timedelta(hours=40)
    engineer = as_role(Role.ENGINEER)
    today = engineer.get("/api/v1/patrol/rounds").json()
    assert {row["name"]["zh"] for row in today["items"]} == {"保安巡更", "工程巡检"}
    for path in ("checkpoints", "routes", "schedules", "plans", "exceptions", "tags", "policies", "where",
                 "contests", "findings", "fire-watches"):  # fmt: skip
        assert engineer.get(f"/api/v1/patrol/{path}").status_code == 200, path
    assert engineer.get("/api/v1/forms").json()["total"] == 2
    plan = engineer.get("/api/v1/patrol/plans").json()["items"][0]
    assert engineer.get(plan["image_url"]).headers["content-type"] == "image/png"
    schedule = engineer.get("/api/v1/patrol/schedules/1").json()
    assert len(schedule["next"]) == 60
    assert [doubt for doubt in schedule["doubts"] if doubt["is_certain"]] == []


def test_tag_keys_are_in_no_answer(demo_patrol: None, as_role: AsRole) -> None:
    tags = as_role(Role.ADMIN).get("/api/v1/patrol/tags").json()["items"]
    assert {"meta_key", "file_key"} & {key for tag in tags for key in tag} == set()


def test_a_shorter_walk_is_suggested(db: sessionmaker[Session], demo_patrol: None, as_role: AsRole) -> None:
    with reading(db) as session:
        route = session.scalars(select(Route).where(Route.key == "guards-round")).one()
    found = as_role(Role.ENGINEER).get(f"/api/v1/patrol/routes/{route.id}/suggestion").json()
    assert found["walk_s"] <= found["now_s"]


def test_a_round_nobody_walks_is_late_and_then_missed_and_told(
    db: sessionmaker[Session], estate: Estate, clock: Clock
) -> None:
    clock.advance(minutes=20)
    with transaction(db) as session:
        rounds.watch(session, now=clock.now)
        found = session.get_one(Round, estate.round_id)
        assert (found.state, found.is_late) == ("due", True)
    clock.advance(hours=1)
    with transaction(db) as session:
        rounds.watch(session, now=clock.now)
        rounds.watch(session, now=clock.now)
        assert session.get_one(Round, estate.round_id).state == "missed"
        assert (
            len(session.scalars(select(PatrolException).where(PatrolException.code == "missed")).all()) == 4
        )
        assert session.scalars(select(Notice.severity)).all() == ["medium"]


def test_scans_that_come_late_from_a_phone_without_signal_undo_missed(
    db: sessionmaker[Session], estate: Estate, phone: Phones, clock: Clock
) -> None:
    hand = phone()
    hand.sync()
    for text in (estate.qr("gate"), estate.tap(), estate.qr("roof"), estate.qr("store")):
        clock.advance(minutes=8)
        hand.scan(text, round_id=estate.round_id)
    clock.advance(hours=3)
    with transaction(db) as session:
        rounds.watch(session, now=clock.now)
        assert session.get_one(Round, estate.round_id).state == "missed"
    assert {result["status"] for result in hand.sync()} == {"accepted"}
    with reading(db) as session:
        assert session.get_one(Round, estate.round_id).state == "finished"
        settled = session.scalars(
            select(PatrolException.settled_as).where(PatrolException.code == "missed")
        ).all()
        assert settled == ["evidence"] * 4


def raise_alarm(session: Session, clock: Clock, asset_key: str) -> Alarm:
    asset = session.scalars(select(Asset).where(Asset.key == asset_key)).one()
    rule = Rule(key="fire", profile=asset.profile, name={"en": "Fire", "zh": "火警"}, severity="critical",
                condition={}, on_delay_s=0, off_delay_s=0, verify_s=0, enabled=True, opens_ticket=True,
                version=1, updated_at=clock.now, updated_by="test")  # fmt: skip
    session.add(rule)
    session.flush()
    alarm = Alarm(rule_id=rule.id, asset_id=asset.id, rule_key="fire", rule_name=rule.name, severity="critical",
                  site_id=site_of(session, asset.space_id), state="unacknowledged", since=clock.now, raised_at=clock.now, facts=[], mark=1)  # fmt: skip
    session.add(alarm)
    session.flush()
    return alarm


def answered(session: Session, clock: Clock) -> int:
    """How many people the patrol room sends to alarms now."""
    due = dispatching.unanswered(session, now=clock.now)
    return sum(dispatching.answer(session, alarm_id, now=clock.now) for alarm_id in due)


def test_an_alarm_sends_the_guard_and_suspends_the_round_with_its_cause(
    db: sessionmaker[Session], estate: Estate, phone: Phones, clock: Clock
) -> None:
    hand = phone()
    hand.note("round_started", {"round_id": estate.round_id})
    hand.scan(estate.qr("gate"), round_id=estate.round_id)
    hand.sync()
    clock.advance(minutes=5)
    with transaction(db) as session:
        alarm_id = raise_alarm(session, clock, "pump-a").id
        assert answered(session, clock) == 1
        assert answered(session, clock) == 0
    bundle = hand.client.get("/api/v1/patrol/bundle").json()
    states = {found["kind"]: found for found in bundle["rounds"]}
    assert states["patrol"]["state"] == "suspended"
    assert states["patrol"]["cause"]["id"] == alarm_id
    clock.advance(minutes=10)
    hand.scan(estate.tap(), round_id=states["dispatch"]["id"])
    hand.sync()
    with transaction(db) as session:
        assert dispatching.resume_after(session, now=clock.now) == 1
        found = session.get_one(Round, estate.round_id)
        assert (found.state, found.suspended_s) == ("started", 600)


def test_a_fire_zone_switched_off_is_walked_until_it_is_on_again(
    db: sessionmaker[Session], estate: Estate, clock: Clock
) -> None:
    with transaction(db) as session:
        zone = session.scalars(select(Point).where(Point.key == "loop_1_01")).one()
        for _ in range(2):
            fire_watch.watch_zones(session, [Reading(zone.id, to_ms(clock.now), 8)], now=clock.now)
        assert fire_watch.make_rounds(session, now=clock.now) == 1
        assert fire_watch.make_rounds(session, now=clock.now) == 0
        clock.advance(hours=1)
        assert fire_watch.make_rounds(session, now=clock.now) == 1
        fire_watch.watch_zones(session, [Reading(zone.id, to_ms(clock.now), 1)], now=clock.now)
        clock.advance(hours=1)
        assert fire_watch.make_rounds(session, now=clock.now) == 0
        watch = session.scalars(select(FireWatch)).one()
        assert watch.ended_by == "plantroom"
        assert len(session.scalars(select(Round).where(Round.fire_watch_id == watch.id)).all()) == 2


def test_the_guard_whose_attention_is_called_is_told_and_nobody_else(
    *, db: sessionmaker[Session], estate: Estate, phone: Phones, as_role: AsRole, clock: Clock
) -> None:
    hand, engineer = phone(), as_role(Role.ENGINEER)
    with transaction(db) as session:
        session.add(
            PushSubscription(user_id=hand.user_id, endpoint="https://push.example.com/1", p256dh="k", auth="a",
                             agent="", created_at=clock.now)
        )  # fmt: skip
    path = f"/api/v1/patrol/rounds/{estate.round_id}/call"
    assert engineer.post(path, json={"text": "Look at the gate"}).json()["code"] == "nobody_there"
    hand.note("round_started", {"round_id": estate.round_id})
    hand.sync()
    assert engineer.post(path, json={"text": "Look at the gate"}).status_code == 200
    with reading(db) as session:
        told = session.execute(select(OutboxMessage.user_id, OutboxMessage.way)).all()
        assert {tuple(row) for row in told} == {(hand.user_id, "in_app"), (hand.user_id, "push")}
        notice = session.scalars(select(Notice)).one()
    assert (notice.path, notice.next_at) == (f"/phone/round/{estate.round_id}", None)
    assert "Look at the gate" in notice.title["en"]


def test_guards_see_their_own_rounds_only(estate: Estate, phone: Phones, as_role: AsRole) -> None:
    other = phone(Role.ENGINEER)
    other.note("round_started", {"round_id": estate.round_id})
    other.sync()
    guard = as_role(Role.GUARD)
    assert guard.get("/api/v1/patrol/rounds").json()["items"] == []
    assert guard.get(f"/api/v1/patrol/rounds/{estate.round_id}").status_code == 403
    detail = as_role(Role.ENGINEER).get(f"/api/v1/patrol/rounds/{estate.round_id}").json()
    assert detail["digest"]
    assert guard.get("/api/v1/patrol/exceptions").status_code == 403
    assert guard.post("/api/v1/patrol/checkpoints", json={}).status_code == 403


def test_help_is_called_acknowledged_and_closed(estate: Estate, phone: Phones, as_role: AsRole) -> None:
    hand = phone()
    hand.note("sos", {"message": None}, place={"lat_e7": 1, "lng_e7": 2, "accuracy_m": 5, "age_ms": 0})
    hand.sync()
    engineer = as_role(Role.ENGINEER)
    call = engineer.get("/api/v1/patrol/sos").json()["items"][0]
    assert call["place"]["lat_e7"] == 1
    engineer.post(f"/api/v1/patrol/sos/{call['id']}/acknowledge")
    assert hand.client.get("/api/v1/patrol/sos").json()["items"][0]["acknowledged_by"] == "erik"
    assert engineer.post(f"/api/v1/patrol/sos/{call['id']}/close").json()["closed_at"]


def test_a_phone_that_sends_when_the_time_is_over_closes_the_round_and_what_is_missing_is_told(
    db: sessionmaker[Session], estate: Estate, phone: Phones, clock: Clock
) -> None:
    hand = phone()
    hand.sync()
    clock.advance(minutes=8)
    hand.scan(estate.qr("gate"), round_id=estate.round_id)
    clock.advance(hours=3)  # the loop has not looked yet
    hand.sync()
    with transaction(db) as session:
        assert rounds.watch(session, now=clock.now) == 0
        missed = select(PatrolException).where(PatrolException.code == "missed")
        assert len(session.scalars(missed).all()) == 3
        assert session.scalars(select(Notice.severity)).all() == ["medium"]


def test_people_are_where_they_were_proven_last_not_where_a_worthless_scan_says(
    estate: Estate, phone: Phones, as_role: AsRole, clock: Clock
) -> None:
    hand = phone()
    hand.note("round_started", {"round_id": estate.round_id})
    hand.scan(estate.qr("gate"), round_id=estate.round_id)
    clock.advance(minutes=8)
    hand.scan(estate.qr("roof")[:-2] + "AA", round_id=estate.round_id)
    hand.sync()
    (shown,) = as_role(Role.ENGINEER).get("/api/v1/patrol/where").json()
    assert shown["checkpoint_id"] == estate.checkpoints["gate"]
    assert as_role(Role.GUARD).get("/api/v1/patrol/where").status_code == 403
