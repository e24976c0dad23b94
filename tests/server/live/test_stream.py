"""The whole way: a batch on a real broker, through the server, into an open stream of a real connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx2
import msgspec
import pytest
from sqlalchemy import Engine

from server.identity.roles import Role
from server.main import create_app
from server.settings import ServerSettings
from telemetry import topics
from telemetry.bus import Bus, delivered
from telemetry.messages import Catalogue, DeadLetter, GatewayHealth, ReadingBatch
from telemetry.reading import Quality, Reading
from telemetry.store import open_store
from tests.server.conftest import Cast, Clock
from tests.server.running import Running, stream
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually


@pytest.fixture
def database_url(tmp_path: object) -> str:
    return f"sqlite:///{tmp_path}/plantroom.db"


@pytest.fixture
def bus(mosquitto: Mosquitto) -> Iterator[Bus]:
    bus = Bus(mosquitto.url, client_id="test", subscriptions=[topics.ALL_CATALOGUE, topics.ALL_CHANGED])
    bus.start()
    assert bus.wait_connected(5)
    yield bus
    bus.stop()


Start = Callable[[], Running]


@pytest.fixture
def start(settings: ServerSettings, engine: Engine, clock: Clock, mosquitto: Mosquitto) -> Start:
    there = settings.model_copy(update={"mqtt_url": mosquitto.url})
    return lambda: Running(create_app(there, engine=engine, clock=clock))


def publish(bus: Bus, *readings: Reading) -> None:
    batch = msgspec.json.encode(ReadingBatch(list(readings), stored_ms=0))
    assert delivered([bus.publish(topics.readings(0), batch)], timeout_s=30)


def test_a_reading_on_the_bus_reaches_the_screens_that_show_it(
    start: Start, bus: Bus, cast: Cast, demo_site: None
) -> None:
    with start() as running, stream(running, cast, "?asset=1") as found:
        loops_are_connected(running)
        publish(bus, Reading(1, 1000, 4, Quality.BACKFILLED), Reading(2, 1000, 1), Reading(100, 1000, 2.0))
        assert next(found) == ("readings", [[2, 1000, 1, 0]])
        bus.publish(topics.changed("alarms"), b"{}", qos=0)
        assert next(found) == ("changed", {"noun": "alarms"})
        latest = httpx2.get(f"{running.url}/api/v1/readings/latest", headers=cast.headers(Role.VIEWER)).json()
        assert sorted(latest["readings"]) == [[2, 1000, 1, 0], [100, 1000, 2.0, 0]]


def test_after_a_restart_the_values_come_from_the_store(
    start: Start, settings: ServerSettings, cast: Cast, demo_site: None, bus: Bus
) -> None:
    with start() as running:
        headers = cast.headers(Role.VIEWER)
        # the store comes up after the server, as it may
        open_store(settings.store_url).write([Reading(1, 1000, 4), Reading(1, 2000, 5)])
        eventually(
            lambda: (
                httpx2.get(f"{running.url}/api/v1/readings/latest?asset=1", headers=headers).json()[
                    "readings"
                ]
                == [[1, 2000, 5, 0]]
            )
        )
        history = httpx2.get(
            f"{running.url}/api/v1/points/1/history?from=1970-01-01T00:00:00Z&to=1970-01-01T00:00:02Z",
            headers=headers,
        ).json()
        assert history == {"point": 1, "resolution": "raw", "samples": [[1000, 4, 4, 4, 4, 1, 0]]}


def test_a_stream_ends_when_its_person_may_not_watch_any_more(
    start: Start, bus: Bus, cast: Cast, demo_site: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.live.routes.PING_S", 0.2)
    with start() as running, stream(running, cast, "") as found:
        answer = httpx2.patch(
            f"{running.url}/api/v1/users/{cast.ids[Role.VIEWER]}",
            json={"disabled": True},
            headers=cast.headers(Role.ADMIN),
        )
        assert answer.status_code == 200
        assert {kind for kind, _ in found} <= {
            "ping"
        }  # it ends; on a busy machine one may have gone out before


def test_the_catalogue_is_on_the_broker_and_follows_changes(
    start: Start, bus: Bus, cast: Cast, demo_site: None
) -> None:
    known: dict[int, Catalogue] = {}

    def interval_of(point: int) -> float | None:
        for message in bus.take(timeout_s=0.2):
            if not message.topic.startswith(topics.changed("")):
                part = msgspec.json.decode(message.payload, type=Catalogue)
                known[part.shard] = part
            bus.acknowledge([message])
        entries = [entry for part in known.values() for entry in part.points]
        return next((entry.interval_s for entry in entries if entry.id == point), None)

    with start() as running:
        eventually(lambda: interval_of(1) == 2.0 and len(known) == topics.SHARDS)
        answer = httpx2.patch(
            f"{running.url}/api/v1/points/1", json={"interval_s": 9}, headers=cast.headers(Role.ADMIN)
        )
        assert answer.status_code == 200
        eventually(lambda: interval_of(1) == 9.0)


def test_no_dead_letter_is_lost_while_the_server_is_away_and_none_counts_twice(
    start: Start, bus: Bus, cast: Cast
) -> None:
    headers = cast.headers(Role.ADMIN)

    def letters(running: Running) -> list[str]:
        items = httpx2.get(f"{running.url}/api/v1/dead-letters?limit=10", headers=headers).json()["items"]
        return sorted(item["detail"] for item in items)

    with start() as running:
        loops_are_connected(running)
        send_letter(bus, "1")
        eventually(lambda: letters(running) == ["1"])
    send_letter(bus, "2")
    send_letter(bus, "1")
    bus.publish(topics.dead_letters("gw"), b"not a letter")
    send_letter(bus, "3\0")
    with start() as running:
        eventually(lambda: letters(running) == ["1", "2", "3\\x00"])
        page = httpx2.get(
            f"{running.url}/api/v1/dead-letters?limit=2&reason=not_json", headers=headers
        ).json()
        assert (len(page["items"]), page["total"]) == (2, 3)
        more = httpx2.get(
            f"{running.url}/api/v1/dead-letters?limit=2&cursor={page['next']}", headers=headers
        ).json()
        assert (len(more["items"]), more["next"]) == (1, None)


def test_readiness_follows_the_gateways_own_word(start: Start, bus: Bus, clock: Clock) -> None:
    with start() as running:

        def gateway() -> tuple[str, str]:
            found = httpx2.get(f"{running.url}/readyz").json()["dependencies"]["gateway"]
            return found["state"], found["detail"]

        send_health(bus, clock, online=True)
        eventually(lambda: gateway()[0] == "ok")
        clock.advance(seconds=90)
        eventually(lambda: gateway() == ("down", "The gateway was last heard of 90 s ago."))
        send_health(bus, clock, online=True, store_ok=False)
        eventually(lambda: gateway() == ("down", "The gateway cannot write to its store."))
        send_health(bus, clock, online=True)
        eventually(lambda: gateway()[0] == "ok")
        send_health(bus, clock, online=False)
        eventually(lambda: gateway()[0] == "down")
        states = httpx2.get(f"{running.url}/readyz").json()["dependencies"]
        assert states["broker"]["state"] == states["database"]["state"] == "ok"


def loops_are_connected(running: Running) -> None:
    eventually(lambda: httpx2.get(f"{running.url}/readyz").json()["dependencies"]["broker"]["state"] == "ok")


def send_letter(bus: Bus, text: str) -> None:
    letter = DeadLetter(text[0], 0, "a/b", "{", 1, "not_json", text)
    assert delivered([bus.publish(topics.dead_letters("gw"), msgspec.json.encode(letter))], timeout_s=30)


def send_health(bus: Bus, clock: Clock, *, online: bool, store_ok: bool = True) -> None:
    at_ms = int(clock.now.timestamp() * 1000)
    health = GatewayHealth("gateway-1", at_ms, online, at_ms, 1, 2, 3, 4, 5, 6, 7, store_ok)
    topic = topics.gateway_health("gateway-1")
    assert delivered([bus.publish(topic, msgspec.json.encode(health), retain=True)], timeout_s=30)
