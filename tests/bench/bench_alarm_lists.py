"""How fast lists and health answer with 100,000 alarms and as many tickets: ``python -m tests.bench.bench_alarm_lists``.

Through the API of the application (no socket), on SQLite or PostgreSQL, with as many rules of single assets
beside those of the profiles as ``--rules`` says. Prints the slowest of five.
"""

from __future__ import annotations

import argparse
import logging
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from server.alarms.models import Alarm, AlarmEvent, AlarmTally
from server.alarms.record import BUCKET_MS
from server.assets.models import Asset, Space
from server.assets.profiles import shipped_profiles
from server.assets.site_file import DEMO_SITE, load_site
from server.assets.site_import import import_site
from server.audit.service import SYSTEM
from server.clock import to_ms
from server.db import create_schema, open_engine, session_factory, transaction
from server.identity import service, sessions
from server.identity.roles import Role
from server.main import create_app
from server.rules.models import Rule
from server.rules.shipped import seed
from server.settings import ServerSettings
from server.tickets.models import Ticket
from tests.support.databases import Postgres

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PATHS = (
    "alarms",
    "alarms?state=all",
    "alarms?state=all&limit=500",
    "alarms?state=all&severity=high",
    "alarms?availability=suppressed",
    "alarms?note=stale",
    "alarms/summary",
    "alarms/health",
    "alarms/health?from=2025-12-01T00:00:00Z",
    "tickets",
    "tickets?is_closed=true&limit=500",
    "tickets/summary",
    "rules",
    "rules?profile=pump",
)


def fill(session: Session, many: int) -> None:
    """So many alarms of the last 60 days, over and acknowledged, each with an event and a ticket."""
    rng = random.Random(1)
    site = session.scalars(select(Space.id).where(Space.kind == "site")).one()
    rules = session.scalars(select(Rule)).all()
    assets = session.scalars(select(Asset)).all()
    pairs = [(rule, asset) for rule in rules for asset in assets if rule.profile == asset.profile]
    counts: dict[tuple[int, int, int, str], int] = {}
    alarms, tickets = [], []
    for _ in range(many):
        rule, asset = rng.choice(pairs)
        at = NOW - timedelta(seconds=rng.random() * 86_400 * 60)
        severity = rng.choices(["low", "medium", "high", "critical"], [80, 15, 4, 1])[0]
        waited = rng.random() * 1500
        facts = {"asset_id": asset.id, "severity": severity, "site_id": site, "answered_s": waited}
        alarms.append({**_alarm(rule, at), **facts, "acknowledged_at": at + timedelta(seconds=waited)})
        tickets.append(_ticket(rule, asset.id, at, severity))
        key = (to_ms(at) // BUCKET_MS, rule.id, asset.id, severity)
        counts[key] = counts.get(key, 0) + 1
    session.execute(insert(Alarm), alarms)
    session.execute(insert(Ticket), tickets)
    names = ("bucket", "rule_id", "asset_id", "severity")
    rows = [
        {**dict(zip(names, key, strict=True)), "site_id": site, "announced": count, "quiet": 0}
        for key, count in counts.items()
    ]
    session.execute(insert(AlarmTally), rows)
    session.execute(insert(AlarmEvent), [_event(number, NOW) for number in session.scalars(select(Alarm.id))])


def more_rules(session: Session, many: int) -> None:
    """Rules of single assets, switched off."""
    assets = session.scalars(select(Asset).where(Asset.profile == "pump")).all()
    like = session.scalars(select(Rule).where(Rule.profile == "pump")).first()
    assert like is not None
    names = [column.name for column in Rule.__table__.columns if column.name != "id"]
    same = {name: getattr(like, name) for name in names}
    session.execute(
        insert(Rule),
        [
            {**same, "key": f"own_{number}", "asset_id": assets[number % len(assets)].id, "enabled": False}
            for number in range(many)
        ],
    )


def _alarm(rule: Rule, at: datetime) -> dict[str, object]:
    return {
        "rule_id": rule.id,
        "rule_key": rule.key,
        "rule_name": rule.name,
        "state": "normal",
        "since": at,
        "raised_at": at,
        "returned_at": at + timedelta(minutes=5),
        "occurrences": 1,
        "facts": [],
        "acknowledged_by": "ada",
        "mark": to_ms(at) * 16,
        "discipline": "power",
        "raised_ms": [],
    }


def _ticket(rule: Rule, asset: int, at: datetime, severity: str) -> dict[str, object]:
    return {
        "title": rule.name,
        "asset_id": asset,
        "rule_id": rule.id,
        "severity": severity,
        "status": "closed",
        "reported_at": at,
        "respond_by": at,
        "on_site_by": at,
        "due_at": at,
        "closed_at": at,
        "close_kind": "manual",
        "verify_s": 0.0,
    }


def _event(alarm: int, at: datetime) -> dict[str, object]:
    states = {"from_state": "normal", "to_state": "unacknowledged"}
    event = {"alarm_id": alarm, "at": at, "recorded_at": at, "kind": "raised", "actor": "plantroom"}
    return {**event, **states, "facts": [], "data": {}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alarms", type=int, default=100_000)
    parser.add_argument("--rules", type=int, default=2_000)
    parser.add_argument(
        "--postgres", action="store_true", help="on a PostgreSQL of its own instead of SQLite"
    )
    wanted = parser.parse_args()
    many: int = wanted.alarms
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as folder, _database(Path(folder), postgres=wanted.postgres) as url:
        engine = open_engine(url)
        create_schema(engine)
        with transaction(session_factory(engine)) as session:
            import_site(session, load_site(DEMO_SITE), shipped_profiles(), now=NOW, actor=SYSTEM)
            seed(session, shipped_profiles(), now=NOW)
            user = service.add_user(session, now=NOW, actor=SYSTEM, name="ada", role=Role.ADMIN)
            _, token = sessions.issue_token(session, now=NOW, actor=SYSTEM, user=user, name="bench")
            fill(session, many)
            more_rules(session, wanted.rules)
        app = create_app(ServerSettings(data=Path(folder)), engine=engine, clock=lambda: NOW)
        client = TestClient(app, headers={"authorization": f"Bearer {token}"})
        print(
            f"{many} alarms, as many events and tickets; slowest of five: milliseconds by the clock, of CPU"
        )
        for path in PATHS:
            by_clock, of_cpu = _slowest_ms(client, path)
            print(f"  {by_clock:7.0f} {of_cpu:7.0f}  {path}", flush=True)
        engine.dispose()


@contextmanager
def _database(folder: Path, *, postgres: bool) -> Iterator[str]:
    """The URL of an empty one."""
    if not postgres:
        yield f"sqlite:///{folder / 'plantroom.db'}"
        return
    home = Path(tempfile.mkdtemp(prefix="plantroom-postgres-"))  # its server runs as another user
    server = Postgres(home)
    try:
        yield server.create_database()
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _slowest_ms(client: TestClient, path: str) -> tuple[float, float]:
    by_clock = of_cpu = 0.0
    for _ in range(5):
        began, used = time.perf_counter(), time.process_time()
        assert client.get(f"/api/v1/{path}").status_code == 200, path
        by_clock = max(by_clock, time.perf_counter() - began)
        of_cpu = max(of_cpu, time.process_time() - used)
    return by_clock * 1000, of_cpu * 1000


if __name__ == "__main__":
    main()
