"""The parts of the gateway put together, and the threads they run on.

One thread takes, decodes, stores, publishes and acknowledges; the others only learn the
catalogue, tell how things are, and have the store tidy up.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial

import structlog

from gateway import connections
from gateway.broker_watch import BrokerWatch
from gateway.catalogue import PointCatalogue, read_catalogue
from gateway.clock import now_ms
from gateway.condition import Condition
from gateway.dead_letters import DeadLetterFile
from gateway.decoders import Decoder
from gateway.decoders.decoded import Publish
from gateway.decoders.native import NativeDecoder
from gateway.drain import Drain
from gateway.pipeline import Batch, Pipeline
from gateway.receipts import Receipts
from gateway.settings import GatewaySettings
from gateway.sink import Sink, Stopping
from gateway.spool import Spool
from gateway.stages import Counters
from gateway.telling import LOOK_AGAIN_S, Account, Telling
from telemetry import topics
from telemetry.messages import Catalogue
from telemetry.store.contract import ReadingStore, StoreUnavailable

MOST_TAKEN = 2000
"""Messages in one batch: the store writes their 10,000 readings in some 50 ms."""
ENOUGH = 100
"""The smallest receive window of a broker we know (rumqttd): no more come before we acknowledge."""
LINGER_S = 0.03
"""How long to wait for ENOUGH after the first message: part of the alarm latency."""
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
        self.counters = Counters()
        self.condition = Condition(started_ms=now_ms())
        self.dead_letters = self._make_dead_letters()
        self.spool = Spool(
            settings.data / "spool" / settings.gateway, limit_bytes=int(settings.spool_max_mb * 1024 * 1024)
        )
        self._receipts = Receipts(settings.data / f"receipts-{settings.gateway}.db")
        self._catalogue = catalogue or PointCatalogue()
        self._decoders = (NativeDecoder(settings.device_filters), *foreign)
        self._pipeline = self._make_pipeline()
        self._account = Account(settings.gateway, self._catalogue, self.counters, self.condition, self.spool)
        self._devices = connections.device_bus(settings, self._decoders, farewell=self._account.farewell())
        self._processes = connections.process_bus(settings)
        self._broker = BrokerWatch(partial(connections.broker_bus, settings))
        self._host_state = connections.host_state(settings, now_ms=now_ms())
        self._telling = self._make_telling()
        self._sink = self._make_sink()
        self._drain = self._make_drain()

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
            for target in (
                self._learn_points,
                self._telling.tell_health,
                self._telling.tell_unknown,
                self._maintain_store,
            )
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
            self._telling.say_goodbye()
            self._devices.stop()
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
            own = self._telling.own_message()
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

    def _maintain_store(self) -> None:
        while not self._stop.wait(MAINTENANCE_EVERY_S):
            try:
                done = self._store.maintain(now_ms())
            except StoreUnavailable as error:
                _log.warning("the store was not tidied up; trying again in a minute", error=str(error))
            else:
                _log.debug("store tidied up", minutes=done.minutes_rolled, expired=done.readings_expired)

    def _make_pipeline(self) -> Pipeline:
        return Pipeline(
            self._decoders,
            self._catalogue,
            self._receipts,
            self.counters,
            raw_retention_ms=self._settings.raw_days * DAY_MS,
        )

    def _make_telling(self) -> Telling:
        return Telling(
            self._account,
            self._pipeline.unknown,
            self._broker,
            devices=self._devices,
            processes=self._processes,
            stop=self._stop,
        )

    def _make_sink(self) -> Sink:
        return Sink(
            self._settings.gateway,
            store=self._store,
            spool=self.spool,
            devices=self._devices,
            processes=self._processes,
            dead_letters=self.dead_letters,
            receipts=self._receipts,
            counters=self.counters,
            condition=self.condition,
            stop=self._stop,
            now_ms=now_ms,
            find_point=self._catalogue.find,
            take_more=self._take_more,
        )

    def _make_drain(self) -> Drain:
        return Drain(
            self._settings.gateway,
            self.spool,
            self._store,
            dead_letters=self._make_dead_letters(),
            condition=self.condition,
            find_point=self._catalogue.find,
            tell=self._processes.publish,
            stop=self._stop,
            now_ms=now_ms,
        )

    def _make_dead_letters(self) -> DeadLetterFile:
        settings = self._settings
        return DeadLetterFile(
            settings.data / f"dead-letters-{settings.gateway}.db",
            most_rows=settings.dead_letter_rows,
            most_bytes=settings.dead_letter_megabytes * 1024 * 1024,
        )
