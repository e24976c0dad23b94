"""The simulator's storm through the real rules: 200 devices lose their supply, in event time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from device_sim.scenario import load, play
from device_sim.site import write_site_file
from server.alarms.models import Alarm
from server.assets.models import Asset, Point
from server.assets.profiles import shipped_profiles
from server.assets.site_file import load_site
from server.assets.site_import import import_site
from server.audit.service import SYSTEM
from server.clock import from_ms, to_ms
from server.db import reading, transaction
from server.incidents.models import Incident
from server.incidents.sweep import sweep
from server.rules.apply import apply_all
from server.rules.evaluate import Engine
from server.rules.queries import watchlist
from server.rules.shipped import seed
from server.rules.transition import Transition
from server.tickets.models import Ticket
from telemetry.reading import Reading

BEGIN = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""Noon at the site."""
BATCH_S = 10
"""Seconds between two writes; the rules process writes more often, which changes no outcome."""


class Storm:
    """A site of the scenario, its rules, and what the database says after each stretch of time."""

    def __init__(self, db: sessionmaker[Session], folder: Path) -> None:
        self.db = db
        shipped = load("storm")
        # sooner and shorter than as shipped: ten minutes of darkness show nothing that two do not
        faults = [fault.model_copy(update={"after": 10.0, "lasts": 110.0}) for fault in shipped.faults]
        self.scenario = replace(shipped, faults=tuple(faults))
        path = folder / "storm.yaml"
        write_site_file(self.scenario.site, path)
        with transaction(db) as session:
            import_site(session, load_site(path), shipped_profiles(), now=BEGIN, actor=SYSTEM)
            seed(session, shipped_profiles(), now=BEGIN)
        with reading(db) as session:
            self.known = watchlist(session)
            rows = session.execute(
                select(Asset.key, Point.key, Point.id, Point.kind).join(Point, Point.asset_id == Asset.id)
            )
            self.points = {(asset, key): (number, kind) for asset, key, number, kind in rows}
        self.engine = Engine()
        self.engine.load(self.known.plan, to_ms(BEGIN))
        self._played = play(self.scenario, None, BEGIN, BEGIN + timedelta(hours=1), dt_s=5.0)
        self._held: list[Transition] = []
        self.now = BEGIN

    def until(self, after: timedelta) -> None:
        """Play on up to so long after the beginning, with the sweep at the end."""
        end_ms = to_ms(BEGIN + after)
        for at_ms, asset, values in self._played:
            self._take(at_ms, asset, dict(values))
            if at_ms >= end_ms:
                break
        self._write(from_ms(end_ms))
        self.rest(timedelta(0))

    def rest(self, more: timedelta) -> None:
        """Only time passes."""
        self.now += more
        sweep(self.db, now=self.now)

    def _take(self, at_ms: int, asset: str, values: dict[str, float | int | str | None]) -> None:
        known = [
            (self.points[asset, key], value) for key, value in values.items() if (asset, key) in self.points
        ]
        readings = [
            Reading(
                number, at_ms, float(value) if kind in ("analog", "counter") and value is not None else value
            )
            for (number, kind), value in known
        ]
        self._held += self.engine.advance(at_ms - 1) + self.engine.feed(readings)
        if at_ms - to_ms(self.now) >= BATCH_S * 1000:
            self._write(from_ms(at_ms))
            sweep(self.db, now=self.now)

    def _write(self, now: datetime) -> None:
        self.now = now
        if self._held:
            apply_all(self.db, self._held, self.known, now=now)
            self._held = []

    def alarms(self) -> list[Alarm]:
        with reading(self.db) as session:
            return list(session.scalars(select(Alarm).order_by(Alarm.id)))

    def incidents(self, status: str) -> list[Incident]:
        with reading(self.db) as session:
            return list(session.scalars(select(Incident).where(Incident.status == status)))

    def tickets(self) -> list[Ticket]:
        with reading(self.db) as session:
            return list(session.scalars(select(Ticket).order_by(Ticket.id)))

    def kinds(self) -> Counter[str]:
        """How many alarms of each rule."""
        return Counter(alarm.rule_key for alarm in self.alarms())
