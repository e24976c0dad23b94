"""Readings and hints off the bus into the hub: one thread with one connection of its own.

The broker keeps nothing for it while it is away: what happened meanwhile is in the store, from
which the hub is filled at the start, and in the database, which browsers read again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import msgspec
import structlog

from server.live.hub import Hub
from telemetry import topics
from telemetry.bus import Bus
from telemetry.inbox import Incoming
from telemetry.messages import ReadingBatch
from telemetry.reading import Reading
from telemetry.store.contract import StoreUnavailable

log = structlog.get_logger("live")

_TAKE_S = 0.5
_LONGEST_WAIT_S = 15.0
_CHANGED = topics.changed("")


class LiveFeed:
    """Nothing happens before ``start``; ``stop`` ends both threads and the connection."""

    def __init__(self, hub: Hub, bus: Bus, *, stored_latest: Callable[[], Iterable[Reading]]) -> None:
        """``stored_latest`` reads the newest reading of every point from the store; it may raise StoreUnavailable."""
        self._hub = hub
        self._bus = bus
        self._stored_latest = stored_latest
        self._stopped = threading.Event()
        self._decoder = msgspec.json.Decoder(ReadingBatch)
        self._threads = [
            threading.Thread(target=self._follow, name="live-feed", daemon=True),
            threading.Thread(target=self._seed, name="live-seed", daemon=True),
        ]
        self.is_seeded = False
        """Whether the values from before the start are there."""

    @property
    def is_connected(self) -> bool:
        return self._bus.is_connected

    def start(self) -> None:
        self._bus.subscribe(topics.ALL_READINGS)
        self._bus.subscribe(topics.ALL_CHANGED)
        self._bus.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._hub.close()
        self._bus.stop()
        for thread in self._threads:
            thread.join(3)

    def announce(self, noun: str) -> None:
        """Tell our own browsers and the other servers that rows of this noun changed."""
        self._hub.hint(noun)
        if self._bus.is_connected:
            self._bus.publish(topics.changed(noun), b"{}", qos=0)

    def _follow(self) -> None:
        while not self._stopped.is_set():
            messages = self._bus.take(timeout_s=_TAKE_S)
            for message in messages:
                self._handle(message)
            self._bus.acknowledge(messages)

    def _handle(self, message: Incoming) -> None:
        if message.topic.startswith(_CHANGED):
            self._hub.hint(message.topic.removeprefix(_CHANGED))
            return
        try:
            batch = self._decoder.decode(message.payload)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            log.warning("a batch of readings could not be read", topic=message.topic, error=str(error))
            return
        self._hub.apply(batch.readings)

    def _seed(self) -> None:
        """Fill the hub from the store; the store may come up later than we do."""
        wait_s = 0.5
        said = False
        while not self._stopped.is_set():
            try:
                self._hub.seed(self._stored_latest())
            except Exception as error:  # noqa: BLE001  # whatever is down: database or store; both come back
                if not said:
                    log.warning("latest values are not loaded yet", error=str(error), kind=_kind(error))
                    said = True
                self._stopped.wait(wait_s)
                wait_s = min(_LONGEST_WAIT_S, wait_s * 2)
            else:
                self.is_seeded = True
                return


def _kind(error: Exception) -> str:
    return "store" if isinstance(error, StoreUnavailable) else type(error).__name__
