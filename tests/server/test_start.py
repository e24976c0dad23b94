"""What the server refuses to start with: each is one clear line and exit code 2."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import text, update

from server.assets.models import Asset
from server.assets.profiles import shipped_profiles
from server.assets.site_file import DEMO_SITE, load_site
from server.assets.site_import import import_site
from server.audit.service import SYSTEM
from server.clock import utc_now
from server.db import open_engine, session_factory, transaction
from server.migrations import migrate
from tests.support.ports import free_port, is_listening
from tests.support.waiting import eventually

RUN = [sys.executable, "-c", "import sys; from server.main import run; sys.exit(run())"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of a server that would start, were its broker there."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLANTROOM_")}
    mine = {
        "PLANTROOM_DATA": str(tmp_path),
        "PLANTROOM_PORT": str(free_port()),
        "PLANTROOM_MQTT_URL": f"mqtt://127.0.0.1:{free_port()}",
    }
    engine = open_engine(f"sqlite:///{tmp_path / 'plantroom.db'}")
    migrate(engine)
    engine.dispose()
    return kept | mine


def refusal(environment: Mapping[str, str]) -> str:
    done = subprocess.run(RUN, env=environment, capture_output=True, text=True, timeout=60, check=False)
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 2, done.stderr
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PLANTROOM_PORT", "99999"),
        ("PLANTROOM_PUBLIC_URL", "plantroom.example.com"),
        ("PLANTROOM_MQTT_PASSWORD", "changeme"),
        ("PLANTROOM_DATABASE_URL", "postgresql+psycopg://plantroom:changeme@127.0.0.1/plantroom"),
        ("PLANTROOM_TLS_CERT_FILE", "/nowhere/cert.pem"),
    ],
)
def test_it_names_the_setting_that_is_wrong(variable: str, value: str, environment: dict[str, str]) -> None:
    line = refusal(environment | {variable: value})
    assert variable in line
    assert "changeme" not in line


def test_it_says_that_the_port_is_in_use(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(environment["PLANTROOM_PORT"]))):
        assert "Address already in use" in refusal(environment)


def test_it_refuses_a_database_of_another_version(environment: dict[str, str], tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'plantroom.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert "9999" in refusal(environment)


def test_it_refuses_an_asset_of_a_type_it_does_not_know(environment: dict[str, str], tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'plantroom.db'}")
    with transaction(session_factory(engine)) as session:
        import_site(session, load_site(DEMO_SITE), shipped_profiles(), now=utc_now(), actor=SYSTEM)
        session.execute(update(Asset).where(Asset.key == "pump-b").values(profile="rocket"))
    engine.dispose()
    assert re.search("pump-b.*rocket", refusal(environment))


def test_it_runs_without_its_broker_and_stops_at_once_when_told(environment: dict[str, str]) -> None:
    port = int(environment["PLANTROOM_PORT"])
    server = subprocess.Popen(RUN, env=environment, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: is_listening(port), what="the server listens")
        server.send_signal(signal.SIGTERM)
        assert server.wait(5) == 0
    finally:
        server.kill()
        server.wait()
