"""How a device is: there, gone by its own word, silent, or never heard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from starlette.testclient import TestClient

from server.assets.models import Point
from server.clock import to_ms
from server.db import reading, transaction
from server.identity.roles import Role
from server.intake.service import keep_health
from server.presence.service import keep_presence
from server.presence.state import Heard, State, Word, presence_of
from telemetry.messages import DevicePresence, GatewayHealth
from telemetry.reading import Reading
from tests.server.conftest import START, Clock

NOW_MS = 1_000_000


@pytest.mark.parametrize(
    ("last_s_ago", "word", "expected"),
    [
        (5, None, "online"),
        (61, None, "silent"),
        (None, None, "never"),
        (40, Word(online=False, at_ms=NOW_MS - 30_000), "offline"),
        (None, Word(online=False, at_ms=NOW_MS - 30_000), "offline"),
        # a clock that runs ahead does not bring it back; what it sends later does
        (25, Word(online=False, at_ms=NOW_MS - 30_000), "offline"),
        (5, Word(online=False, at_ms=NOW_MS - 30_000), "online"),
        (300, Word(online=False, at_ms=NOW_MS - 600_000), "silent"),
    ],
)
def test_the_state_follows_from_the_newest_value_and_the_last_word(
    last_s_ago: float | None, word: Word | None, expected: State
) -> None:
    last_ms = None if last_s_ago is None else round(NOW_MS - last_s_ago * 1000)
    assert presence_of(Heard(10.0, last_ms, word), now_ms=NOW_MS).state == expected


def test_a_slow_device_may_be_quiet_for_three_of_its_intervals() -> None:
    assert presence_of(Heard(300.0, NOW_MS - 800_000, None), now_ms=NOW_MS).state == "online"
    assert presence_of(Heard(300.0, NOW_MS - 901_000, None), now_ms=NOW_MS) == ("silent", NOW_MS - 901_000)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'plantroom.db'}"


@pytest.fixture
def engineer(demo_site: None, as_role: Callable[[Role], TestClient]) -> TestClient:
    return as_role(Role.ENGINEER)


@pytest.fixture
def heard(app: FastAPI, db: sessionmaker[Session]) -> Callable[..., list[int]]:
    """Has a device send a value of each of its points so many seconds before the start."""

    def send(device: str, *, s_ago: float) -> list[int]:
        with reading(db) as session:
            points = list(session.scalars(select(Point.id).where(Point.device_id == device)))
        app.state.hub.apply([Reading(point, to_ms(START) - round(s_ago * 1000), 1.0) for point in points])
        return points

    return send


def say(db: sessionmaker[Session], device: str, *, online: bool, s_ago: float) -> None:
    told = DevicePresence(device, online, to_ms(START) - round(s_ago * 1000))
    with transaction(db) as session:
        keep_presence(session, "gateway-1", told)


def states(client: TestClient, **query: str) -> dict[str, str]:
    answer = client.get("/api/v1/devices", params=query)
    assert answer.status_code == 200, answer.text
    return {item["id"]: item["presence"]["state"] for item in answer.json()["items"]}


def test_the_list_says_of_each_device_how_it_is_and_leaves_the_others_out(
    engineer: TestClient, db: sessionmaker[Session], heard: Callable[..., list[int]], clock: Clock
) -> None:
    all_ids = sorted(states(engineer))
    fine, gone, silent, *never = all_ids
    for device in (fine, gone, silent):
        heard(device, s_ago=20)
    say(db, gone, online=False, s_ago=10)
    say(db, gone, online=True, s_ago=15)  # told late
    assert states(engineer, state="offline") == {gone: "offline"}
    assert set(states(engineer, state="never")) == set(never)

    clock.advance(minutes=30)
    say(db, fine, online=True, s_ago=-1795)
    answer = engineer.get("/api/v1/devices", params={"state": "silent"}).json()
    assert [item["id"] for item in answer["items"]] == [silent]
    presence = answer["items"][0]["presence"]
    assert presence["since"] == presence["last_message_at"] is not None
    assert answer["counts"] == {"online": 1, "offline": 1, "silent": 1, "never": len(never)}
    assert answer["total"] == 1


def test_a_device_with_a_point_for_it_is_judged_by_that_point(
    engineer: TestClient, app: FastAPI, db: sessionmaker[Session], heard: Callable[..., list[int]]
) -> None:
    with transaction(db) as session:
        first = session.scalars(select(Point).order_by(Point.id)).first()
        assert first is not None
        device, point, first.source = first.device_id, first.id, "online"
    heard(device, s_ago=20)
    app.state.hub.apply([Reading(point, to_ms(START) - 5_000, 0)])
    answer = engineer.get(f"/api/v1/devices/{device}").json()
    assert answer["presence"]["state"] == "offline"
    assert answer["presence"]["last_message_at"].startswith("2026-03-02T07:59:40")


def test_a_gateway_is_heard_by_its_signs_of_life(engineer: TestClient, db: sessionmaker[Session]) -> None:
    device = min(states(engineer))
    health = GatewayHealth(
        gateway=device,
        at_ms=to_ms(START) - 5_000,
        online=True,
        started_ms=0,
        messages=0,
        readings=0,
        duplicates=0,
        dead_letters=0,
        backfilled=0,
        suspect=0,
        in_flight=0,
        store_ok=True,
    )
    with transaction(db) as session:
        keep_health(session, health)
    assert states(engineer)[device] == "online"


def test_the_page_of_an_asset_says_where_its_values_come_from(
    engineer: TestClient, as_role: Callable[[Role], TestClient], heard: Callable[..., list[int]]
) -> None:
    asset = engineer.get("/api/v1/assets").json()["items"][0]
    points = engineer.get(f"/api/v1/assets/{asset['id']}").json()["points"]
    heard(points[0]["device"], s_ago=1)
    (device,) = as_role(Role.VIEWER).get(f"/api/v1/assets/{asset['id']}/devices").json()["items"]
    assert (device["id"], device["points"], device["state"]) == (points[0]["device"], len(points), "online")


def test_only_engineers_see_all_devices(engineer: TestClient, as_role: Callable[[Role], TestClient]) -> None:
    device = min(states(engineer))
    for path in ("/api/v1/devices", f"/api/v1/devices/{device}"):
        assert as_role(Role.GUARD).get(path).status_code == 403
    assert engineer.get("/api/v1/devices/nobody-knows").status_code == 404
    assert engineer.get("/api/v1/assets/99999/devices").status_code == 404
