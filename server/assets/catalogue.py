"""The catalogue of points on the bus: retained, one message a shard, published again whenever it may have changed."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from server.assets import queries
from server.db import reading
from telemetry import topics
from telemetry.bus import Bus, delivered
from telemetry.messages import Catalogue, PointEntry

log = structlog.get_logger("catalogue")

DEBOUNCE_S = 0.2
"""An import or a row of edits is published once."""
POLL_S = 3.0
"""How soon a change made by another process (an import on the command line) is seen."""


def by_shard(entries: Iterable[PointEntry], revision: int) -> list[Catalogue]:
    """One catalogue for each shard of devices, also for the empty ones: a device may have moved away."""
    shards: list[list[PointEntry]] = [[] for _ in range(topics.SHARDS)]
    for entry in entries:
        shards[topics.shard_of(entry.device)].append(entry)
    return [Catalogue(shard=shard, revision=revision, points=points) for shard, points in enumerate(shards)]


class CataloguePublisher:
    """A thread that keeps the broker's copy equal to the database. Nothing happens before ``start``."""

    def __init__(self, sessions: sessionmaker[Session], bus: Bus) -> None:
        self._sessions = sessions
        self._bus = bus
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._is_due = True
        self._published: int | None = None
        self._thread = threading.Thread(target=self._run, name="catalogue", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._wake.set()
        self._thread.join(3)

    def note_connected(self) -> None:
        """The broker may be a new one that has nothing retained: publish whatever the revision."""
        self._is_due = True
        self._wake.set()

    def note_change(self) -> None:
        """Points may have changed: look soon."""
        self._wake.set()

    def _run(self) -> None:
        has_failed = False
        while not self._stopped.is_set():
            if self._wake.wait(POLL_S):
                self._stopped.wait(DEBOUNCE_S)
            self._wake.clear()
            if not self._bus.is_connected:
                continue
            try:
                self._publish_if_due()
                has_failed = False
            except SQLAlchemyError as error:
                if not has_failed:
                    log.warning("the catalogue is not published: database", error=str(error).splitlines()[0])
                has_failed = True

    def _publish_if_due(self) -> None:
        with reading(self._sessions) as session:
            revision = queries.catalogue_revision(session)
            if not self._is_due and revision == self._published:
                return
            self._is_due = False  # before reading: a reconnect from now on counts again
            entries = queries.catalogue_entries(session)
        infos = [
            self._bus.publish(topics.catalogue(part.shard), msgspec.json.encode(part), retain=True)
            for part in by_shard(entries, revision)
        ]
        if delivered(infos, timeout_s=10):
            self._published = revision
            log.info("catalogue published", revision=revision, points=len(entries))
        else:
            self._is_due = True
