"""Dead letters and gateways' health off the bus into the database.

The broker keeps the session of this connection while the server is away, and a message is
acknowledged after the commit: no dead letter is lost, and one that comes twice is one row.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import msgspec
import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from server.clock import from_ms
from server.db import changes_of, transaction
from server.intake import service
from server.intake.watchdog import watch_gateway
from telemetry import topics
from telemetry.bus import Bus
from telemetry.inbox import Incoming
from telemetry.messages import DeadLetter, DevicePresence, GatewayHealth, UnknownPoints

log = structlog.get_logger("intake")

_TAKE_S = 0.5
_MOST_TAKEN = 500
_LONGEST_WAIT_S = 15.0
_TIDY_EVERY = 2000
"""Dead letters between two looks at whether old ones must go."""
_DEAD_LETTERS = topics.dead_letters("")
_UNKNOWN = topics.unknown("")
_PRESENCES = topics.presence("")

News = tuple[str, DeadLetter] | tuple[str, DevicePresence] | GatewayHealth | UnknownPoints
"""(gateway, its dead letter), (gateway, a device that is there or gone), its health, or what it does not know."""


class IntakeLoop:
    """A thread; nothing happens before ``start``."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        bus: Bus,
        *,
        keep_unknown: Callable[[Session, UnknownPoints], None],
        keep_presence: Callable[[Session, str, DevicePresence], None],
        announce: Callable[[str], None],
    ) -> None:
        """What it keeps belongs to the rooms that have the inbox and the devices; ``announce`` hears which rows changed."""
        self._sessions = sessions
        self._bus = bus
        self._keep_unknown = keep_unknown
        self._keep_presence = keep_presence
        self._announce = announce
        self._stopped = threading.Event()
        self._until_tidy = 0
        self._letter = msgspec.json.Decoder(DeadLetter)
        self._health = msgspec.json.Decoder(GatewayHealth)
        self._unknown = msgspec.json.Decoder(UnknownPoints)
        self._presence = msgspec.json.Decoder(DevicePresence)
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)

    def start(self) -> None:
        self._bus.subscribe(topics.ALL_DEAD_LETTERS)
        self._bus.subscribe(topics.ALL_GATEWAY_HEALTH)
        self._bus.subscribe(topics.ALL_UNKNOWN)
        self._bus.subscribe(topics.ALL_PRESENCES)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(3)

    def _run(self) -> None:
        while not self._stopped.is_set():
            messages = self._bus.take(timeout_s=_TAKE_S, most=_MOST_TAKEN)
            if not messages:
                continue
            news = [found for message in messages if (found := self._read(message)) is not None]
            if self._keep_until_done(news):
                self._bus.acknowledge(messages)

    def _read(self, message: Incoming) -> News | None:
        try:
            if message.topic.startswith(_DEAD_LETTERS):
                return message.topic.removeprefix(_DEAD_LETTERS)[:64], self._letter.decode(message.payload)
            if message.topic.startswith(_UNKNOWN):
                return self._unknown.decode(message.payload)
            if message.topic.startswith(_PRESENCES):
                return message.topic.removeprefix(_PRESENCES)[:64], self._presence.decode(message.payload)
            return self._health.decode(message.payload) if message.payload else None
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            log.warning("news of a gateway could not be read", topic=message.topic, error=str(error))
            return None

    def _keep_until_done(self, news: Sequence[News]) -> bool:
        """Keep all of it, however long the database is away; False when we were told to stop meanwhile."""
        wait_s = 0.5
        has_said = False
        while not self._stopped.is_set():
            try:
                self._keep(news)
            except (OperationalError, InterfaceError) as error:
                if not has_said:
                    log.warning("intake waits for the database", error=str(error).splitlines()[0])
                has_said = True
                self._stopped.wait(wait_s)
                wait_s = min(_LONGEST_WAIT_S, wait_s * 2)
            else:
                return True
        return False

    def _keep(self, news: Sequence[News]) -> None:
        """Keep all in one transaction, or where the database refuses that, each in its own."""
        try:
            self._keep_together(news)
        except (OperationalError, InterfaceError):
            raise
        except (DBAPIError, ValueError, OverflowError):
            if len(news) > 1:
                for item in news:
                    self._keep([item])
            else:  # one that cannot be kept must not stop the others
                log.exception("news of a gateway could not be kept")

    def _keep_together(self, news: Sequence[News]) -> None:
        letters: list[tuple[str, DeadLetter]] = []
        with transaction(self._sessions) as session:
            for item in news:
                match item:
                    case (gateway, DeadLetter() as letter):
                        letters.append((gateway, letter))
                    case (gateway, DevicePresence() as told):
                        self._keep_presence(session, gateway, told)
                    case GatewayHealth():
                        self._keep_health(session, item)
                    case UnknownPoints():
                        self._keep_unknown(session, item)
            service.keep_dead_letters(session, letters)
            self._until_tidy -= len(letters)
            if letters and self._until_tidy <= 0:
                service.drop_old_dead_letters(session)
                self._until_tidy = _TIDY_EVERY
        for noun in sorted(changes_of(session)):
            self._announce(noun)

    @staticmethod
    def _keep_health(session: Session, health: GatewayHealth) -> None:
        service.keep_health(session, health)
        if health.online:
            watch_gateway(session, health.gateway, now=from_ms(health.at_ms))
