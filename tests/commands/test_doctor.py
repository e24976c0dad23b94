"""``plantroom doctor`` finds what is wrong, says what to do, and its exit code says whether anything is."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from server.audit.models import AuditEvent
from server.clock import utc_now
from server.commands import diagnosis
from server.commands.diagnosis import Finding, Patient, Verdict
from server.db import open_engine, session_factory, transaction
from server.settings import ServerSettings
from tests.commands.conftest import Plantroom
from tests.support.mosquitto import MosquittoFactory


@pytest.fixture
def patient(plantroom: Plantroom, data: Path) -> Patient:
    plantroom("user", "add", "li", "--role", "engineer")
    plantroom("user", "add", "wang", "--role", "guard")
    return Patient(ServerSettings(), utc_now())


def verdicts(findings: object) -> dict[str, Finding]:
    return {finding.what: finding for finding in findings}  # type: ignore[attr-defined]


def test_a_healthy_installation(patient: Patient) -> None:
    found = [
        *diagnosis.check_folder(patient),
        *diagnosis.check_files(patient),
        *diagnosis.check_database(patient),
    ]
    assert {finding.verdict for finding in found} == {Verdict.OK}
    assert {"data folder", "plantroom.db", "schema", "audit trail", "clock"} <= set(verdicts(found))


def test_secrets_that_others_can_read(patient: Patient, data: Path) -> None:
    (data / "secrets").mkdir(mode=0o755)
    found = verdicts(diagnosis.check_folder(patient))["secrets"]
    assert (found.verdict, "chmod" in found.remedy) == (Verdict.FAIL, True)


def test_a_damaged_file(patient: Patient, data: Path) -> None:
    (data / "readings.db").write_bytes(os.urandom(10_000))
    found = verdicts(diagnosis.check_files(patient))
    assert found["readings.db"].verdict is Verdict.FAIL
    assert found["plantroom.db"].verdict is Verdict.OK


def test_a_changed_audit_row(patient: Patient) -> None:
    with transaction(session_factory(open_engine(patient.settings.database_url))) as session:
        session.execute(update(AuditEvent).where(AuditEvent.id == 1).values(actor="somebody else"))
    found = verdicts(diagnosis.check_database(patient))["audit trail"]
    assert found.verdict is Verdict.FAIL
    assert "row 1" in found.detail


def test_a_clock_behind_what_was_recorded(patient: Patient) -> None:
    behind = replace(patient, now=patient.now - timedelta(hours=1))
    assert verdicts(diagnosis.check_database(behind))["clock"].verdict is Verdict.FAIL


def test_a_clock_that_starts_in_1970(patient: Patient) -> None:
    dead = replace(patient, now=patient.now.replace(year=1970))
    found = verdicts(diagnosis.check_database(dead))["clock"]
    assert found.verdict is Verdict.FAIL
    assert "1970" in found.detail


def test_an_old_schema(patient: Patient) -> None:
    with open_engine(patient.settings.database_url).begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    found = verdicts(diagnosis.check_database(patient))["schema"]
    assert (found.verdict, found.remedy) == (Verdict.FAIL, "plantroom migrate")


def test_a_broker_that_refuses_us(patient: Patient, mosquitto_factory: MosquittoFactory) -> None:
    broker = mosquitto_factory(users={"plantroom": "right"})
    for password, verdict in (("wrong", Verdict.FAIL), ("right", Verdict.OK)):
        settings = ServerSettings.model_validate(
            {"mqtt_url": broker.url, "mqtt_username": "plantroom", "mqtt_password": password}
        )
        assert [
            finding.verdict for finding in diagnosis.check_broker(replace(patient, settings=settings))
        ] == [verdict]


def test_the_command_fails_when_nothing_runs(plantroom: Plantroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANTROOM_MQTT_URL", "mqtt://127.0.0.1:1")
    monkeypatch.setenv("PLANTROOM_PORT", "1")
    done = plantroom("doctor")
    assert done.exit_code == 1
    assert "FAIL  broker" in done.output
    assert "FAIL  server" in done.output
    assert "-> start it: `plantroom up`" in done.output
