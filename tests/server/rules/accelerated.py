"""The rules loop on hours of recorded messages, as fast as it can: ``python -m tests.server.rules.accelerated FOLDER``.

What the broker and the gateway do is done by ``Tape``: each message comes with the time at which it was
sent, its readings are in the store before it is told, and it comes again until it was acknowledged.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import msgspec

from server.assets.profiles import shipped_profiles
from server.clock import from_ms
from server.db import open_engine, session_factory
from server.rules import keeping, loop, watching
from telemetry import topics
from telemetry.bus import Bus
from telemetry.inbox import Incoming
from telemetry.messages import GatewayHealth, ReadingBatch
from telemetry.store import open_store

AT_ONCE = 24


class Tape:
    """A bus for one listener, on files: ``messages`` and how many of them were acknowledged."""

    is_connected = True
    refused = None

    def __init__(self, folder: Path, stop: threading.Event) -> None:
        self._batches = msgspec.json.decode((folder / "messages").read_bytes(), type=list[ReadingBatch])
        self._done = folder / "done"
        self._stop = stop
        self._store = open_store(f"sqlite:///{folder / 'readings.db'}")
        self.position = int(self._done.read_text()) if self._done.exists() else 0
        self._greeted = False

    def now(self) -> datetime:
        """The time of the newest message that was sent."""
        return from_ms(self._batches[min(self.position, len(self._batches) - 1)].stored_ms)

    def subscribe(self, topic_filter: str) -> None: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def publish(self, topic: str, payload: bytes, *, qos: int) -> None: ...

    def take(self, *, timeout_s: float, most: int) -> list[Incoming]:
        if not self._greeted:  # the retained sign of life of a gateway that was there all the time
            self._greeted = True
            return [_incoming(topics.gateway_health("test"), self._sign_of_life())]
        batches = self._batches[self.position : self.position + AT_ONCE]
        for batch in batches:
            self._store.write(batch.readings)
        if not batches:
            self._stop.set()
        self.position += len(batches)
        return [_incoming(topics.readings(0), msgspec.json.encode(batch)) for batch in batches]

    def acknowledge(self, messages: Sequence[Incoming]) -> None:
        fresh = self._done.with_suffix(".new")
        fresh.write_text(str(self.position))
        fresh.replace(self._done)

    def _sign_of_life(self) -> bytes:
        health = GatewayHealth(
            gateway="test",
            at_ms=self._batches[min(self.position, len(self._batches) - 1)].stored_ms,
            online=True,
            started_ms=self._batches[0].stored_ms - 1000,
            messages=0,
            readings=0,
            duplicates=0,
            dead_letters=0,
            backfilled=0,
            suspect=0,
            in_flight=0,
            store_ok=True,
        )
        return msgspec.json.encode(health)


def _incoming(topic: str, payload: bytes) -> Incoming:
    return Incoming(topic, payload, qos=1, retain=False, mid=0, connection=0, received_ms=0)


def run(folder: Path) -> None:
    """Until all messages are acknowledged, or until killed."""
    keeping.EVERY_S, watching.KEPT_TOGETHER = 0.15, 10
    stop = threading.Event()
    tape = Tape(folder, stop)
    engine = open_engine(f"sqlite:///{folder / 'plantroom.db'}")
    store = open_store(f"sqlite:///{folder / 'readings.db'}")
    loop.RulesLoop(
        sessions=session_factory(engine),
        bus=cast("Bus", cast("Any", tape)),
        store=lambda: store,
        profiles=dict(shipped_profiles()),
        clock=tape.now,
        stop=stop,
    ).run()


if __name__ == "__main__":
    run(Path(sys.argv[1]))
