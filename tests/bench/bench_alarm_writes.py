"""What raising and returning an alarm costs in the database: ``python -m tests.bench.bench_alarm_writes``.

Alarms of one transaction, as in a storm, and one a transaction. With ``--where`` the statements are listed.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session, sessionmaker

from device_sim.site import fleet_site, write_site_file
from server.assets.models import Asset
from server.assets.profiles import shipped_profiles
from server.assets.site_file import load_site
from server.assets.site_import import import_site
from server.audit.service import SYSTEM
from server.clock import to_ms
from server.db import create_schema, open_engine, reading, session_factory, transaction
from server.identity import service
from server.identity.roles import Role
from server.rules.apply import apply_all
from server.rules.models import Rule
from server.rules.queries import watchlist
from server.rules.shipped import seed
from server.rules.transition import MARKS_PER_MS, Kind, Transition

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
RULES = {"energy_meter": "overvoltage", "pump": "bearing_hot_1", "elevator": "motor_hot"}


class Statements:
    """Counts what is sent to the database."""

    def __init__(self, engine: Engine) -> None:
        self.seen: Counter[str] = Counter()
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        self.seen[" ".join(statement.split())[:150]] += 1


def prepare(engine: Engine, folder: Path, assets: int) -> None:
    """A site of pumps, meters and elevators, and two engineers."""
    create_schema(engine)
    site = folder / "site.yaml"
    write_site_file(fleet_site("bench", dict.fromkeys(RULES, assets)), site)
    with transaction(session_factory(engine)) as session:
        import_site(session, load_site(site), shipped_profiles(), now=NOW, actor=SYSTEM)
        seed(session, shipped_profiles(), now=NOW)
        for name in ("ada", "bo"):
            service.add_user(session, now=NOW, actor=SYSTEM, name=name, role=Role.ENGINEER)


def told(session: Session, kind: Kind, at: datetime) -> list[Transition]:
    """This happens to one rule of every asset."""
    rules = {
        rule.profile: rule.id for rule in session.scalars(select(Rule)) if RULES.get(rule.profile) == rule.key
    }
    assets = session.execute(select(Asset.id, Asset.profile).order_by(Asset.id))
    at_ms = to_ms(at)
    return [
        Transition(kind, rules[profile], asset, at_ms, at_ms, at_ms * MARKS_PER_MS, (), "medium")
        for asset, profile in assets
        if profile in rules
    ]


def measure(engine: Engine, *, together: bool, where: bool) -> None:
    sessions: sessionmaker[Session] = session_factory(engine)
    with reading(sessions) as session:
        known = watchlist(session)
    statements = Statements(engine)
    for step, kind in enumerate(("raised", "returned")):
        at = NOW + timedelta(minutes=step)
        with reading(sessions) as session:
            found = told(session, kind, at)  # type: ignore[arg-type]
        statements.seen.clear()
        began, used = time.perf_counter(), time.process_time()
        for batch in [found] if together else [[one] for one in found]:
            apply_all(sessions, batch, known, now=at)
        wall, cpu = time.perf_counter() - began, time.process_time() - used
        count = len(found)
        print(
            f"  {kind:9} {count} alarms, {'one transaction' if together else 'one each'}:"
            f" {1000 * wall / count:.1f} ms by the clock, {1000 * cpu / count:.1f} ms of CPU,"
            f" {statements.seen.total() / count:.1f} statements each"
        )
        if where:
            for statement, times in statements.seen.most_common(60):
                print(f"    {times / count:6.2f}  {statement}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assets", type=int, default=60, help="of each profile")
    parser.add_argument("--where", action="store_true")
    wanted = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    for together in (True, False):
        with tempfile.TemporaryDirectory() as folder:
            engine = open_engine(f"sqlite:///{folder}/plantroom.db")
            prepare(engine, Path(folder), wanted.assets)
            measure(engine, together=together, where=wanted.where)
            engine.dispose()


if __name__ == "__main__":
    main()
