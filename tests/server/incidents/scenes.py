"""The demo site in trouble: alarms of any rule on any asset, told as the rules process would."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from server.alarms.lifecycle import Severity
from server.alarms.models import Alarm, AlarmEvent
from server.assets.models import Asset, Point
from server.clock import to_ms
from server.db import reading
from server.errors import Label
from server.incidents.models import Incident
from server.incidents.sweep import sweep
from server.notifications.models import Notice
from server.rules.apply import apply_all
from server.rules.compiled import Fact
from server.rules.models import Rule
from server.rules.queries import watchlist
from server.rules.transition import Kind, Transition
from server.tickets.models import Ticket
from tests.server.conftest import Clock


class Site:
    """``raise_("meter-main", "phase_loss")``, ``give_back``, and what follows in the database."""

    def __init__(self, db: sessionmaker[Session], clock: Clock) -> None:
        self.db = db
        self.clock = clock
        with reading(db) as session:
            self.known = watchlist(session)
            self.assets = {row.key: (row.id, row.profile) for row in session.scalars(select(Asset))}
            self.rules = {(row.profile, row.key): row.id for row in session.scalars(select(Rule))}
        self.mark = 0

    @property
    def now(self) -> datetime:
        return self.clock.now

    def wait(self, **by: float) -> None:
        """Time passes, and the server looks what is due."""
        self.clock.advance(**by)
        sweep(self.db, now=self.now)

    def raise_(self, asset: str, rule: str, *facts: Fact) -> Alarm:
        self._tell("raised", asset, rule, facts=facts)
        return self.alarm(asset, rule)

    def give_back(self, asset: str, rule: str) -> Alarm:
        self._tell("returned", asset, rule)
        return self.alarm(asset, rule)

    def rise(self, asset: str, rule: str, severity: Severity) -> Alarm:
        self._tell("severity", asset, rule, severity=severity)
        return self.alarm(asset, rule)

    def alarm(self, asset: str, rule: str) -> Alarm:
        """The newest of this rule and asset."""
        number, profile = self.assets[asset]
        with reading(self.db) as session:
            return (
                session.scalars(
                    select(Alarm)
                    .where(Alarm.asset_id == number, Alarm.rule_id == self.rules[profile, rule])
                    .order_by(Alarm.id.desc())
                ).first()
                or Alarm()
            )

    def events(self, alarm: Alarm) -> list[str]:
        with reading(self.db) as session:
            found = select(AlarmEvent.kind).where(AlarmEvent.alarm_id == alarm.id).order_by(AlarmEvent.id)
            return list(session.scalars(found))

    def tickets(self) -> list[Ticket]:
        with reading(self.db) as session:
            return list(session.scalars(select(Ticket).order_by(Ticket.id)))

    def open_tickets(self) -> list[str]:
        return [ticket.title["en"] for ticket in self.tickets() if ticket.status != "closed"]

    def incidents(self, status: str = "open") -> list[Incident]:
        with reading(self.db) as session:
            return list(session.scalars(select(Incident).where(Incident.status == status)))

    def notices(self) -> list[str]:
        """Titles of what people are being told."""
        with reading(self.db) as session:
            found = select(Notice).where(Notice.state != "ended").order_by(Notice.id)
            return [notice.title["en"] for notice in session.scalars(found)]

    def point(self, asset: str, key: str) -> int:
        with reading(self.db) as session:
            found = select(Point.id).where(Point.asset_id == self.assets[asset][0], Point.key == key)
            return session.scalars(found).one()

    def told(self) -> list[Label]:
        """Bodies of what people are being told."""
        with reading(self.db) as session:
            found = select(Notice).where(Notice.state != "ended").order_by(Notice.id)
            return [notice.body for notice in session.scalars(found)]

    def _tell(
        self,
        kind: Kind,
        asset: str,
        rule: str,
        *,
        severity: Severity | None = None,
        facts: tuple[Fact, ...] = (),
    ) -> None:
        number, profile = self.assets[asset]
        self.mark += 1
        at_ms = to_ms(self.now)
        found = Transition(
            kind,
            self.rules[profile, rule],
            number,
            at_ms,
            to_ms(self.now - timedelta(seconds=5)) if kind == "raised" else at_ms,
            at_ms * 16 + self.mark,
            facts=facts,
            severity=severity.value if severity else "",
        )
        apply_all(self.db, [found], self.known, now=self.now)
