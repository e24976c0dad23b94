from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from server.audit.service import SYSTEM, Actor
from server.db import transaction
from server.errors import Label
from server.notifications import escalation, service
from server.notifications.models import Notice as NoticeRow
from server.notifications.models import NoticeEvent, OutboxMessage
from server.notifications.service import Notice
from tests.server.conftest import Cast, Clock
from tests.support.prepared_site import cast, database_url, demo_site, engine, prepared

__all__ = ["cast", "database_url", "demo_site", "engine", "prepared"]


class Desk:
    """Raises notices as the rooms above do, each in a transaction of its own."""

    def __init__(self, db: sessionmaker[Session], clock: Clock) -> None:
        self.db, self.clock = db, clock

    def notify(
        self,
        subject: str = "alarm:1",
        severity: str = "critical",
        *,
        site_id: int | None = 1,
        life_safety: bool = False,
    ) -> None:
        notice = Notice(
            subject=subject,
            severity=severity,
            site_id=site_id,
            life_safety=life_safety,
            title=Label(en="Pump set A: bearing hot", zh="A座水泵机组：轴承过热"),
            body=Label(
                en="Bearing temperature is 91 °C, the limit is 80 °C.", zh="轴承温度 91 °C，上限 80 °C。"
            ),
            path="/alarms/1",
        )
        with transaction(self.db) as session:
            service.notify(session, now=self.clock.now, notice=notice)

    def answered(self, subject: str = "alarm:1", by: Actor = SYSTEM) -> None:
        with transaction(self.db) as session:
            service.answered(session, now=self.clock.now, subject=subject, by=by)

    def ended(self, subject: str = "alarm:1") -> None:
        with transaction(self.db) as session:
            service.ended(session, now=self.clock.now, subject=subject)

    def escalate(self, **by: float) -> int:
        """Let time pass, then one look at what is due."""
        self.clock.advance(**by)
        return escalation.escalate_due(self.db, now=self.clock.now)

    def messages(self, way: str | None = None, *, kind: str | None = None) -> list[OutboxMessage]:
        with self.db() as session:
            rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
        return [row for row in rows if way in (None, row.way) and kind in (None, row.kind)]

    def told(self, *, step: int | None = None, way: str = "in_app") -> list[int | None]:
        """Ids of the people who have a message, in order of rows."""
        return [row.user_id for row in self.messages(way) if step in (None, row.step)]

    def notice(self, subject: str = "alarm:1") -> NoticeRow:
        """The newest of a subject."""
        with self.db() as session:
            row = session.scalars(
                select(NoticeRow).where(NoticeRow.subject == subject).order_by(NoticeRow.id.desc())
            ).first()
        assert row is not None
        return row

    def events(self, subject: str = "alarm:1") -> list[str]:
        with self.db() as session:
            rows = session.scalars(
                select(NoticeEvent)
                .where(NoticeEvent.notice_id == self.notice(subject).id)
                .order_by(NoticeEvent.id)
            ).all()
        return [row.kind for row in rows]


@pytest.fixture
def desk(db: sessionmaker[Session], demo_site: None, cast: Cast, clock: Clock) -> Desk:
    """The demo site, one person of each role, and nobody on shift."""
    return Desk(db, clock)
