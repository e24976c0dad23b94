from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.assets.profiles import Profile, shipped_profiles
from server.audit.models import AuditEvent
from server.db import reading, transaction
from server.errors import Label
from server.forms.items import NumberItem
from server.forms.typed_points import with_points
from server.identity.roles import Role
from server.rules.backtest_history import points_of
from server.rules.models import Rule
from server.rules.queries import watchlist
from server.rules.shipped import seed
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
    body = as_role(Role.ADMIN).patch(url, json={"on_delay_s": 45, "enabled": False}).json()
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


def test_what_people_type_is_watched_by_no_rule_and_can_be_named_by_none(
    plant: Plant, as_role: AsRole
) -> None:
    with transaction(plant.db) as session:
        asked = NumberItem(
            key="oil", type="number", name=Label(en="Oil", zh="油位"),
            reading_of=plant.asset,
        )  # fmt: skip
        (item,) = with_points(session, "round", [asked])
    assert isinstance(item, NumberItem)
    with reading(plant.db) as session:
        assert item.point_id not in {point.id for point in watchlist(session).plan.points}
        assert item.point_id not in points_of(session, plant.asset)
    wanted = {"condition": {"type": "limit", "point": "round-oil", "high": 5}}
    answer = as_role(Role.ADMIN).patch(f"/api/v1/rules/{plant.rule}", json=wanted)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_condition")


def test_a_change_is_checked_audited_and_kept(plant: Plant, as_role: AsRole) -> None:
    url, admin = f"/api/v1/rules/{plant.rule}", as_role(Role.ADMIN)
    wrong = {"condition": {"type": "limit", "point": "door", "high": 5}}
    problem = admin.patch(url, json=wrong).json()
    assert (problem["code"], problem["problems"][0]["en"][:10]) == ("invalid_condition", "when.point")
    right = {
        "condition": {"type": "limit", "point": "motor_temp", "high": 80, "deadband": 2},
        "severity": "low",
        "enabled": False,  # switched on, it would need a back-test that somebody saw
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
    assert "give exactly one of high and low" in found.problems[plant.rule]["en"]
    assert found.problems[plant.rule]["zh"].startswith("when：high 和 low 只能填写其中一个")


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


OWN = {
    "key": "too_long",
    "profile": "elevator",
    "name": {"en": "Door slow", "zh": "关门慢"},
    "severity": "low",
    "condition": {"type": "rate", "point": "motor_temp", "over_s": 600, "per": "hour", "high": 20},
    "on_delay_s": 30,
    "steps": [{"severity": "high", "after_s": 600}],
}


def test_a_new_rule_is_switched_off_until_somebody_switches_it_on(plant: Plant, as_role: AsRole) -> None:
    admin = as_role(Role.ADMIN)
    made = admin.post("/api/v1/rules", json=OWN)
    body = made.json()
    assert (made.status_code, body["enabled"], body["version"]) == (201, False, 1)
    assert body["steps"] == [{"severity": "high", "when": None, "after_s": 600}]
    assert admin.post("/api/v1/rules", json=OWN).json()["code"] == "rule_exists"
    assert as_role(Role.ENGINEER).post("/api/v1/rules", json=OWN).status_code == 403
    with reading(plant.db) as session:
        assert not [r for r in watchlist(session).plan.rules if r.rule == body["id"]]


def test_two_people_who_change_a_rule_at_once_do_not_overwrite_each_other(
    plant: Plant, as_role: AsRole
) -> None:
    url, admin = f"/api/v1/rules/{plant.rule}", as_role(Role.ADMIN)
    assert admin.patch(url, json={"version": 1, "on_delay_s": 45, "enabled": False}).json()["version"] == 2
    refused = admin.patch(url, json={"version": 1, "on_delay_s": 50})
    assert (refused.status_code, refused.json()["code"]) == (409, "changed_meanwhile")


def test_a_rule_of_ones_own_can_be_taken_away_and_made_again(plant: Plant, as_role: AsRole) -> None:
    admin = as_role(Role.ADMIN)
    number = admin.post("/api/v1/rules", json=OWN).json()["id"]
    assert admin.delete(f"/api/v1/rules/{number}?version=7").json()["code"] == "changed_meanwhile"
    assert admin.delete(f"/api/v1/rules/{number}?version=1").status_code == 204
    assert admin.get(f"/api/v1/rules/{number}").status_code == 404
    again = admin.post("/api/v1/rules", json=OWN).json()
    assert (again["id"], again["version"]) == (number, 3)
    kept = admin.delete(f"/api/v1/rules/{plant.rule}?version=1").json()
    assert kept["code"] == "rule_of_profile"


def test_nothing_that_a_life_hangs_on_ever_waits(plant: Plant, as_role: AsRole) -> None:
    admin = as_role(Role.ADMIN)
    rules = admin.get("/api/v1/rules?profile=elevator").json()["items"]
    trapped = next(rule for rule in rules if rule["key"] == "entrapment")
    refused = admin.patch(f"/api/v1/rules/{trapped['id']}", json={"on_delay_s": 5, "life_safety": False})
    assert (refused.status_code, refused.json()["code"]) == (422, "life_safety_never_waits")
    button = {**OWN, "condition": {"type": "state", "point": "alarm_button", "any_of": [1]}}
    assert admin.post("/api/v1/rules", json=button).json()["code"] == "life_safety_never_waits"
    assert admin.post("/api/v1/rules", json={**button, "on_delay_s": 0}).json()["life_safety"] is True


def test_a_wrong_expression_and_a_wrong_step_are_named_by_path(plant: Plant, as_role: AsRole) -> None:
    admin = as_role(Role.ADMIN)
    wrong = {**OWN, "condition": {"type": "expression", "text": "motor_temp > 'hot'"}}
    assert (
        admin.post("/api/v1/rules", json=wrong)
        .json()["problems"][0]["zh"]
        .startswith("when.text：第 12 个字符处：")
    )
    step = {"severity": "high", "when": {"type": "limit", "point": "gone", "high": 5}}
    problems = admin.post("/api/v1/rules", json={**OWN, "steps": [step]}).json()["problems"]
    assert problems[0]["en"].startswith("steps[0].when.point: there is no point 'gone'")
    assert problems[0]["zh"].startswith("steps[0].when.point：没有测点 'gone'")


def test_a_rule_names_neighbours_and_the_sites_own_time(plant: Plant, as_role: AsRole) -> None:
    admin = as_role(Role.ADMIN)
    text = "power > 0 && sum(feeds.power) > power * 2"
    nights = {"type": "schedule", "windows": [{"start": "22:00", "end": "06:00"}]}
    condition = {"type": "all", "of": [{"type": "expression", "text": text}, nights]}
    made = admin.post(
        "/api/v1/rules", json={**OWN, "profile": "energy_meter", "condition": condition, "steps": []}
    )
    number = made.json()["id"]
    with transaction(plant.db) as session:
        session.get_one(Rule, number).enabled = True
        session.flush()
        bound = [r for r in watchlist(session).plan.rules if r.rule == number]
    assert {r.site.zone for r in bound} == {"Asia/Shanghai"}
    assert max(len(points) for r in bound for points in r.fed.values()) >= 2


def test_a_rule_that_cannot_be_read_is_a_fault_on_each_of_its_assets(plant: Plant) -> None:
    with transaction(plant.db) as session:
        session.get_one(Rule, plant.rule).condition = {"type": "expression"}
        session.flush()
        found = watchlist(session)
    assert [fault[0] for fault in found.plan.faults] == [plant.rule] * 3, "the demo site has three elevators"
    assert found.problems[plant.rule] == {"en": "when.text: Field required", "zh": "when.text：必填"}
