"""The loop from sensor to verified close with production's parts: the shipped mosquitto configuration with TLS
and one credential a device, InfluxDB, PostgreSQL, and the three processes as a cluster starts them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx2
import psutil
import pytest

from server.assets.site_file import DEMO_SITE
from server.onboarding import broker_users
from telemetry.topics import telemetry
from tests.deploy.broker_client import Client
from tests.deploy.shipped_broker import Listening, running
from tests.support.databases import Postgres
from tests.support.influx import Influx
from tests.support.ports import free_port
from tests.support.rules import change_rule
from tests.support.waiting import eventually

DEVICE, POINT, RULE = "trial-pump", "pump_1_bearing_temp", "bearing_hot_1"
PASSWORD = broker_users.new_password()
USERS = {"gateway": "plantroom-gateway-gateway-1", "rules": "plantroom-rules", "server": "plantroom-server"}


class Site:
    """One production site on free ports of this machine."""

    def __init__(self, folder: Path, secrets: Path, broker: Listening, *, database: str, store: str) -> None:
        self.folder, self.secrets, self.broker = folder, secrets, broker
        self.port = free_port()
        self._settings = {
            "PLANTROOM_PORT": str(self.port),
            "PLANTROOM_MQTT_URL": f"mqtt://127.0.0.1:{broker.inside}",
            "PLANTROOM_DATABASE_URL": database,
            "PLANTROOM_STORE_URL": store,
        }

    def environment(self, process: str) -> dict[str, str]:
        """As docker-compose.yml gives it to a service: its own data folder, user and secret file."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("PLANTROOM_")}
        user = USERS.get(process, USERS["server"])
        return (
            own
            | self._settings
            | {
                "PLANTROOM_DATA": str(self.folder / process),
                "PLANTROOM_MQTT_USERNAME": user,
                "PLANTROOM_MQTT_PASSWORD_FILE": str(
                    self.secrets / f"mqtt_{process if process in USERS else 'server'}_password"
                ),
            }
        )

    def command(self, *arguments: str) -> str:
        """What a ``plantroom`` command says; it must succeed."""
        command = [sys.executable, "-m", "server.commands.cli", *arguments]
        outcome = subprocess.run(
            command, env=self.environment("server"), capture_output=True, text=True, timeout=90, check=False
        )
        assert outcome.returncode == 0, outcome.stderr
        return outcome.stdout

    @contextmanager
    def process(self, name: str) -> Iterator[None]:
        log = (self.folder / f"{name}.log").open("wb")
        command = [sys.executable, "-m", "server.commands.cli", name]
        started = psutil.Popen(command, env=self.environment(name), stdout=log, stderr=log)
        try:
            yield
        finally:
            started.terminate()
            started.wait(15)
            log.close()

    def client(self) -> httpx2.Client:
        token = self.command("user", "token", "ada").strip().splitlines()[-1]
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "zh-CN"}
        return httpx2.Client(base_url=f"http://127.0.0.1:{self.port}/api/v1", headers=headers, timeout=20)


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    command = [
        sys.executable,
        "-m",
        "server.commands.cli",
        "prepare",
        "--to",
        str(tmp_path / "secrets"),
        "--host",
        "localhost",
    ]
    subprocess.run(command, check=True, timeout=60)
    return tmp_path / "secrets"


@pytest.fixture
def site(tmp_path: Path, secrets: Path, influx: Influx, postgres: Postgres) -> Iterator[Site]:
    database = postgres.create_database()
    with ExitStack() as stack:
        stack.callback(postgres.drop_database, database)
        broker = stack.enter_context(running(secrets, tmp_path / "broker"))
        made = Site(tmp_path, secrets, broker, database=database, store=influx.url("site"))
        made.command("server", "setup")
        made.command("import", str(DEMO_SITE))
        made.command("user", "add", "ada", "--role", "admin")
        issue_credential(made)
        for name in USERS:
            stack.enter_context(made.process(name))
        eventually(lambda: is_ready(made), 60, what="every dependency is ready")
        yield made


def issue_credential(site: Site) -> None:
    server = Client(
        site.broker.inside,
        USERS["server"],
        (site.secrets / "mqtt_server_password").read_text().strip(),
        client_id="issuer",
    )
    server.subscribe(f"{broker_users.CONTROL}/response")
    server.publish(
        broker_users.CONTROL, json.dumps({"commands": broker_users.create_device(DEVICE, PASSWORD)})
    )
    eventually(lambda: bool(server.heard), what="the broker confirms the device")
    server.close()


def is_ready(site: Site) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{site.port}/readyz", timeout=5).status_code == 200
    except httpx2.TransportError:
        return False


def test_from_the_sensor_to_the_verified_close(site: Site) -> None:
    device = Client(site.broker.devices, DEVICE, PASSWORD, client_id=DEVICE, ca=site.secrets / "ca.crt")

    def measure(value: float) -> None:
        device.publish(telemetry(DEVICE), json.dumps({"values": {POINT: value}}))

    with site.client() as ada:
        rules = ada.get("rules", params={"profile": "pump"}).json()["items"]
        rule = next(rule["id"] for rule in rules if rule["key"] == RULE)
        delays = {"on_delay_s": 1, "off_delay_s": 0, "verify_s": 3}
        assets = ada.get("assets", params={"profile": "pump"}).json()["items"]
        change_rule(ada, rule, delays, asset_id=assets[0]["id"])

        def alarm() -> dict[str, object] | None:
            measure(91)
            return next(iter(ada.get("alarms", params={"state": "open"}).json()["items"]), None)

        raised = eventually(alarm, 60, what="the alarm", interval_s=0.5)
        assert raised["rule"]["key"] == RULE
        assert ada.post("alarms/acknowledge", json={"ids": [raised["id"]]}).json()["acknowledged"] == [
            raised["id"]
        ]
        (ticket,) = ada.get("tickets").json()["items"]
        assert ada.post(f"tickets/{ticket['id']}/accept", json={}).is_success
        early = ada.post(f"tickets/{ticket['id']}/close", json={})
        assert (early.status_code, early.json()["code"]) == (409, "out_of_band")
        assert "轴承" in early.json()["detail"]

        measure(45)
        assert ada.post(f"tickets/{ticket['id']}/close", json={"when_verified": True}).is_success

        def closed() -> bool:
            measure(45)
            status: str = ada.get(f"tickets/{ticket['id']}").json()["status"]
            return status == "closed"

        eventually(closed, 60, what="the sensor agrees", interval_s=0.5)
        events = ada.get(f"tickets/{ticket['id']}").json()["events"]
        assert [event["kind"] for event in events] == ["reported", "accepted", "verifying", "closed"]
        (evidence,) = events[-1]["data"]["points"]
        assert evidence["max"] == 45
        assert ada.get("tickets").json()["total"] == 1
    device.close()
