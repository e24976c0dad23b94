"""An unknown device on a real broker: through the gateway into the inbox, assigned, and from then on stored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import Engine

from server.identity.roles import Role
from server.main import create_app
from server.settings import ServerSettings
from telemetry import topics
from telemetry.bus import Bus
from tests.gateway.support import GatewayProcess, connected
from tests.server.conftest import Cast
from tests.server.running import Running, stream
from tests.support.mosquitto import Mosquitto
from tests.support.waiting import eventually

DEVICE = "plc-7"


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'plantroom.db'}"


@pytest.fixture
def running(
    settings: ServerSettings, engine: Engine, mosquitto: Mosquitto, demo_site: None
) -> Iterator[Running]:
    there = settings.model_copy(update={"mqtt_url": mosquitto.url})
    with Running(create_app(there, engine=engine)) as running:
        yield running


@pytest.fixture
def gateway(mosquitto: Mosquitto, settings: ServerSettings) -> Iterator[GatewayProcess]:
    process = GatewayProcess(mosquitto.url, settings.data)
    process.start()
    yield process
    process.kill()


@pytest.fixture
def device(mosquitto: Mosquitto) -> Iterator[Bus]:
    with connected(mosquitto.url, DEVICE) as bus:
        yield bus


def test_an_unknown_device_is_assigned_and_its_next_message_is_stored(
    running: Running, gateway: GatewayProcess, device: Bus, cast: Cast
) -> None:
    headers = cast.headers(Role.ADMIN)
    with (
        httpx2.Client(base_url=f"{running.url}/api/v1", headers=headers) as api,
        stream(running, cast, "?asset=1") as events,
    ):
        send(device, '{"values": {"dischargePressure": 412.5, "noise": 61}}', until=lambda: in_inbox(api))
        # the screen hears of it by itself
        assert ("changed", {"noun": "inbox"}) in (next(events) for _ in range(20))

        (found,) = api.get("inbox").json()["items"]
        assert (found["device"], found["profile"]) == (DEVICE, None)
        assert {source["source"]: source["recent"][-1][1] for source in found["sources"]} == {
            "dischargePressure": 412.5,
            "noise": 61,
        }
        new = {"key": "pump-c", "name": {"en": "Pump C", "zh": "水泵C"}, "profile": "pump", "space_id": 1}
        answer = api.post("inbox/assign", json={"devices": [{"device": DEVICE, "new_asset": new}]})
        assert answer.json()["points"] == 2, answer.text
        assert api.get("inbox").json()["items"] == []

        asset = answer.json()["assets"][0]
        point = next(
            each["id"]
            for each in api.get(f"assets/{asset}").json()["points"]
            if each["source"] == "dischargePressure"
        )
        send(device, '{"values": {"dischargePressure": 415}}', until=lambda: last_stored(api, point) == 415)


def send(device: Bus, message: str, *, until: object) -> None:
    """Publish until it has its effect, as a device does that knows nothing of us."""
    assert callable(until)

    def sent() -> bool:
        device.publish(topics.telemetry(DEVICE), message.encode())
        return bool(until())

    eventually(sent, interval_s=0.3)


def in_inbox(api: httpx2.Client) -> bool:
    return bool(api.get("inbox").json()["items"])


def last_stored(api: httpx2.Client, point: int) -> float | None:
    """The newest value that the store itself has, not what is live only."""
    now = time.time()
    window = {"from": _iso(now - 60), "to": _iso(now + 60)}
    samples = api.get(f"points/{point}/history", params=window).json()["samples"]
    return float(samples[-1][4]) if samples else None


def _iso(at_s: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at_s))
