"""What a process says about a setting it cannot take."""

from __future__ import annotations

import pytest

from gateway.settings import GatewaySettings
from server.database_settings import DatabaseSettings
from server.rules.settings import RulesSettings
from server.settings import ServerSettings
from telemetry.settings import load


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (
            "PLANTROOM_MQTT_URL",
            "mqtt://user:secret@broker",
            "; for example mqtt://127.0.0.1:1883 or mqtts://",
        ),
        (
            "PLANTROOM_DEVICE_TOPICS",
            "pump/#",
            "PLANTROOM_DEVICE_TOPICS: pump/#: not a filter of device topics",
        ),
        ("PLANTROOM_MQTT_PASSWORD_FILE", "/nowhere/pw", "/nowhere/pw: cannot read this secret file"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(
    name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        load(GatewaySettings)
    said = capsys.readouterr().err
    assert (ended.value.code, len(said.splitlines())) == (2, 1)
    assert says in said
    assert "secret@" not in said


@pytest.mark.parametrize("settings", [ServerSettings, RulesSettings])
def test_a_database_of_another_kind_is_refused(
    settings: type[DatabaseSettings], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLANTROOM_DATABASE_URL", "postgresql://user:secret@host/name")
    with pytest.raises(SystemExit):
        load(settings)
    said = capsys.readouterr().err
    assert said.startswith("plantroom: PLANTROOM_DATABASE_URL: must be like postgresql+psycopg://")
    assert "user:secret@" not in said


@pytest.mark.parametrize("value", ["zz", "127.0.0.1,", "10.0.0.0/99"])
def test_a_proxy_that_is_no_address_is_refused(
    value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLANTROOM_TRUSTED_PROXIES", value)
    with pytest.raises(SystemExit):
        load(ServerSettings)
    assert "PLANTROOM_TRUSTED_PROXIES: " in capsys.readouterr().err


def test_settings_that_belong_together_are_named_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLANTROOM_TLS_CERT_FILE", "/etc/plant.crt")
    with pytest.raises(SystemExit):
        load(ServerSettings)
    assert capsys.readouterr().err.startswith(
        "plantroom: PLANTROOM_TLS_CERT_FILE and PLANTROOM_TLS_KEY_FILE "
    )
