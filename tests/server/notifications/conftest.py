from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from server.audit.service import SYSTEM, Actor
from server.db import transaction
from server.errors import Label
from server.identity.roles import Role
from server.notifications import channel_admin, escalation, service
from server.notifications.answering import AnswerVerb
from server.notifications.models import Notice as NoticeRow
from server.notifications.models import NoticeEvent, OutboxMessage, Preferences
from server.notifications.schemas import ChannelKind
from server.notifications.service import Notice
from server.notifications.telling import Notifications
from server.sealing import Sealer
from tests.server.conftest import Cast, Clock
from tests.server.notifications.providers import (
    DING_SECRET,
    FEISHU_SECRET,
    HOOK_SECRET,
    MAIL_PASSWORD,
    MailServer,
    Providers,
    serve,
)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: what this room asks of the database, other rooms ask of both."""
    return f"sqlite:///{tmp_path / 'plantroom.db'}"


@pytest.fixture(autouse=True)
def on_the_demo_site(demo_site: None) -> None:
    """Every test of this room has it."""


class Desk:
    """Raises notices as the rooms above do, each in a transaction of its own."""

    def __init__(self, db: sessionmaker[Session], clock: Clock) -> None:
        self.db, self.clock = db, clock
        self.title = "Pump set A: bearing hot"

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
            title=Label(en=self.title, zh="A座水泵机组：轴承过热"),
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


class Post:
    """Channels of the test's installation, and a server that sends by them."""

    def __init__(self, desk: Desk, providers: Providers, tls: ssl.SSLContext | None = None) -> None:
        self.desk, self.providers = desk, providers
        self.sealer = Sealer("a key of the tests, long enough")
        self.notifications = self.another(tls=tls)
        self.dispatcher = self.notifications.dispatcher

    def another(self, *, tls: ssl.SSLContext | None = None, clock: Clock | None = None) -> Notifications:
        """A further server on the same database."""
        return Notifications(
            self.desk.db,
            clock=clock or self.desk.clock,
            sealer=self.sealer,
            public_url="https://plantroom.example",
            verbs={"alarm": AnswerVerb(Role.ENGINEER, lambda *_: None)},
            allow_private=True,
            tls=tls,
        )

    def channel(
        self, kind: ChannelKind, *, name: str | None = None, secrets: Mapping[str, str], **settings: str | int
    ) -> int:
        with transaction(self.desk.db) as session:
            return channel_admin.create_channel(
                session,
                self.notifications,
                now=self.desk.clock.now,
                actor=SYSTEM,
                kind=kind,
                name=name or kind,
                settings=settings,
                secrets=secrets,
                enabled=True,
            ).id

    def dingtalk(self) -> int:
        url = f"{self.providers.url}/robot/send?access_token=token-d"
        return self.channel("dingtalk", secrets={"url": url, "secret": DING_SECRET})

    def wecom(self) -> int:
        return self.channel("wecom", secrets={"url": f"{self.providers.url}/cgi-bin/webhook/send?key=key-w"})

    def feishu(self) -> int:
        url = f"{self.providers.url}/open-apis/bot/v2/hook/f"
        return self.channel("feishu", secrets={"url": url, "secret": FEISHU_SECRET})

    def webhook(self, **further: str) -> int:
        url = f"{self.providers.url}/hook"
        return self.channel("webhook", secrets={"url": url, "secret": HOOK_SECRET, **further})

    def mail(self, server: MailServer, security: str = "tls") -> int:
        return self.channel(
            "email",
            secrets={"password": MAIL_PASSWORD},
            host="localhost",
            port=server.port,
            security=security,
            username="plantroom",
            sender="alarms@example.com",
        )

    def wish(self, user_id: int, **values: object) -> None:
        """What one person wants."""
        with transaction(self.desk.db) as session:
            session.merge(
                Preferences(user_id=user_id, **{"muted": [], "time_zone": "Asia/Shanghai", **values})
            )

    def send(self) -> int:
        """One look at what is due, by every way."""
        return sum(self.dispatcher.run(way) for way in sorted(self.dispatcher.ways_due()))


@pytest.fixture(scope="module")
def provider_server() -> Iterator[Providers]:
    providers = Providers(Clock())
    server = serve(providers)
    yield providers
    server.shutdown()
    server.server_close()


@pytest.fixture
def providers(provider_server: Providers, clock: Clock) -> Providers:
    provider_server.forget()
    provider_server.clock = clock
    return provider_server


@pytest.fixture
def post(desk: Desk, providers: Providers) -> Post:
    return Post(desk, providers)
