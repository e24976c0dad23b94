"""What runs beside the requests: the server's connections to the broker and the threads that serve them.

Two connections. One keeps its session on the broker, so that no dead letter is lost while the
server is away; it also publishes the catalogue. The other follows live readings and wants nothing
that is old: its name is random and its session ends with it, so any number of servers may run.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

import structlog
from sqlalchemy.orm import Session, sessionmaker

from server.assets import queries
from server.assets.catalogue import CataloguePublisher
from server.clock import utc_now
from server.db import reading
from server.history.stores import Stores
from server.incidents.loop import IncidentLoop
from server.intake.loop import IntakeLoop
from server.live.feed import LiveFeed
from server.live.hub import Hub
from server.notifications.loop import NotificationLoop
from server.notifications.telling import Notifications
from server.onboarding import inbox
from server.onboarding.broker_control import BrokerControl
from server.patrol.house import PatrolHouse
from server.patrol.loop import PatrolLoop
from server.presence.service import keep_presence
from server.rules.backtest_loop import BacktestLoop
from server.settings import ServerSettings
from telemetry.bus import Bus
from telemetry.reading import Reading

log = structlog.get_logger("loops")


class Loops:
    """Nothing happens before ``start``."""

    def __init__(
        self,
        settings: ServerSettings,
        *,
        sessions: sessionmaker[Session],
        hub: Hub,
        stores: Stores,
        notifications: Notifications,
        house: PatrolHouse,
    ) -> None:
        self._sessions = sessions
        self._stores = stores
        suffix = f"-{settings.instance}" if settings.instance else ""
        kept = _bus(settings, f"plantroom-server{suffix}", keep_session=True, owner=self)
        live = _bus(settings, f"plantroom-server{suffix}-live-{secrets.token_hex(4)}", keep_session=False)
        self.busses = (kept, live)
        self.broker_control = BrokerControl(
            lambda: _bus(
                settings, f"plantroom-server{suffix}-users-{secrets.token_hex(4)}", keep_session=False
            )
        )
        self._kept = kept
        self._catalogue = CataloguePublisher(sessions, kept)
        self._intake = IntakeLoop(
            sessions,
            kept,
            keep_unknown=inbox.keep_unknown,
            keep_presence=keep_presence,
            announce=self.announce,
        )
        self._incidents = IncidentLoop(sessions, clock=utc_now, announce=self.announce)
        self._notifications = NotificationLoop(notifications, announce=self.announce)
        self._feed = LiveFeed(hub, live, stored_latest=self._stored_latest)
        self._backtests = BacktestLoop(sessions, store=stores.get, clock=utc_now, announce=self.announce)
        self._patrol = PatrolLoop(
            sessions,
            house,
            hub=hub,
            stores=stores,
            bus=kept,
            clock=utc_now,
            announce=self.announce,
            has_demo_guards=settings.demo_guards,
        )

    def start(self) -> None:
        self._catalogue.start()
        self._intake.start()
        self._kept.start()
        self._feed.start()
        self._incidents.start()
        self._notifications.start()
        self._patrol.start()
        self._backtests.start()

    def stop(self) -> None:
        self._backtests.stop()
        self._patrol.stop()
        self._notifications.stop()
        self._incidents.stop()
        self._feed.stop()
        self._intake.stop()
        self._catalogue.stop()
        self._kept.stop()

    def announce(self, noun: str) -> None:
        """Rows of this noun changed, and the change is committed."""
        if noun == "assets":
            self._catalogue.note_change()
        self._feed.announce(noun)

    def note_connected(self) -> None:
        """The kept connection stands (again)."""
        self._catalogue.note_connected()

    def _stored_latest(self) -> Iterable[Reading]:
        with reading(self._sessions) as session:
            points = queries.all_point_ids(session)
        return self._stores.get().latest(points).values()


def _bus(settings: ServerSettings, client_id: str, *, keep_session: bool, owner: Loops | None = None) -> Bus:
    return Bus(
        settings.mqtt_url,
        client_id=client_id,
        username=settings.mqtt_username,
        password=settings.mqtt_password.get_secret_value() if settings.mqtt_password else None,
        keep_session=keep_session,
        on_connect=(lambda _bus: owner.note_connected()) if owner else None,
        ca_file=str(settings.mqtt_ca_file) if settings.mqtt_ca_file else None,
    )
