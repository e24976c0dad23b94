"""The checks of ``plantroom doctor``: each looks at one thing and says what to do about it."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from server.assets.models import Space
from server.audit import service as audit
from server.audit.models import AuditEvent
from server.commands import preflight
from server.commands.database import database, sqlite_file
from server.commands.installation import database_files
from server.commands.preflight import Refused
from server.commands.readiness import Health
from server.db import reading
from server.migrations import SchemaMismatch
from server.patrol.evidence import log as patrol_log
from server.settings import ServerSettings
from telemetry.bus import Bus
from telemetry.standing import BusRefused

COMFORTABLE_FREE_BYTES = 4 * preflight.LEAST_FREE_BYTES
CLOCK_SLACK = timedelta(minutes=5)
"""The same as the gateway grants to devices."""
EARLIEST = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
"""Before Plantroom existed: a machine with a dead clock battery starts in 1970 or 2000."""


class Verdict(StrEnum):
    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True)
class Finding:
    """One row of the table. ``remedy`` is empty where nothing needs doing."""

    what: str
    verdict: Verdict
    detail: str
    remedy: str = ""

    def as_text(self) -> str:
        """A row of the table, and a second line with what to do."""
        row = f"{self.verdict:<5} {self.what:<14} {self.detail}"
        return f"{row}\n{'':<20} -> {self.remedy}" if self.remedy else row


@dataclass(frozen=True)
class Patient:
    """What is looked at, and the time it is by this machine's clock."""

    settings: ServerSettings
    now: datetime


def check_folder(patient: Patient) -> Iterator[Finding]:
    folder = patient.settings.data
    try:
        preflight.check_data_folder(folder, least_free_bytes=0)
    except Refused as refusal:
        yield Finding("data folder", Verdict.FAIL, str(refusal), "give this user the right to write there")
        return
    yield Finding("data folder", Verdict.OK, str(folder))
    secrets = folder / "secrets"
    files = [secrets, *secrets.iterdir()] if secrets.is_dir() else []
    open_ones = [path.name for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if open_ones:
        yield Finding(
            "secrets", Verdict.FAIL, f"others may read {', '.join(open_ones)}", f"chmod -R go-rwx {secrets}"
        )
    elif files:
        yield Finding("secrets", Verdict.OK, "readable by their owner only")


def check_disk(patient: Patient) -> Iterator[Finding]:
    folder = patient.settings.data
    free = shutil.disk_usage(folder if folder.exists() else Path.cwd()).free
    verdict = Verdict.WARN if free < COMFORTABLE_FREE_BYTES else Verdict.OK
    if free < preflight.LEAST_FREE_BYTES:
        verdict = Verdict.FAIL
    remedy = "" if verdict is Verdict.OK else "make room: a full disk stops the taking in of readings"
    yield Finding("disk", verdict, f"{free / 1e9:.1f} GB free", remedy)


def check_files(patient: Patient) -> Iterator[Finding]:
    """Every SQLite file, page by page."""
    for path in database_files(patient.settings):
        problem = preflight.sqlite_problem(path, thorough=True)
        if problem is None:
            yield Finding(path.name, Verdict.OK, f"{path.stat().st_size / 1e6:.1f} MB, whole")
        else:
            yield Finding(path.name, Verdict.FAIL, problem, "restore it from a backup, or move it away")


def check_database(patient: Patient) -> Iterator[Finding]:
    """Reached, of this version's schema, its audit chain unbroken, its times not ahead of our clock."""
    path = sqlite_file(patient.settings.database_url)
    if path is not None and not path.exists():
        yield Finding("database", Verdict.FAIL, f"{path} does not exist", "start with `plantroom up`")
        return
    try:
        with database(patient.settings.database_url) as sessions, reading(sessions) as session:
            yield Finding("schema", Verdict.OK, "of this version")
            broken_at = audit.verify(session)
            evidence = patrol_log.verify(session)
            newest = session.scalar(select(func.max(AuditEvent.at)))
            zones = session.scalars(select(Space.time_zone).where(Space.time_zone.is_not(None))).all()
    except SchemaMismatch as mismatch:
        yield Finding("schema", Verdict.FAIL, str(mismatch), "plantroom migrate")
        return
    except Refused as refusal:
        yield Finding("database", Verdict.FAIL, str(refusal), "start it, or correct PLANTROOM_DATABASE_URL")
        return
    yield _audit_finding(broken_at)
    yield _evidence_finding(evidence)
    yield from _clock_findings(patient, newest, {zone for zone in zones if zone})


def check_broker(patient: Patient) -> Iterator[Finding]:
    settings = patient.settings
    password = settings.mqtt_password.get_secret_value() if settings.mqtt_password else None
    bus = Bus(
        settings.mqtt_url, client_id="plantroom-doctor", username=settings.mqtt_username, password=password
    )
    bus.start()
    try:
        connected = bus.wait_connected(5)
        detail, remedy = (settings.mqtt_url, "") if connected else (
            f"{settings.mqtt_url} does not answer, or refuses us without a word",
            "start it, or correct PLANTROOM_MQTT_URL, _USERNAME and _PASSWORD_FILE",
        )  # fmt: skip
        yield Finding("broker", Verdict.OK if connected else Verdict.FAIL, detail, remedy)
    except BusRefused as refusal:
        remedy = "correct PLANTROOM_MQTT_USERNAME and PLANTROOM_MQTT_PASSWORD_FILE"
        yield Finding("broker", Verdict.FAIL, str(refusal), remedy)
    finally:
        bus.stop()


def check_processes(patient: Patient) -> Iterator[Finding]:
    """The server's word on itself, the gateway and the rules."""
    health = Health(patient.settings)
    if not health.is_alive():
        where = f"{patient.settings.host}:{patient.settings.port}"
        yield Finding("server", Verdict.FAIL, f"does not answer on {where}", "start it: `plantroom up`")
        return
    yield Finding("server", Verdict.OK, "answers")
    for name, dependency in health.dependencies().items():
        is_well = dependency.state == "ok"
        remedy = "" if is_well else f"see the logs in {patient.settings.data / 'logs'}"
        yield Finding(f"- {name}", Verdict.OK if is_well else Verdict.FAIL, dependency.detail, remedy)


CHECKS: tuple[Callable[[Patient], Iterator[Finding]], ...] = (
    check_folder,
    check_disk,
    check_files,
    check_database,
    check_broker,
    check_processes,
)


def examine(patient: Patient) -> Iterator[Finding]:
    """All findings, in the order of what depends on what."""
    for check in CHECKS:
        yield from check(patient)


def _evidence_finding(broken: patrol_log.Break | None) -> Finding:
    if broken is None:
        return Finding("patrol log", Verdict.OK, "every row follows from the one before")
    what = {
        "missing_row": "is missing",
        "wrong_hash": "was changed, or the one before it is gone",
        "not_what_was_sent": "does not say what the phone sent",
    }[broken.code]
    remedy = "compare with a backup or an export: somebody changed the database past Plantroom"
    return Finding("patrol log", Verdict.FAIL, f"row {broken.number} {what}", remedy)


def _audit_finding(broken_at: int | None) -> Finding:
    if broken_at is None:
        return Finding("audit trail", Verdict.OK, "the chain holds")
    detail = f"row {broken_at} was changed, or the one before it is gone"
    return Finding(
        "audit trail", Verdict.FAIL, detail, "compare with a backup: somebody wrote past Plantroom"
    )


def _clock_findings(patient: Patient, newest: datetime | None, zones: set[str]) -> Iterator[Finding]:
    now = patient.now
    if now < EARLIEST:
        yield Finding("clock", Verdict.FAIL, f"this machine believes it is {now:%Y-%m-%d}", "set the clock")
    elif newest is not None and newest - now > CLOCK_SLACK:
        behind = newest - now
        yield Finding(
            "clock",
            Verdict.FAIL,
            f"{behind} behind the newest entry of the audit trail",
            "set the clock; delays and deadlines count from it",
        )
    else:
        yield Finding("clock", Verdict.OK, f"{now:%Y-%m-%d %H:%M:%S} UTC")
    for zone in sorted(zones):
        yield _zone_finding(zone, now)


def _zone_finding(zone: str, now: datetime) -> Finding:
    try:
        local = now.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        remedy = "install the time zone data of the system (tzdata)"
        return Finding("time zone", Verdict.FAIL, f"{zone} is not known here", remedy)
    return Finding("time zone", Verdict.OK, f"{zone}: {local:%H:%M} at the site")
