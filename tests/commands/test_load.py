"""Load mode from the console: its site file, and a load that a real broker takes over whole."""

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from device_sim.load import read_ledger
from server.commands.cli import app
from tests.support.mosquitto import Mosquitto


def test_it_writes_the_site_of_the_devices(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    assert CliRunner().invoke(app, ["load", "--devices", "7", "--write-site", str(site)]).exit_code == 0
    assert len(yaml.safe_load(site.read_text())["assets"]) == 7


def test_every_acknowledged_message_stands_in_the_ledger(
    mosquitto: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTROOM_MQTT_URL", mosquitto.url)
    ledger = tmp_path / "ledger.csv"
    size = ["--devices", "5", "--rate", "20", "--seconds", "1"]
    outcome = CliRunner().invoke(app, ["load", *size, "--ledger", str(ledger)])
    assert outcome.exit_code == 0, outcome.output
    assert len({(message.device, message.at_ms) for message in read_ledger(ledger)}) == 100


def test_a_load_of_nothing_is_refused() -> None:
    outcome = CliRunner().invoke(app, ["load", "--devices", "0"])
    assert outcome.exit_code == 2
    assert "above 0" in outcome.output
