from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.clock import to_ms
from server.db import open_engine, session_factory, transaction
from server.history.stores import Stores
from server.identity.roles import Role
from server.intake import service as intake
from server.operations.readiness import RULES, Dependency, Readiness
from server.settings import ServerSettings
from telemetry.messages import GatewayHealth
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


def gateway_health(clock: Clock, **fields: object) -> GatewayHealth:
    """Of a gateway that started an hour ago and heard a device just now."""
    now_ms = to_ms(clock.now)
    usual = GatewayHealth(
        gateway="gateway-1", at_ms=now_ms, online=True, started_ms=now_ms - 3_600_000, messages=9, readings=9,
        duplicates=0, dead_letters=0, backfilled=0, suspect=0, in_flight=0, store_ok=True,
        last_message_ms=now_ms,
    )  # fmt: skip
    return msgspec.structs.replace(usual, **fields)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ("ok", "The gateway runs.")),
        (
            {
                "store_ok": False,
                "spooled_readings": 120,
                "spool_bytes": 3 << 20,
                "spool_limit_bytes": 2 << 30,
            },
            ("down", "cannot write to its store; 120 readings are spooled (3.0/2048 MB)"),
        ),
        (
            {"store_ok": False, "spooled_readings": 9, "spool_full": True},
            ("down", "spool is full: devices wait"),
        ),
        ({"spooled_readings": 7}, ("ok", "7 spooled readings still go to the store")),
    ],
)
def test_it_says_how_it_is_with_the_gateways_store_and_spool(
    db: sessionmaker[Session],
    settings: ServerSettings,
    clock: Clock,
    fields: dict[str, object],
    expected: tuple[str, str],
) -> None:
    with transaction(db) as session:
        intake.keep_health(session, gateway_health(clock, **fields))
    state, words = expected
    found = ask_gateway(db, settings, clock)
    assert found.state == state
    assert words in found.detail["en"]


@pytest.mark.parametrize("last_message_ms", ["never", "ten minutes ago"])
def test_a_gateway_that_hears_no_device_at_all_is_told(
    db: sessionmaker[Session], settings: ServerSettings, clock: Clock, demo_site: None, last_message_ms: str
) -> None:
    last_ms = None if last_message_ms == "never" else to_ms(clock.now) - 600_000
    with transaction(db) as session:
        intake.keep_health(session, gateway_health(clock, last_message_ms=last_ms))
    found = ask_gateway(db, settings, clock)
    assert found.state == "down"
    assert "has heard no device for" in found.detail["en"]


def test_without_any_point_there_is_nothing_to_hear(
    db: sessionmaker[Session], settings: ServerSettings, clock: Clock
) -> None:
    with transaction(db) as session:
        intake.keep_health(session, gateway_health(clock, last_message_ms=None))
    assert ask_gateway(db, settings, clock).state == "ok"


def ask_gateway(db: sessionmaker[Session], settings: ServerSettings, clock: Clock) -> Dependency:
    asked = Readiness(
        sessions=db,
        busses=(),
        stores=Stores(lambda: open_store(settings.store_url, read_only=True)),
        gateway="gateway-1",
        clock=clock,
    )
    return asked.dependencies()["gateway"]


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
