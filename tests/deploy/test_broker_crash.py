"""What a killed broker forgets of what waits in it, with the shipped configuration."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.commands.cli import app
from telemetry.bus import Bus, delivered
from telemetry.topics import telemetry
from tests.deploy.shipped_broker import SHIPPED, Listening, running
from tests.support.waiting import eventually

SENT = 5000
FILTER = "plantroom/v1/devices/#"


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("secrets")
    outcome = CliRunner().invoke(app, ["prepare", "--to", str(folder), "--host", "localhost"])
    assert outcome.exit_code == 0, outcome.output
    return folder


def at_risk() -> int:
    """Changes that a kill may cost; each message makes at least one. Twice the interval: it may come while
    the file is being written."""
    found = re.search(r"^autosave_interval (\d+)$", SHIPPED.read_text(), re.MULTILINE)
    assert found is not None
    return 2 * int(found[1])


def gateway(ports: Listening, secrets: Path) -> Bus:
    return Bus(
        f"mqtt://127.0.0.1:{ports.inside}",
        client_id="plantroom-gateway-gateway-1",
        username="plantroom-gateway-gateway-1",
        password=(secrets / "mqtt_gateway_password").read_text().strip(),
        keep_session=True,
    )


def simulator(ports: Listening, secrets: Path) -> Bus:
    return Bus(
        f"mqtt://127.0.0.1:{ports.inside}",
        client_id="plantroom-sim-1",
        username="plantroom-simulator",
        password=(secrets / "mqtt_simulator_password").read_text().strip(),
    )


def test_a_killed_broker_forgets_no_more_than_its_last_unwritten_changes(
    secrets: Path, tmp_path: Path
) -> None:
    with running(secrets, tmp_path) as ports:
        absent = gateway(ports, secrets)
        absent.subscribe(FILTER)
        absent.start()
        assert absent.wait_connected(10)
        absent.stop()
        sender = simulator(ports, secrets)
        sender.start()
        sent = [sender.publish(telemetry("meter-1"), str(n).encode()) for n in range(SENT)]
        assert delivered(sent, timeout_s=30)
        sender.stop()
    with running(secrets, tmp_path) as ports:
        back = gateway(ports, secrets)
        back.subscribe(FILTER)
        back.start()
        numbers: set[int] = set()

        def enough() -> bool:
            came = back.take(timeout_s=0.2, most=1000)
            numbers.update(int(message.payload) for message in came)
            back.acknowledge(came)
            return len(numbers) >= SENT - at_risk()

        eventually(enough, what="what the broker kept arrives")
        back.stop()
    assert numbers >= set(range(SENT - at_risk()))
