"""docker-compose.yml without a Docker engine: it is valid, and each service is as closed as we say."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from server.commands.cli import app
from server.onboarding.broker_users import SERVICE_ROLES

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
SECRET_WORDS = re.compile(r"(password|token|secret|database_url)", re.IGNORECASE)


def test_compose_itself_accepts_the_file() -> None:
    program = shutil.which("docker-compose")
    assert program, "docker-compose is in tests/packages.txt"
    outcome = subprocess.run([program, "config", "-q"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_unprivileged_on_a_read_only_root(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not str(service["user"]).startswith("0")
    assert "privileged" not in service


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_pinned_to_a_version(name: str) -> None:
    assert re.search(r":\d+\.\d+(\.\d+)?(-\w+)?$", SERVICES[name]["image"])


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_stands_in_the_file(name: str) -> None:
    for key, value in SERVICES[name].get("environment", {}).items():
        if SECRET_WORDS.search(key):
            assert key.endswith("_FILE"), f"{key} of {name} is not read from a file"
            assert str(value).startswith("/run/secrets/")


@pytest.mark.parametrize("name", SERVICES)
def test_each_secret_a_service_reads_is_given_to_it(name: str) -> None:
    given = {s if isinstance(s, str) else s["target"] for s in SERVICES[name].get("secrets", [])}
    text = yaml.safe_dump([SERVICES[name].get("environment", {}), SERVICES[name].get("command", "")])
    for path in re.findall(r"/run/secrets/([\w.]+)", text):
        assert path in given
    named = {s if isinstance(s, str) else s["source"] for s in SERVICES[name].get("secrets", [])}
    assert named <= set(COMPOSE["secrets"])


def test_what_runs_for_long_has_a_health_check() -> None:
    for name, service in SERVICES.items():
        if service.get("restart") != "no":
            assert service["healthcheck"]["test"], name


def test_only_the_proxy_and_the_brokers_tls_port_are_open() -> None:
    assert {name: s["ports"] for name, s in SERVICES.items() if "ports" in s} == {
        "broker": ["8883:8883"],
        "proxy": ["443:8443", "80:8081"],
    }
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_each_process_has_a_user_of_the_broker_with_a_role() -> None:
    roles = {role["rolename"] for role in SERVICE_ROLES}
    for name in ("gateway", "rules", "server", "simulator"):
        user = SERVICES[name]["environment"]["PLANTROOM_MQTT_USERNAME"]
        assert user.removeprefix("plantroom-").split("-")[0] in roles


def test_prepare_writes_every_secret_the_file_names(tmp_path: Path) -> None:
    prepare(tmp_path)
    for secret in COMPOSE["secrets"].values():
        assert (tmp_path / Path(secret["file"]).name).read_text().strip()


def test_prepare_keeps_the_certificates_a_site_brought_along(tmp_path: Path) -> None:
    (tmp_path / "web.crt").write_text("ours")
    (tmp_path / "web.key").write_text("ours too")
    assert prepare(tmp_path).exit_code == 0
    assert (tmp_path / "web.crt").read_text() == "ours"
    assert "BEGIN CERTIFICATE" in (tmp_path / "broker.crt").read_text()
    assert "nothing changed" in prepare(tmp_path).output


def test_prepare_signs_nothing_with_an_authority_whose_key_it_does_not_have(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("ours")
    outcome = prepare(tmp_path)
    assert outcome.exit_code == 2
    assert "has no ca.key beside it" in outcome.output
    assert (tmp_path / "ca.crt").read_text() == "ours"


def test_prepare_says_what_is_wrong_before_it_writes_anything(tmp_path: Path) -> None:
    assert "without https:// and port" in prepare(tmp_path / "a", host="https://plant.example").output
    (tmp_path / "file").write_text("")
    assert "cannot be written" in prepare(tmp_path / "file").output
    (tmp_path / "web.crt").write_text("ours")
    assert "belong together" in prepare(tmp_path).output
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "web.crt"]


def prepare(to: Path, *, host: str = "plant.example") -> Result:
    return CliRunner().invoke(app, ["prepare", "--to", str(to), "--host", host])
