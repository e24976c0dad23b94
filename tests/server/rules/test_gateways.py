"""The watchdog over gateways: first alone, then with real processes and a real broker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from server.assets.queries import catalogue_entries
from server.clock import utc_now
from server.db import reading, transaction
from server.intake.watchdog import watch_gateway
from server.rules.gateways import GONE_AFTER_S, GatewayWatch
from telemetry.gateway_values import values_of
from telemetry.messages import GatewayHealth
from telemetry.reading import Reading
from tests.gateway.support import GatewayProcess, publish_catalogue
from tests.server.rules.process import Rig
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

GONE_AFTER_MS = round(GONE_AFTER_S * 1000)
NOW_MS = 1_770_000_000_000
ALIVE = GatewayHealth(
    gateway="g1",
    at_ms=NOW_MS,
    online=True,
    started_ms=NOW_MS - 60_000,
    messages=0,
    readings=0,
    duplicates=0,
    dead_letters=3,
    backfilled=0,
    suspect=0,
    in_flight=0,
    store_ok=True,
    last_message_ms=NOW_MS - 2500,
    spool_bytes=1,
    spool_limit_bytes=4,
)
GONE = msgspec.structs.replace(ALIVE, online=False)


@pytest.fixture
def watch() -> GatewayWatch:
    watch = GatewayWatch()
    watch.points = {"g1": {"online": 7, "last_message_age": 8}}
    return watch


def test_health_becomes_values_of_the_points() -> None:
    assert values_of(ALIVE) == {
        "online": 1,
        "last_message_age": 2.5,
        "store": 1,
        "spool_fill": 25.0,
        "dead_letters": 3.0,
    }
    full = msgspec.structs.replace(ALIVE, spool_full=True, expects_devices=False)
    assert (values_of(full)["spool_fill"], values_of(full)["last_message_age"]) == (100.0, 0.0)
    told = values_of(msgspec.structs.replace(ALIVE, broker_waiting=12, broker_dropped=0))
    assert (told["broker_waiting"], told["broker_dropped"]) == (12.0, 0.0)


def test_a_sign_of_life_gives_readings_of_the_points_there_are(watch: GatewayWatch) -> None:
    assert watch.hear(ALIVE, NOW_MS) == [Reading(7, NOW_MS, 1), Reading(8, NOW_MS, 2.5)]


def test_a_gateway_nobody_hears_of_is_gone(watch: GatewayWatch) -> None:
    watch.hear(ALIVE, NOW_MS)
    assert watch.tick(NOW_MS + GONE_AFTER_MS - 1) == []
    assert watch.tick(NOW_MS + GONE_AFTER_MS) == [Reading(7, NOW_MS + GONE_AFTER_MS, 0)]
    assert watch.tick(NOW_MS + GONE_AFTER_MS + 1) == []  # said, and not again at once


def test_a_gateway_that_restarts_is_not(watch: GatewayWatch) -> None:
    watch.hear(ALIVE, NOW_MS)
    assert watch.hear(GONE, NOW_MS + 100) == []
    watch.hear(ALIVE, NOW_MS + GONE_AFTER_MS - 100)
    assert watch.tick(NOW_MS + GONE_AFTER_MS + 100) == []


def test_one_that_was_gone_when_we_began_is_gone(watch: GatewayWatch) -> None:
    watch.hear(GONE, NOW_MS)
    assert watch.tick(NOW_MS + GONE_AFTER_MS) == [Reading(7, NOW_MS + GONE_AFTER_MS, 0)]


def test_what_was_not_heard_while_we_were_deaf_counts_for_nothing(watch: GatewayWatch) -> None:
    watch.hear(ALIVE, NOW_MS)
    watch.reconnected(NOW_MS + 3_600_000)
    assert watch.tick(NOW_MS + 3_600_000 + GONE_AFTER_MS - 1) == []


@pytest.fixture
def rig(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[Rig]:
    made = Rig(tmp_path / "data", mosquitto.url, f"sqlite:///{tmp_path / 'plantroom.db'}")
    made.prepare()
    yield made
    made.close()


def test_a_dead_gateway_is_one_alarm_that_returns_when_it_is_back(
    rig: Rig, mosquitto: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The only gateway: nothing else moves time for the rules, and no other alarm may come of it."""
    with transaction(rig.sessions) as session:
        watch_gateway(session, "g1", now=utc_now())
        watch_gateway(session, "g1", now=utc_now())
    gateway = GatewayProcess(
        mosquitto.url, tmp_path / "gateway", PLANTROOM_GATEWAY="g1", PLANTROOM_STORE_URL=rig.store_url
    )
    with reading(rig.sessions) as session:
        publish_catalogue(rig.bus, catalogue_entries(session))
    monkeypatch.setenv("PLANTROOM_GATEWAY_GONE_S", "6")
    rig.start()
    gateway.start()
    online = rig.point("g1", "online")
    try:
        stored = eventually(lambda: rig.store.latest([online]).get(online), what="its own readings")
        assert stored.value == 1
        gateway.kill()
        [alarm] = eventually(lambda: rig.alarms("gateway_gone"), 60, what="the alarm")
        assert (alarm.state, alarm.facts[0]["value"], alarm.severity) == ("unacknowledged", 0, "critical")
        gateway.start()
        eventually(lambda: rig.alarms("gateway_gone")[0].state == "returned", 60, what="it returns")
        assert [(found.occurrences, found.id) for found in rig.alarms("gateway_gone")] == [(1, alarm.id)]
        assert rig.alarms("no_data") == []
    finally:
        gateway.kill()
