"""The parts of the gateway put together, and the threads they run on.

One thread takes, decodes, stores, publishes and acknowledges; the others only learn the
catalogue, tell how things are, and have the store tidy up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import msgspec
import structlog

from gateway.broker_watch import BrokerWatch
from gateway.catalogue import PointCatalogue, read_catalogue
from gateway.condition import Condition
from gateway.dead_letters import DeadLetterFile
from gateway.decoders import Decoder
from gateway.decoders.decoded import Publish
from gateway.decoders.native import NativeDecoder
from gateway.decoders.sparkplug.host_state import HostState
from gateway.drain import Drain
from gateway.health import EVERY_S, health_message
from gateway.pipeline import Batch, Pipeline
from gateway.receipts import Receipts
from gateway.settings import GatewaySettings
from gateway.sink import Sink, Stopping
from gateway.spool import Spool
from gateway.stages import Counters
from gateway.unknown import TELL_EVERY_S
from telemetry import topics
from telemetry.bus import Bus, Incoming, Will, delivered
from telemetry.gateway_values import values_of
from telemetry.messages import Catalogue, GatewayHealth
from telemetry.store.contract import ReadingStore, StoreUnavailable

MOST_TAKEN = 2000
"""Messages in one batch: the store writes their 10,000 readings in some 50 ms."""
ENOUGH = 100
"""The smallest receive window of a broker we know (rumqttd): no more come before we acknowledge."""
LINGER_S = 0.03
"""How long to wait for ENOUGH after the first message: part of the alarm latency."""
GATHER_S = 0.002
"""How long the network thread gathers what comes singly."""
LOOK_AGAIN_S = 0.5
NEWS_S = 0.25
OWN_EVERY_MS = 10_000
"""As the profile ``gateway`` says."""
MAINTENANCE_EVERY_S = 60.0
GOODBYE_S = 1.0
DAY_MS = 86_400_000

_log = structlog.get_logger()


class Gateway:
    """Everything of one gateway. Nothing happens before ``open`` and ``run``."""

    def __init__(
        self,
        settings: GatewaySettings,
        store: ReadingStore,
        stop: threading.Event,
        *,
        foreign: Sequence[Decoder] = (),
        catalogue: PointCatalogue | None = None,
    ) -> None:
        """``foreign``: decoders of other formats than our own, in the order they are asked."""
        self._settings = settings
        self._store = store
        self._stop = stop
        self._own_ms = 0
        self.counters = Counters()
        self.condition = Condition(started_ms=now_ms())
        self.dead_letters = self._make_dead_letters()
        self.spool = Spool(
            settings.data / "spool" / settings.gateway, limit_bytes=int(settings.spool_max_mb * 1024 * 1024)
        )
        self._receipts = Receipts(settings.data / f"receipts-{settings.gateway}.db")
        self._catalogue = catalogue or PointCatalogue()
        self._decoders = (NativeDecoder(settings.device_filters), *foreign)
        self._pipeline = Pipeline(
            self._decoders,
            self._catalogue,
            self._receipts,
            self.counters,
            raw_retention_ms=settings.raw_days * DAY_MS,
        )
        self._devices = self._make_bus(
            f"plantroom-gateway-{settings.gateway}",
            subscriptions=[each for decoder in self._decoders for each in decoder.subscriptions],
            keep_session=True,
            will=Will(
                topics.gateway_health(settings.gateway), msgspec.json.encode(self._health(online=False))
            ),
            # the kept session remembers what was subscribed to before the settings said less
            unsubscribed=[] if topics.ALL_DEVICES in settings.device_filters else [topics.ALL_DEVICES],
            pause_s=GATHER_S,
        )
        # a connection of its own: where the receive window is full of device messages, a small
        # broker delivers neither the catalogue that they wait for nor answers to what we publish
        self._processes = self._make_bus(
            f"plantroom-gateway-{settings.gateway}-bus", subscriptions=[topics.ALL_CATALOGUE]
        )
        self._broker = BrokerWatch(
            lambda topics_: self._make_bus(
                f"plantroom-gateway-{settings.gateway}-watch", subscriptions=[*topics_]
            )
        )
        self._host_state = self._make_host_state()
        self._sink = Sink(
            settings.gateway,
            store=store,
            spool=self.spool,
            devices=self._devices,
            processes=self._processes,
            dead_letters=self.dead_letters,
            receipts=self._receipts,
            counters=self.counters,
            condition=self.condition,
            stop=stop,
            now_ms=now_ms,
            find_point=self._catalogue.find,
            take_more=self._take_more,
        )
        self._drain = Drain(
            settings.gateway,
            self.spool,
            store,
            dead_letters=self._make_dead_letters(),
            condition=self.condition,
            find_point=self._catalogue.find,
            tell=self._processes.publish,
            stop=stop,
            now_ms=now_ms,
        )

    def open(self) -> None:
        """Open the gateway's own files; raises OSError or sqlite3.Error."""
        self.dead_letters.open()
        self._receipts.open()
        self.spool.open()

    def run(self) -> None:
        """Work until told to stop, then finish the batch at hand and say goodbye."""
        _log.info("gateway started", gateway=self._settings.gateway, broker=self._settings.mqtt_url)
        drain = threading.Thread(target=self._drain.run, name="drain", daemon=True)
        threads = [
            threading.Thread(target=target, name=target.__name__.strip("_"), daemon=True)
            for target in (self._learn_points, self._tell_health, self._tell_unknown, self._maintain_store)
        ] + [drain]
        self._processes.start()
        self._devices.start()
        self._broker.start()
        if self._host_state:
            self._host_state.start()
        for thread in threads:
            thread.start()
        try:
            self._ingest()
        except Stopping:
            _log.info("stopped with a batch under way; the broker delivers it again")
        finally:
            self._stop.set()
            if self._host_state:
                self._host_state.stop()
            self._say_goodbye()
            self._processes.stop()
            self._broker.stop()
            drain.join(GOODBYE_S)  # at most a step is written twice when it does not end
            self.spool.close()
            self.dead_letters.close()
            self._receipts.close()
        _log.info("gateway stopped", messages=self.counters.messages, readings=self.counters.readings)

    def _ingest(self) -> None:
        enough = ENOUGH
        while not self._stop.is_set():
            if not self._catalogue.is_complete:
                self._stop.wait(0.05)
                continue
            messages = self._devices.take(
                timeout_s=LOOK_AGAIN_S, most=MOST_TAKEN, enough=enough, linger_s=LINGER_S
            )
            if messages:
                if len(messages) > ENOUGH:  # a broker with a larger window: gather for the whole time
                    enough = MOST_TAKEN
                self.condition.last_message_ms = messages[-1].received_ms
            own = self._own_message()
            if messages or own:
                self.condition.in_flight = len(messages)
                batch = self._pipeline.run([*messages, *own])
                self.counters.messages -= len(own)  # they count what devices sent
                self._sink.deliver(batch)
                self._ask(batch)
                self.condition.in_flight = 0

    def _take_more(self) -> Batch | None:
        messages = self._devices.take(timeout_s=0.0, most=MOST_TAKEN)
        if not messages:
            return None
        self.condition.in_flight += len(messages)
        batch = self._pipeline.run(messages)
        self._ask(batch)
        return batch

    def _own_message(self) -> list[Incoming]:
        """Now and then our own health as a message of the device that is named as we are, where that is
        set up: it is stored and judged like any other."""
        name, at_ms = self._settings.gateway, now_ms()
        if at_ms - self._own_ms < OWN_EVERY_MS or name not in self._catalogue.devices:
            return []
        self._own_ms = at_ms
        health = self._health(online=self._devices.is_connected)
        payload = msgspec.json.encode({"values": values_of(health), "at": at_ms})
        return [Incoming(topics.telemetry(name), payload, 0, False, 0, 0, at_ms)]

    def _ask(self, batch: Batch) -> None:
        for request in batch.requests:
            if isinstance(request, Publish):
                self._processes.publish(request.topic, request.payload, qos=0)
            else:
                self._devices.subscribe(request.topic_filter)

    def _learn_points(self) -> None:
        while not self._stop.is_set():
            messages = self._processes.take(timeout_s=LOOK_AGAIN_S, enough=topics.SHARDS, linger_s=0.05)
            catalogues: list[Catalogue] = []
            for message in messages:
                try:
                    catalogues.append(read_catalogue(message.payload))
                except ValueError as error:
                    _log.error("a catalogue cannot be read; keeping the old one", error=str(error))
            self._processes.acknowledge(messages)
            if catalogues and self._catalogue.learn(catalogues):
                _log.info(
                    "catalogue learned", points=len(self._catalogue.points), missing=self._catalogue.missing
                )

    def _tell_health(self) -> None:
        told: str | None = ""
        while not self._stop.is_set():
            trouble = self._trouble()
            if trouble != told:
                _log.warning(trouble) if trouble else _log.info("connected and working")
                told = trouble
            self.condition.broker = self._broker.look()
            health = msgspec.json.encode(self._health(online=self._devices.is_connected))
            topic = topics.gateway_health(self._settings.gateway)
            self._processes.publish(topic, health, qos=0, retain=True)
            self._wait_for_news(EVERY_S if self._is_connected else LOOK_AGAIN_S)

    def _wait_for_news(self, most_s: float) -> None:
        """Until it is time to tell again, or what people must know has changed."""
        before, until = self._news(), time.monotonic() + most_s
        while not self._stop.wait(NEWS_S) and time.monotonic() < until and self._news() == before:
            pass

    def _news(self) -> tuple[object, ...]:
        return self.condition.error, self.spool.is_full, self.spool.filled.is_set(), self._is_connected

    def _tell_unknown(self) -> None:
        topic = topics.unknown(self._settings.gateway)
        while not self._stop.wait(TELL_EVERY_S):
            if self._is_connected:  # while the broker is away it waits here, where it is bounded
                for message in self._pipeline.unknown.take(self._settings.gateway):
                    self._processes.publish(topic, message)

    @property
    def _is_connected(self) -> bool:
        return self._devices.is_connected and self._processes.is_connected

    def _trouble(self) -> str | None:
        """What a person should know, besides the store."""
        if trouble := self._devices.trouble or self._processes.trouble:
            return trouble
        if not self._catalogue.is_complete:
            return "waiting for the server's catalogue of points; messages wait at the broker"
        return None

    def _maintain_store(self) -> None:
        while not self._stop.wait(MAINTENANCE_EVERY_S):
            try:
                done = self._store.maintain(now_ms())
            except StoreUnavailable as error:
                _log.warning("the store was not tidied up; trying again in a minute", error=str(error))
            else:
                _log.debug("store tidied up", minutes=done.minutes_rolled, expired=done.readings_expired)

    def _say_goodbye(self) -> None:
        """A clean disconnect sends no will, so say it ourselves."""
        if self._is_connected:
            farewell = self._processes.publish(
                topics.gateway_health(self._settings.gateway),
                msgspec.json.encode(self._health(online=False)),
                retain=True,
            )
            delivered([farewell], timeout_s=1.0)
        self._devices.stop()

    def _health(self, *, online: bool) -> GatewayHealth:
        return health_message(
            self._settings.gateway,
            self.counters,
            self.condition,
            self.spool.state,
            now_ms=now_ms(),
            online=online,
            expects_devices=bool(self._catalogue.devices - {self._settings.gateway}),
        )

    def _make_dead_letters(self) -> DeadLetterFile:
        settings = self._settings
        return DeadLetterFile(
            settings.data / f"dead-letters-{settings.gateway}.db",
            most_rows=settings.dead_letter_rows,
            most_bytes=settings.dead_letter_megabytes * 1024 * 1024,
        )

    def _make_host_state(self) -> HostState | None:
        """Tells Sparkplug nodes that their host is there, where one is named in the settings."""
        settings = self._settings
        if not settings.sparkplug_host:
            return None
        return HostState(
            settings.mqtt_url,
            host=settings.sparkplug_host,
            now_ms=now_ms(),
            username=settings.mqtt_username,
            password=settings.mqtt_password.get_secret_value() if settings.mqtt_password else None,
            ca_file=str(settings.mqtt_ca_file) if settings.mqtt_ca_file else None,
        )

    def _make_bus(
        self,
        client_id: str,
        *,
        subscriptions: list[str],
        keep_session: bool = False,
        will: Will | None = None,
        unsubscribed: Sequence[str] = (),
        pause_s: float = 0.0,
    ) -> Bus:
        settings = self._settings
        return Bus(
            settings.mqtt_url,
            client_id=client_id,
            username=settings.mqtt_username,
            password=settings.mqtt_password.get_secret_value() if settings.mqtt_password else None,
            ca_file=str(settings.mqtt_ca_file) if settings.mqtt_ca_file else None,
            subscriptions=subscriptions,
            keep_session=keep_session,
            will=will,
            unsubscribed=unsubscribed,
            pause_s=pause_s,
        )


def now_ms() -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000
