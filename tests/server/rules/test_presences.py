"""A device that says it is gone is silent at once, without waiting for its interval."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.assets.queries import catalogue_entries
from server.db import reading
from telemetry import topics
from telemetry.bus import delivered
from tests.gateway.support import GatewayProcess, connected, publish_catalogue
from tests.server.rules.process import Rig, now_ms
from tests.server.rules.scenes import T0, Player, engine, rule
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

NO_DATA = {"type": "no_data"}


def awake() -> Player:
    """All three points have spoken at second 0."""
    return Player(engine(rule(NO_DATA))).read(0, 1).read(0, 1, number=2).read(0, 1, number=3)


def test_its_points_are_silent_from_then_on_and_all_are_named() -> None:
    player = awake()
    found = player.engine.lose([1, 2, 3, 99], T0 + 5000)
    raised = next(each for each in found if each.kind == "raised")
    assert raised.at_ms == T0 + 5000
    assert [(fact.point, fact.relation) for fact in raised.facts] == [
        (1, "silent"),
        (2, "silent"),
        (3, "silent"),
    ]
    assert player.engine.lose([1, 2, 3], T0 + 6000) == []  # said twice is said once


def test_it_returns_when_all_of_them_have_spoken() -> None:
    player = awake()
    player.all += player.engine.lose([1, 2], T0 + 5000)
    player.read(7, 1)
    assert player.told == [("raised", 5)]
    assert player.read(8, 1, number=2).told == [("raised", 5), ("returned", 8)]


def test_a_device_whose_clock_is_behind_is_heard_again_all_the_same() -> None:
    player = awake()
    player.all += player.engine.lose([1], T0 + 20_000)
    assert player.read(15, 1).told == [("raised", 20), ("returned", 20)]


def test_a_point_that_was_silent_already_stays_so() -> None:
    player = awake().until(61)
    assert player.told == [("raised", 60)]
    assert player.engine.lose([1, 2, 3], T0 + 61_000) == []


@pytest.fixture
def rig(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[Rig]:
    made = Rig(tmp_path / "data", mosquitto.url, f"sqlite:///{tmp_path / 'plantroom.db'}")
    made.prepare()
    yield made
    made.close()


def test_a_last_will_raises_the_alarm_of_missing_data_at_once(
    rig: Rig, mosquitto: Mosquitto, tmp_path: Path
) -> None:
    gateway = GatewayProcess(mosquitto.url, tmp_path / "gateway", PLANTROOM_STORE_URL=rig.store_url)
    with reading(rig.sessions) as session:
        entries = catalogue_entries(session)
    publish_catalogue(rig.bus, entries)
    rig.start()
    gateway.start()
    flow = rig.point("pump-a", "flow")
    try:
        eventually(lambda: "connected and working" in gateway.log, what="the gateway listens")
        with connected(mosquitto.url, "pump-a") as device:
            values = b'{"values":{"flow":12.5},"at":%d}' % now_ms()
            assert delivered([device.publish(topics.telemetry("pump-a"), values)], timeout_s=30)
            eventually(lambda: flow in rig.store.latest([flow]), what="its value is stored")
            assert rig.alarms("no_data") == []
            gone_ms = now_ms()
            assert delivered([device.publish(topics.status("pump-a"), b"offline")], timeout_s=30)
        [alarm] = eventually(lambda: rig.alarms("no_data"), what="the alarm")
        assert 0 <= alarm.since.timestamp() * 1000 - gone_ms < 20_000
        assert flow in {fact["point"] for fact in alarm.facts}
    finally:
        gateway.kill()
