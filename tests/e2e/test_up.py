"""``plantroom up`` from a fresh folder to Ctrl-C and back."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.support.plantroom import CALM, RunningPlantroom
from tests.support.ports import is_listening
from tests.support.waiting import eventually

DEMO = ("--demo", "--scenario", str(CALM), "--history-days", "0.02")


@pytest.fixture
def plantroom(tmp_path: Path) -> Iterator[RunningPlantroom]:
    """A fresh folder, not started yet."""
    installation = RunningPlantroom(tmp_path / "data", *DEMO)
    yield installation
    installation.close()


def test_the_link_logs_an_admin_in_once(running_plantroom: RunningPlantroom) -> None:
    link = running_plantroom.command("user", "link", "admin").stdout.strip()
    page, _, token = link.partition("#token=")
    assert page == f"{running_plantroom.url}/login"
    with httpx2.Client(base_url=f"{running_plantroom.url}/api/v1") as client:
        assert client.post("session/link", json={"token": token}).is_success
        assert client.get("session").json()["user"]["role"] == "admin"
        assert client.post("session/link", json={"token": token}).status_code == 401


@pytest.mark.parametrize("name", ["engineer", "guard"])
def test_the_demo_people_log_in(running_plantroom: RunningPlantroom, name: str) -> None:
    with running_plantroom.client(name) as client:
        assert client.get("session").json()["user"]["role"] == name


def test_there_is_no_default_password(running_plantroom: RunningPlantroom) -> None:
    with httpx2.Client(base_url=f"{running_plantroom.url}/api/v1") as client:
        for password in ("admin", "password", "plantroom", ""):
            answer = client.post("session", json={"name": "admin", "password": password})
            assert answer.status_code in {401, 422, 429}


def test_the_building_is_there_and_alive(running_plantroom: RunningPlantroom) -> None:
    with running_plantroom.client("engineer") as client:
        # with the gateway, which is watched like them, and what other tests have assigned
        assert client.get("assets").json()["total"] >= 11
        readings = eventually(lambda: client.get("readings/latest").json()["readings"], 60)
        assert len(readings) > 50


def test_everything_reports_ready(running_plantroom: RunningPlantroom) -> None:
    answer = eventually(lambda: _ready(running_plantroom))
    assert set(answer) == {"database", "broker", "store", "rules", "gateway"}


@pytest.mark.parametrize("process", ["rules", "server", "simulator"])
def test_a_running_process_is_well(running_plantroom: RunningPlantroom, process: str) -> None:
    outcome = running_plantroom.command("health", process)
    assert (outcome.returncode, outcome.stdout.strip()) == (0, f"{process} is well")


def test_the_doctor_finds_nothing(running_plantroom: RunningPlantroom) -> None:
    eventually(lambda: _ready(running_plantroom))
    done = running_plantroom.command("doctor")
    assert done.returncode == 0, done.stdout
    assert "FAIL" not in done.stdout
    for what in (
        "data folder",
        "secrets",
        "schema",
        "audit trail",
        "clock",
        "broker",
        "server",
        "gateway",
        "rules",
    ):
        assert what in done.stdout


def test_a_second_one_on_the_same_folder_is_refused(running_plantroom: RunningPlantroom) -> None:
    done = running_plantroom.command("up")
    assert done.returncode == 2
    assert f"already running on {running_plantroom.data}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_process_that_dies_is_started_again(running_plantroom: RunningPlantroom) -> None:
    gateway = next(p for p in running_plantroom.processes() if p.cmdline()[-1:] == ["gateway"])
    gateway.kill()
    eventually(lambda: "gateway     killed by SIGKILL; starting it again in 1 s" in running_plantroom.output)
    eventually(lambda: _ready(running_plantroom))


def test_no_file_of_the_data_folder_is_open_to_others(running_plantroom: RunningPlantroom) -> None:
    files = [path for path in running_plantroom.data.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert [path for path in files if path.stat().st_mode & 0o077] == []


def test_ctrl_c_leaves_nothing_and_the_next_start_goes_on(plantroom: RunningPlantroom) -> None:
    plantroom.start()
    logins = plantroom.password("engineer"), plantroom.password("guard"), plantroom.device_password
    with plantroom.client("engineer") as client:
        eventually(lambda: client.get("readings/latest").json()["readings"], 60)
    stop_and_look(plantroom, signal.SIGINT)

    plantroom.start()
    assert "as it was" in plantroom.output
    assert (plantroom.password("engineer"), plantroom.password("guard"), plantroom.device_password) == logins
    with plantroom.client("guard") as client:
        assert client.get("readings/latest").json()["readings"]


def test_kill_9_of_the_supervisor_leaves_nothing_behind(plantroom: RunningPlantroom) -> None:
    plantroom.start()
    supervisor, *children = whole_family(plantroom)
    supervisor.kill()
    _, alive = psutil.wait_procs(children, timeout=60)
    assert alive == []
    plantroom.start()  # nothing is in the way of the next one
    stop_and_look(plantroom, signal.SIGTERM)


def whole_family(plantroom: RunningPlantroom) -> list[psutil.Process]:
    """The supervisor, broker, server, gateway, rules and simulator; the last one may still be starting."""
    eventually(lambda: len(plantroom.processes()) == 6, what="all six run")
    return plantroom.processes()


def stop_and_look(plantroom: RunningPlantroom, number: signal.Signals) -> None:
    """Stop it, and look for what it may have left."""
    family = whole_family(plantroom)
    assert plantroom.stop(number) == 0
    assert [process for process in family if process.is_running()] == []
    assert not is_listening(plantroom.port)
    assert not is_listening(plantroom.mqtt_port)
    assert "Everything is kept" in plantroom.output


def test_a_port_in_use_is_said_with_who_has_it(plantroom: RunningPlantroom) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", plantroom.port))
        other.listen(1)
        done = plantroom.command("up")
    assert done.returncode == 2
    assert done.stderr.startswith(f"plantroom: port {plantroom.port} is in use by ")
    assert f"(process {os.getpid()})" in done.stderr
    assert "PLANTROOM_PORT" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", ["plantroom.db", "readings.db"])
def test_a_broken_file_is_named_and_left_alone(plantroom: RunningPlantroom, name: str) -> None:
    plantroom.data.mkdir()
    broken = plantroom.data / name
    garbage = b"SQLite format 3\0" + os.urandom(9000)
    broken.write_bytes(garbage)
    done = plantroom.command("up")
    assert done.returncode == 2
    assert str(broken) in done.stderr
    assert "broken" in done.stderr
    assert "backup" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert broken.read_bytes() == garbage


def test_a_database_of_a_newer_version_is_left_alone(plantroom: RunningPlantroom) -> None:
    plantroom.data.mkdir()
    with sqlite3.connect(plantroom.data / "plantroom.db") as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.close()
    done = plantroom.command("up")
    assert done.returncode == 2
    assert "made by a newer Plantroom" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_named(plantroom: RunningPlantroom, tmp_path: Path) -> None:
    wrong = RunningPlantroom(tmp_path / "data", *DEMO, environment={"PLANTROOM_PORT": "eighty"})
    done = wrong.command("up")
    assert done.returncode == 2
    assert "PLANTROOM_PORT" in done.stderr
    assert "Traceback" not in done.stderr


def _ready(plantroom: RunningPlantroom) -> dict[str, object]:
    answer = httpx2.get(f"{plantroom.url}/readyz")
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()["dependencies"]
    return found
