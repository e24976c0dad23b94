from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.db import open_engine, session_factory, transaction
from server.history.stores import Stores
from server.identity.roles import Role
from server.intake import service as intake
from server.operations.readiness import RULES, Readiness
from server.settings import ServerSettings
from telemetry.store import open_store
from tests.server.conftest import Clock


def test_alive_says_nothing_of_what_it_depends_on(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_each_dependency_has_a_state_and_a_sentence(client: TestClient) -> None:
    answer = client.get("/readyz", headers={"accept-language": "zh"})
    assert answer.status_code == 503
    body = answer.json()
    assert body["ready"] is False
    assert {name: entry["state"] for name, entry in body["dependencies"].items()} == {
        "database": "ok",
        "broker": "down",
        "store": "down",
        "rules": "down",
        "gateway": "down",
    }
    assert body["dependencies"]["rules"]["detail"] == "从未收到规则进程的信号。"


def test_the_rules_process_counts_by_its_heartbeat(
    db: sessionmaker[Session], settings: ServerSettings, clock: Clock
) -> None:
    def rules() -> str:
        asked = Readiness(
            sessions=db,
            busses=(),
            stores=Stores(lambda: open_store(settings.store_url, read_only=True)),
            gateway="gateway-1",
            clock=clock,
        )
        return asked.dependencies()["rules"].state

    with transaction(db) as session:
        intake.beat(session, RULES, clock.now, {"points": 3})
    assert rules() == "ok"
    clock.advance(seconds=31)
    assert rules() == "down"
    with transaction(db) as session:
        intake.beat(session, RULES, clock.now, {})
    assert rules() == "ok"


def test_it_answers_while_the_database_is_away(settings: ServerSettings, clock: Clock) -> None:
    nowhere = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    asked = Readiness(
        sessions=session_factory(nowhere),
        busses=(),
        stores=Stores(lambda: open_store(settings.store_url, read_only=True)),
        gateway="gateway-1",
        clock=clock,
    )
    states = {name: entry.state for name, entry in asked.dependencies().items()}
    assert (states["database"], states["rules"], states["gateway"]) == ("down", "unknown", "unknown")


def test_metrics_count_by_route_and_not_by_path(
    app: FastAPI, as_role: Callable[[Role], TestClient], demo_site: None
) -> None:
    ada = as_role(Role.ADMIN)
    for asset in (1, 2, 3):
        assert ada.get(f"/api/v1/assets/{asset}").status_code == 200
    text = ada.get("/metrics").text
    assert 'plantroom_http_requests_total{method="GET",route="/assets/{asset_id}",status="200"} 3.0' in text
