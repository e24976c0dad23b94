"""What the gateway says of itself: how it is, which devices it does not know, that it goes."""

from __future__ import annotations

import threading
import time

import msgspec
import structlog

from gateway.broker_watch import BrokerWatch
from gateway.catalogue import PointCatalogue
from gateway.clock import now_ms
from gateway.condition import Condition
from gateway.health import EVERY_S, health_message
from gateway.spool import Spool
from gateway.stages import Counters
from gateway.unknown import TELL_EVERY_S, UnknownSources
from telemetry import topics
from telemetry.bus import Bus, delivered
from telemetry.gateway_values import values_of
from telemetry.inbox import Incoming
from telemetry.messages import GatewayHealth

LOOK_AGAIN_S = 0.5
NEWS_S = 0.25
OWN_EVERY_MS = 10_000
"""As the profile ``gateway`` says."""

_log = structlog.get_logger()


class Account:
    """Where what is told stands: written by others, put together here."""

    def __init__(
        self, gateway: str, catalogue: PointCatalogue, counters: Counters, condition: Condition, spool: Spool
    ) -> None:
        self.gateway = gateway
        self.catalogue = catalogue
        self.counters = counters
        self.condition = condition
        self.spool = spool

    def health(self, *, online: bool) -> GatewayHealth:
        """How the gateway is now."""
        return health_message(
            self.gateway,
            self.counters,
            self.condition,
            self.spool.state,
            now_ms=now_ms(),
            online=online,
            expects_devices=bool(self.catalogue.devices - {self.gateway}),
        )

    def farewell(self) -> bytes:
        """What is said of it once it is gone, by itself or by the broker."""
        return msgspec.json.encode(self.health(online=False))


class Telling:
    """Its two loops run on threads of their own until ``stop``."""

    def __init__(
        self,
        account: Account,
        unknown: UnknownSources,
        broker: BrokerWatch,
        *,
        devices: Bus,
        processes: Bus,
        stop: threading.Event,
    ) -> None:
        self._account = account
        self._unknown = unknown
        self._broker = broker
        self._devices = devices
        self._processes = processes
        self._stop = stop
        self._topic = topics.gateway_health(account.gateway)
        self._own_ms = 0

    def tell_health(self) -> None:
        """Every few seconds, and at once where what people must know has changed."""
        told: str | None = ""
        while not self._stop.is_set():
            trouble = self._trouble()
            if trouble != told:
                _log.warning(trouble) if trouble else _log.info("connected and working")
                told = trouble
            self._account.condition.broker = self._broker.look()
            health = msgspec.json.encode(self._account.health(online=self._devices.is_connected))
            self._processes.publish(self._topic, health, qos=0, retain=True)
            self._wait_for_news(EVERY_S if self._is_connected else LOOK_AGAIN_S)

    def tell_unknown(self) -> None:
        """Devices that nobody has set up yet."""
        topic = topics.unknown(self._account.gateway)
        while not self._stop.wait(TELL_EVERY_S):
            if self._is_connected:  # while the broker is away it waits here, where it is bounded
                for message in self._unknown.take(self._account.gateway):
                    self._processes.publish(topic, message)

    def own_message(self) -> list[Incoming]:
        """Now and then our own health as a message of the device that is named as we are, where that is
        set up: it is stored and judged like any other."""
        name, at_ms = self._account.gateway, now_ms()
        if at_ms - self._own_ms < OWN_EVERY_MS or name not in self._account.catalogue.devices:
            return []
        self._own_ms = at_ms
        health = self._account.health(online=self._devices.is_connected)
        payload = msgspec.json.encode({"values": values_of(health), "at": at_ms})
        return [Incoming(topics.telemetry(name), payload, 0, False, 0, 0, at_ms)]

    def say_goodbye(self) -> None:
        """A clean disconnect sends no will, so say it ourselves."""
        if self._is_connected:
            farewell = self._processes.publish(self._topic, self._account.farewell(), retain=True)
            delivered([farewell], timeout_s=1.0)

    def _wait_for_news(self, most_s: float) -> None:
        """Until it is time to tell again, or what people must know has changed."""
        before, until = self._news(), time.monotonic() + most_s
        while not self._stop.wait(NEWS_S) and time.monotonic() < until and self._news() == before:
            pass

    def _news(self) -> tuple[object, ...]:
        spool = self._account.spool
        return self._account.condition.error, spool.is_full, spool.filled.is_set(), self._is_connected

    def _trouble(self) -> str | None:
        """What a person should know, besides the store."""
        if trouble := self._devices.trouble or self._processes.trouble:
            return trouble
        if not self._account.catalogue.is_complete:
            return "waiting for the server's catalogue of points; messages wait at the broker"
        return None

    @property
    def _is_connected(self) -> bool:
        return self._devices.is_connected and self._processes.is_connected
