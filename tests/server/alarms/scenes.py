"""Alarms on the demo site, raised as the rules process would."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from server.alarms import from_rules
from server.alarms.lifecycle import Severity
from server.alarms.models import Alarm
from server.assets.models import Asset, Point
from server.clock import to_ms
from server.db import reading, transaction
from server.rules.apply import apply_all
from server.rules.compiled import Fact
from server.rules.models import Rule
from server.rules.queries import Watchlist, watchlist
from server.rules.transition import Kind, Transition
from server.tickets.models import Ticket


class Plant:
    """The rules' side of the demo site: ``raise_``, ``give_back`` and what follows in the database."""

    def __init__(self, db: sessionmaker[Session], now: datetime) -> None:
        self.db = db
        self.now = now
        with reading(db) as session:
            self.known: Watchlist = watchlist(session)
            self.rule = session.scalars(
                select(Rule.id).where(Rule.profile == "elevator", Rule.key == "motor_hot")
            ).one()
            self.asset = session.scalars(select(Asset.id).where(Asset.key == "elevator-a1")).one()
            self.point = session.scalars(
                select(Point.id).where(Point.asset_id == self.asset, Point.key == "motor_temp")
            ).one()
        self.mark = 0

    def tell(self, kind: Kind, at: datetime, *, since: datetime | None = None, again: bool = False) -> None:
        """What the engine would have found; ``again``: the one before once more, as after a crash."""
        self.mark += 0 if again else 1
        facts = (Fact(self.point, "above", 95.0, 90.0, 3.0),) if kind == "raised" else ()
        mark = to_ms(self.now) * 16 + self.mark
        found = Transition(kind, self.rule, self.asset, to_ms(at), to_ms(since or at), mark, facts)
        apply_all(self.db, [found], self.known, now=at)

    def raise_(self, at: datetime) -> Alarm:
        self.tell("raised", at, since=at - timedelta(minutes=1))
        return self.alarm()

    def give_back(self, at: datetime, *, in_band_since: datetime | None = None) -> Alarm:
        self.tell("returned", at, since=in_band_since or at)
        return self.alarm()

    def change_severity(self, severity: Severity, at: datetime) -> Alarm:
        self.mark += 1
        with transaction(self.db) as session:
            from_rules.change_severity(
                session,
                now=at,
                key=(self.rule, self.asset),
                severity=severity,
                at=at,
                mark=to_ms(self.now) * 16 + self.mark,
            )
        return self.alarm()

    def latch(self) -> None:
        """From now on the rule's alarms wait for their reset."""
        info = self.known.rules[self.rule]
        rules = {**self.known.rules, self.rule: info._replace(label=info.label._replace(latched=True))}
        self.known = self.known._replace(rules=rules)

    def alarm(self) -> Alarm:
        """The newest."""
        return self.alarms()[-1]

    def alarms(self) -> list[Alarm]:
        with reading(self.db) as session:
            return list(session.scalars(select(Alarm).order_by(Alarm.id)))

    def tickets(self) -> list[Ticket]:
        with reading(self.db) as session:
            return list(session.scalars(select(Ticket).order_by(Ticket.id)))

    def ticket(self) -> Ticket:
        """The newest."""
        return self.tickets()[-1]
