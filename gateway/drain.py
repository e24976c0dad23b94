"""From the spool to the store, when the store is back: oldest first, in small steps beside the live traffic."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from hashlib import blake2b

import msgspec
import structlog

from gateway.condition import Condition
from gateway.dead_letters import DeadLetterFile
from gateway.segment import Damage
from gateway.spool import Place, Spool
from telemetry import topics
from telemetry.messages import DeadLetter
from telemetry.reading import Reading
from telemetry.store.contract import ReadingStore, RejectedReadings, StoreUnavailable

STEP = 2000
"""Readings written at once: a live batch that meets one waits some 20 ms for it (SQLite has one writer)."""
REST = 0.5
"""Rest after each step, as a share of the time it took: live traffic always finds the store free."""
LEAST_REST_S = 0.005
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 5.0
LOOK_AGAIN_S = 0.5
KEPT = "readings go to the spool, live values and alarms go on"

_log = structlog.get_logger()

Device = tuple[str, str]
"""(device, source) of a point."""


class Drain:
    """One thread of its own. Nothing happens before ``run``.

    Readings of one point reach the store in the order in which they came. Newer ones may be written
    past it by the sink: only those later than everything in the spool, so that no instant is written
    by both, and the store answers by time whatever came first.
    """

    def __init__(
        self,
        gateway: str,
        spool: Spool,
        store: ReadingStore,
        *,
        dead_letters: DeadLetterFile,
        condition: Condition,
        find_point: Callable[[int], Device | None],
        tell: Callable[[str, bytes], object],
        stop: threading.Event,
        now_ms: Callable[[], int],
    ) -> None:
        """``dead_letters``: an instance of its own, on the same file. ``tell`` publishes."""
        self._gateway = gateway
        self._spool = spool
        self._store = store
        self._dead_letters = dead_letters
        self._condition = condition
        self._find_point = find_point
        self._tell = tell
        self._stop = stop
        self._now_ms = now_ms
        self._place: Place | None = None

    def run(self) -> None:
        """Until told to stop."""
        wait_s = FIRST_WAIT_S
        while not self._stop.is_set():
            if not self._spool.filled.wait(LOOK_AGAIN_S):
                continue
            try:
                self._drain_oldest()
            except StoreUnavailable as error:
                self._condition.store_away(str(error), kept=KEPT)
            except (OSError, sqlite3.Error) as error:
                _log.error("the spool cannot be drained; trying again", error=str(error))
            else:
                wait_s = FIRST_WAIT_S
                continue
            self._stop.wait(wait_s)
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)
        self._dead_letters.close()

    def _drain_oldest(self) -> None:
        """One segment, from where the last attempt ended."""
        self._place = place = self._place or self._spool.oldest()
        if place is None:
            return
        group: list[Reading] = []
        end = place.offset
        for found in self._spool.read(place):
            if isinstance(found, Damage):
                self._report(place, found)
            else:
                group += found.readings
            end = found.end
            if len(group) >= STEP:
                self._write(group)
                self._place = place._replace(offset=end)
                group = []
            if self._stop.is_set():
                return
        if group:
            self._write(group)
        self._place = place._replace(offset=end)
        if self._spool.remove(self._place):
            self._place = None
            if not self._spool.filled.is_set():
                _log.info("the spool is drained")

    def _write(self, readings: Sequence[Reading]) -> None:
        for start in range(0, len(readings), STEP):
            step = readings[start : start + STEP]
            began = time.monotonic()
            try:
                self._store.write(step)
            except RejectedReadings as error:
                self._keep([self._letter_of(reading, reason) for reading, reason in error.rejected])
            self._condition.store_back()
            self._spool.note_drained(len(step))
            self._stop.wait(max(LEAST_REST_S, (time.monotonic() - began) * REST))

    def _letter_of(self, reading: Reading, reason: str) -> DeadLetter:
        device, source = self._find_point(reading.point) or ("?", "?")
        detail = (
            f"{source}: the store does not take it: {reason}. It came from the spool; the others were stored."
        )
        return self._letter(
            "rejected_by_store", topics.telemetry(device), msgspec.json.encode(reading).decode(), detail
        )

    def _report(self, place: Place, damage: Damage) -> None:
        name = f"{place.path.name} bytes {damage.start}-{damage.end}"
        if damage.is_torn_end:
            _log.info("a torn record, which was never acknowledged to a device, ends here", segment=name)
            return
        path = self._spool.set_aside(place, damage)
        _log.error("a part of the spool is damaged and was set aside", segment=name, path=str(path))
        detail = f"{name} of the spool cannot be read and were set aside in {path.name}. Their readings are missing."
        self._keep([self._letter("spool_damaged", topics.gateway_health(self._gateway), path.name, detail)])

    def _letter(self, reason: str, topic: str, payload: str, detail: str) -> DeadLetter:
        identity = f"{self._gateway}\0{reason}\0{topic}\0{payload}".encode()
        return DeadLetter(
            id=blake2b(identity, digest_size=16).hexdigest(),
            at_ms=self._now_ms(),
            topic=topic,
            payload=payload,
            size=len(payload),
            reason=reason,
            detail=detail,
        )

    def _keep(self, letters: Sequence[DeadLetter]) -> None:
        """Before the segment is removed."""
        self._dead_letters.open()
        self._dead_letters.keep(letters)
        for letter in letters:
            self._tell(topics.dead_letters(self._gateway), msgspec.json.encode(letter))
