from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.assets.profiles import Profile, shipped_profiles
from server.audit.models import AuditEvent
from server.db import reading, transaction
from server.identity.roles import Role
from server.rules.models import Rule
from server.rules.queries import watchlist
from server.rules.service import seed
from tests.server.alarms.scenes import Plant
from tests.server.conftest import Clock

AsRole = Callable[[Role], TestClient]


def changed(profile: Profile, key: str, **values: object) -> dict[str, Profile]:
    rules = [{**rule, **values} if rule["key"] == key else rule for rule in profile.rules]
    return {profile.key: profile.model_copy(update={"rules": rules})}


def test_seeding_twice_changes_nothing(plant: Plant, clock: Clock) -> None:
    with transaction(plant.db) as session:
        assert seed(session, shipped_profiles(), now=clock.now) == 0


def test_a_newer_profile_changes_its_rules_and_keeps_the_version_before(plant: Plant, clock: Clock) -> None:
    newer = changed(shipped_profiles()["elevator"], "motor_hot", on_delay_s=30)
    with transaction(plant.db) as session:
        assert seed(session, newer, now=clock.now) == 1
        rule = session.get_one(Rule, plant.rule)
        assert (rule.on_delay_s, rule.version, rule.customised) == (30, 2, False)


def test_a_rule_that_a_person_changed_is_never_overwritten(
    plant: Plant, as_role: AsRole, clock: Clock
) -> None:
    url = f"/api/v1/rules/{plant.rule}"
    body = as_role(Role.ADMIN).patch(url, json={"on_delay_s": 45}).json()
    assert (body["on_delay_s"], body["version"], body["customised"]) == (45, 2, True)
    with transaction(plant.db) as session:
        newer = changed(shipped_profiles()["elevator"], "motor_hot", on_delay_s=30)
        assert seed(session, newer, now=clock.now) == 0
    assert as_role(Role.VIEWER).get(url).json()["on_delay_s"] == 45


def test_a_rule_that_its_profile_dropped_is_switched_off(plant: Plant, clock: Clock) -> None:
    profile = shipped_profiles()["elevator"]
    rest = [rule for rule in profile.rules if rule["key"] != "motor_hot"]
    with transaction(plant.db) as session:
        seed(session, {"elevator": profile.model_copy(update={"rules": rest})}, now=clock.now)
    with reading(plant.db) as session:
        assert session.get_one(Rule, plant.rule).enabled is False
        assert not [r for r in watchlist(session).plan.rules if r.rule == plant.rule]


def test_a_change_is_checked_audited_and_kept(plant: Plant, as_role: AsRole) -> None:
    url, admin = f"/api/v1/rules/{plant.rule}", as_role(Role.ADMIN)
    wrong = {"condition": {"type": "limit", "point": "door", "high": 5}}
    problem = admin.patch(url, json=wrong).json()
    assert (problem["code"], problem["problems"][0][:10]) == ("invalid_condition", "when.point")
    right = {
        "condition": {"type": "limit", "point": "motor_temp", "high": 80, "deadband": 2},
        "severity": "low",
    }
    body = admin.patch(url, json=right).json()
    assert body["condition"]["high"] == 80
    assert [version["version"] for version in body["versions"]] == [2, 1]
    assert body["versions"][1]["body"]["condition"]["high"] == 90
    with reading(plant.db) as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "rule.updated")).one()
        assert event.detail["after"]["severity"] == "low"  # type: ignore[index]
    assert as_role(Role.ENGINEER).patch(url, json=right).status_code == 403


def test_one_broken_row_is_reported_and_the_others_are_watched(plant: Plant, as_role: AsRole) -> None:
    with transaction(plant.db) as session:
        before = len(watchlist(session).plan.rules)
        session.get_one(Rule, plant.rule).condition = {"type": "limit", "point": "motor_temp"}
        session.flush()
        found = watchlist(session)
    assert len(found.plan.rules) == before - 3, "the demo site has three elevators"
    assert "give exactly one of high and low" in found.problems[plant.rule]


def test_a_rule_of_one_asset_stands_in_for_the_profiles(plant: Plant, clock: Clock) -> None:
    with transaction(plant.db) as session:
        rule = session.get_one(Rule, plant.rule)
        names = [c.name for c in Rule.__table__.columns if c.name not in ("id", "asset_id")]
        own = Rule(**{name: getattr(rule, name) for name in names}, asset_id=plant.asset)
        own.on_delay_s, own.updated_at = 7, clock.now + timedelta(seconds=1)
        session.add(own)
        session.flush()
        bound = [r for r in watchlist(session).plan.rules if r.rule in (plant.rule, own.id)]
    assert {(r.asset == plant.asset, r.on_delay_ms) for r in bound} == {(True, 7000), (False, 60_000)}
    assert len(bound) == 3


def test_viewers_read_the_rules(plant: Plant, as_role: AsRole, db: sessionmaker[Session]) -> None:
    page = as_role(Role.VIEWER).get("/api/v1/rules?profile=pump").json()
    assert page["total"] == len(shipped_profiles()["pump"].rules)
    assert {rule["profile"] for rule in page["items"]} == {"pump"}
