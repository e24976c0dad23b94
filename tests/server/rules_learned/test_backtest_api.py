"""Back-tests, trainings and models through HTTP, over a real store."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.db import reading, transaction
from server.identity.roles import Role
from server.rules.backtest_loop import BacktestLoop
from server.rules.backtest_models import RuleRun
from server.rules.queries import revision, watchlist
from telemetry.store.contract import ReadingStore
from tests.server.alarms.scenes import Plant
from tests.server.conftest import START, Clock

AsRole = Callable[[Role], TestClient]
Work = Callable[[], int]
PERIOD = {"from": (START - timedelta(days=10)).isoformat(), "to": START.isoformat()}


def _ask(client: TestClient, plant: Plant, rule: int, **more: object) -> dict[str, Any]:
    wanted = {"kind": "backtest", "asset_id": plant.asset, **PERIOD, **more}
    answer = client.post(f"/api/v1/rules/{rule}/runs", json=wanted)
    assert answer.status_code == 202, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_two_variants_stand_side_by_side(plant: Plant, as_role: AsRole, work: Work) -> None:
    engineer = as_role(Role.ENGINEER)
    change = {"condition": {"type": "limit", "point": "motor_temp", "high": 99, "deadband": 2}}
    run = _ask(engineer, plant, plant.rule, change=change)
    assert run["status"] == "queued"
    assert work() == 1
    found = engineer.get(f"/api/v1/rules/runs/{run['id']}").json()
    assert (found["status"], found["progress"], found["error"]) == ("done", 1.0, None)
    as_is, changed = found["result"]["variants"]
    # an hour each noon, less a day apart: one ticket that is reopened
    assert (as_is["which"], as_is["alarm_count"], as_is["tickets"]) == ("as_is", 10, 1)
    assert (changed["which"], changed["alarm_count"], changed["tickets"]) == ("changed", 1, 1)
    assert changed["active_s"] < as_is["active_s"]
    assert "above 90" in as_is["alarms"][0]["reason"]["en"]
    assert [point["key"] for point in found["result"]["points"]] == ["motor_temp"]


def test_a_rule_that_cannot_be_judged_says_so_instead_of_nothing(
    plant: Plant, as_role: AsRole, work: Work
) -> None:
    change = {"condition": {"type": "expression", "text": "1.0 / (motor_temp * 0) > 1.0"}}
    run = _ask(as_role(Role.ENGINEER), plant, plant.rule, change=change)
    assert work() == 1
    found = as_role(Role.ENGINEER).get(f"/api/v1/rules/runs/{run['id']}").json()
    problems = [one["problem"] for one in found["result"]["variants"]]
    assert problems == [None, {"en": "motor_temp: division by zero", "zh": "motor_temp：除数为零"}]


def test_a_rule_is_switched_on_only_after_its_back_test_was_seen(
    plant: Plant, as_role: AsRole, work: Work
) -> None:
    admin, url = as_role(Role.ADMIN), f"/api/v1/rules/{plant.rule}"
    assert admin.patch(url, json={"enabled": False}).status_code == 200
    assert admin.patch(url, json={"enabled": True}).json()["code"] == "backtest_not_seen"
    run = _ask(admin, plant, plant.rule)
    seen = f"/api/v1/rules/runs/{run['id']}/seen"
    assert admin.post(seen).json()["code"] == "not_done"
    work()
    assert admin.patch(url, json={"enabled": True}).json()["code"] == "backtest_not_seen"
    assert admin.post(seen).status_code == 200
    assert admin.post(seen).status_code == 200, "looking twice is no mistake"
    assert admin.patch(url, json={"enabled": True}).json()["enabled"] is True
    # what decides about its alarms changes only to what was seen, too
    wanted = {"on_delay_s": 600}
    assert admin.patch(url, json=wanted).json()["code"] == "backtest_not_seen"
    run = _ask(admin, plant, plant.rule, change=wanted)
    work()
    admin.post(f"/api/v1/rules/runs/{run['id']}/seen")
    assert admin.patch(url, json=wanted).json()["on_delay_s"] == 600


LEARNS = {
    "key": "motor_unusual",
    "profile": "elevator",
    "name": {"en": "Motor unusual", "zh": "电机异常"},
    "severity": "low",
    "condition": {"type": "baseline", "point": "motor_temp"},
    "off_delay_s": 600,
}


def test_a_learned_rule_is_trained_versioned_and_put_to_use(
    plant: Plant, as_role: AsRole, work: Work, db: sessionmaker[Session]
) -> None:
    admin = as_role(Role.ADMIN)
    rule = admin.post("/api/v1/rules", json=LEARNS).json()["id"]
    run = _ask(admin, plant, rule)
    work()
    failed = admin.get(f"/api/v1/rules/runs/{run['id']}").json()
    assert failed["status"] == "failed"
    assert "train it on a normal period first" in failed["error"]["en"]
    nine_days = {"kind": "training", "to": (START - timedelta(days=1)).isoformat()}
    _ask(admin, plant, rule, **nine_days)
    _ask(admin, plant, rule, **nine_days)
    run = _ask(admin, plant, rule)
    assert work() == 3
    done = admin.get(f"/api/v1/rules/runs/{run['id']}").json()
    (variant,) = done["result"]["variants"]
    assert variant["alarm_count"] == 1, "the ninth day is warmer than its hours normally show"
    assert "above what" in variant["alarms"][0]["reason"]["en"]
    admin.post(f"/api/v1/rules/runs/{run['id']}/seen")
    assert admin.patch(f"/api/v1/rules/{rule}", json={"enabled": True}).json()["code"] == "not_trained"
    newest, older = admin.get(f"/api/v1/rules/{rule}/models").json()
    assert (newest["version"], older["version"], newest["active"]) == (2, 1, False)
    assert len(newest["facts"]["usual"]) == 168
    with reading(db) as session:
        before = revision(session)
    for model in (older, newest):
        assert admin.post(f"/api/v1/rules/models/{model['id']}/activate").json()["active"] is True
    assert admin.patch(f"/api/v1/rules/{rule}", json={"enabled": True}).json()["enabled"] is True
    with reading(db) as session:
        assert revision(session) != before
        (bound,) = [
            one for one in watchlist(session).plan.rules if one.rule == rule and one.asset == plant.asset
        ]
    assert list(bound.learned) == ["baseline(motor_temp)"]


def test_too_little_to_learn_from_is_said_with_what_is_needed(
    plant: Plant, as_role: AsRole, work: Work
) -> None:
    admin = as_role(Role.ADMIN)
    rule = admin.post("/api/v1/rules", json=LEARNS).json()["id"]
    run = _ask(admin, plant, rule, kind="training", **{"from": (START - timedelta(days=2)).isoformat()})
    work()
    error = admin.get(f"/api/v1/rules/runs/{run['id']}").json()["error"]
    assert "at least 7 are needed" in error["en"]
    assert "至少需要 7 天" in error["zh"]


def test_what_makes_no_sense_is_refused_by_name(plant: Plant, as_role: AsRole) -> None:
    engineer, url = as_role(Role.ENGINEER), f"/api/v1/rules/{plant.rule}/runs"
    wanted: dict[str, object] = {"kind": "backtest", "asset_id": plant.asset, **PERIOD}
    codes = [
        engineer.post(url, json={**wanted, **other}).json()["code"]
        for other in (
            {"to": PERIOD["from"]},
            {"asset_id": 9999},
            {"kind": "training"},
            {"change": {"condition": {"type": "limit", "point": "nowhere", "high": 1}}},
        )
    ]
    assert codes == ["bad_period", "asset_not_of_rule", "nothing_to_learn", "invalid_condition"]
    assert as_role(Role.VIEWER).post(url, json=wanted).status_code == 403


def test_a_condition_is_checked_while_it_is_typed(plant: Plant, as_role: AsRole) -> None:
    engineer = as_role(Role.ENGINEER)
    wanted: dict[str, Any] = {"profile": "elevator", "condition": {"type": "ewma", "point": "motor_temp"}}
    assert engineer.post("/api/v1/rules/check", json=wanted).json() == {"problems": []}
    wanted["condition"]["point"] = "motor"
    (problem,) = engineer.post("/api/v1/rules/check", json=wanted).json()["problems"]
    assert problem["en"].startswith("when.point: there is no point 'motor'")
    assert problem["zh"].startswith("when.point：没有测点 'motor'")


def test_the_servers_thread_does_it_and_takes_up_what_a_stop_left_behind(
    plant: Plant, as_role: AsRole, store: ReadingStore, db: sessionmaker[Session], clock: Clock
) -> None:
    run = _ask(as_role(Role.ENGINEER), plant, plant.rule)
    with transaction(db) as session:
        session.get_one(RuleRun, run["id"]).status = "running"
    told = threading.Event()
    loop = BacktestLoop(db, store=lambda: store, clock=clock, announce=lambda _noun: told.set())
    loop.start()
    try:
        assert told.wait(30)
    finally:
        loop.stop()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with reading(db) as session:
            if session.get_one(RuleRun, run["id"]).status == "done":
                return
    raise AssertionError("it was not done")
