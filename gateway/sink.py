"""The end of the way: store (or spool), then publish, then acknowledge. Never in another order.

While the store is away readings go to the spool. A batch that can be neither stored nor spooled, or
not published, is tried again until it can: the broker holds what comes after it. Whatever ends the
process in between, the broker delivers the messages again.

While the broker is away, what it had handed over before is stored already and published when it is
back: a killed broker may have forgotten these messages, and then they are nowhere but here.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

import msgspec
import structlog
from paho.mqtt.client import MQTTMessageInfo

from gateway.condition import Condition
from gateway.dead_letters import DeadLetterFile, letters_of, make_letter
from gateway.drain import KEPT
from gateway.pipeline import Batch
from gateway.receipts import Receipts
from gateway.spool import Spool, SpoolFull
from gateway.stages import Counters
from telemetry import topics
from telemetry.bus import Bus, delivered
from telemetry.messages import DeadLetter, ReadingBatch
from telemetry.reading import Reading
from telemetry.store.contract import ReadingStore, RejectedReadings, StoreUnavailable

FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 10.0
LARGEST_PUBLISHED_BYTES = 16 * 1024
"""Batches on the bus stay below the 20 KiB at which small brokers close the connection."""
MOST_ENCODED = 320
"""Readings of usual length that fit."""
ANSWER_WITHIN_S = 30.0
KEPT_BY_BROKER = "nothing is lost: the broker keeps what is not acknowledged"

_log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode


class Stopping(Exception):
    """The process ends; what is not acknowledged comes again at the next start."""


class Sink:
    """Delivers batches one after the other. One thread.

    ``devices`` is the connection the messages came on, ``processes`` the one for our own. They are
    two because a broker may hold back its answers (rumqttd does) on a connection whose receive
    window is full: then a batch would wait for the answer, and the answer for the batch.
    """

    def __init__(
        self,
        gateway: str,
        *,
        store: ReadingStore,
        spool: Spool,
        devices: Bus,
        processes: Bus,
        dead_letters: DeadLetterFile,
        receipts: Receipts,
        counters: Counters,
        condition: Condition,
        stop: threading.Event,
        now_ms: Callable[[], int],
        find_point: Callable[[int], tuple[str, str] | None],
        take_more: Callable[[], Batch | None] = lambda: None,
    ) -> None:
        """``take_more``: what else has arrived from the broker already; None: nothing."""
        self._gateway = gateway
        self._take_more = take_more
        self._later: deque[tuple[Batch, list[DeadLetter]]] = deque()
        """Safe, and to be published after the batch at hand."""
        self._find_point = find_point
        self._store = store
        self._spool = spool
        self._devices = devices
        self._processes = processes
        self._dead_letters = dead_letters
        self._receipts = receipts
        self._counters = counters
        self._condition = condition
        self._stop = stop
        self._now_ms = now_ms

    def deliver(self, batch: Batch) -> None:
        """Returns when the batch is safe and acknowledged; raises Stopping when told to stop before."""
        self._later.append((batch, self._make_safe(batch)))
        while self._later:
            at_hand, letters = self._later.popleft()
            self._publish(at_hand, letters)
            self._devices.acknowledge(at_hand.messages)
        self._condition.release("messages are acknowledged again")

    def _make_safe(self, batch: Batch) -> list[DeadLetter]:
        letters = letters_of(self._gateway, batch.refused)
        self._insist(self._receipts.save)
        letters += self._keep(batch)
        self._insist(lambda: self._dead_letters.keep(letters))
        self._counters.dead_letters += len(letters)
        return letters

    def _keep(self, batch: Batch) -> list[DeadLetter]:
        """Store or spool the readings; gives letters for those the store will never take."""
        try:
            self._insist(lambda: self._store_or_spool(batch.readings))
        except RejectedReadings as error:
            return self._take_out(batch, error)
        return []

    def _store_or_spool(self, readings: list[Reading]) -> None:
        """Raises RejectedReadings when the others are safe, StoreUnavailable or SpoolFull when nothing is.

        While the spool is being drained, readings later than everything in it go straight to the
        store; others queue behind it, lest an older value of the same instant replaced a newer one.
        """
        if not readings:
            return
        spool = self._spool
        is_waiting = spool.filled.is_set()
        if is_waiting and self._condition.store_error is not None:  # the drain finds out when it is back
            spool.append(readings)
            return
        newest_ms = spool.newest_ms if is_waiting else None
        later = [each for each in readings if newest_ms is None or each.at_ms > newest_ms]
        rejected: RejectedReadings | None = None
        try:
            self._write(later)
        except RejectedReadings as error:
            rejected = error
        except StoreUnavailable:
            if not spool.is_used:
                raise
            later = []
        if len(later) < len(readings):
            spool.append(
                readings if not later else [each for each in readings if each.at_ms <= (newest_ms or 0)]
            )
        if rejected:
            raise rejected

    def _write(self, readings: list[Reading]) -> None:
        if not readings:
            return
        try:
            self._store.write(readings)
        except StoreUnavailable as error:
            self._condition.store_away(str(error), kept=KEPT if self._spool.is_used else KEPT_BY_BROKER)
            raise
        self._condition.store_back()

    def _insist(self, attempt: Callable[[], None]) -> None:
        """Try until it works. Raises Stopping, and what is no failure of a file or server."""
        wait_s = FIRST_WAIT_S
        while True:
            try:
                attempt()
            except (StoreUnavailable, SpoolFull, sqlite3.OperationalError) as error:
                self._condition.hold("readings cannot be kept safe; trying again", str(error))
                if self._stop.wait(wait_s):
                    raise Stopping from None
                wait_s = min(wait_s * 2, LONGEST_WAIT_S)
            else:
                return

    def _take_out(self, batch: Batch, error: RejectedReadings) -> list[DeadLetter]:
        reasons = {(reading.point, reading.at_ms): reason for reading, reason in error.rejected}
        letters = []
        for message, readings in batch.made:
            for reading in readings:
                reason = reasons.get((reading.point, reading.at_ms))
                if reason is not None:
                    _, source = self._find_point(reading.point) or ("?", f"point {reading.point}")
                    detail = f"{source}: the store does not take it: {reason}. The others were stored."
                    letters.append(make_letter(self._gateway, message, "rejected_by_store", detail))
        for shard, readings in batch.by_shard.items():
            batch.by_shard[shard] = [each for each in readings if (each.point, each.at_ms) not in reasons]
        return letters

    def _publish(self, batch: Batch, letters: Sequence[DeadLetter]) -> None:
        """Returns when the broker has taken all of it."""
        stored_ms = self._now_ms()
        outgoing = [
            (topics.readings(shard), payload)
            for shard, readings in batch.by_shard.items()
            if readings
            for payload in encode_readings(readings, stored_ms)
        ]
        outgoing += [(topics.presence(self._gateway), _encode(each)) for each in batch.unsaid]
        outgoing += [(topics.dead_letters(self._gateway), _encode(letter)) for letter in letters]
        while outgoing:
            infos = self._processes.publish_all(outgoing)
            self._wait_for(infos)
            refusals = [self._processes.refusal(info) for info in infos]
            outgoing = [message for message, refusal in zip(outgoing, refusals, strict=True) if refusal]
            if outgoing:
                reason = next(refusal for refusal in refusals if refusal)
                self._condition.hold("the broker does not take our readings", f"{outgoing[0][0]}: {reason}")
                if self._stop.wait(LONGEST_WAIT_S):
                    raise Stopping

    def _wait_for(self, infos: Sequence[MQTTMessageInfo]) -> None:
        """Until the broker has answered all. While it is away the client keeps them and sends them again."""
        told = False
        began_s = time.monotonic()
        while not delivered(infos, timeout_s=0.5):
            if self._stop.is_set():
                raise Stopping
            self._make_more_safe()
            if not told and time.monotonic() - began_s > ANSWER_WITHIN_S:
                told = True
                _log.warning(
                    "the broker does not answer", waiting=len(infos), connected=self._processes.is_connected
                )

    def _make_more_safe(self) -> None:
        """While the broker is away nothing new arrives, so that this ends by itself."""
        while not self._devices.is_connected and (batch := self._take_more()) is not None:
            self._later.append((batch, self._make_safe(batch)))


def encode_readings(readings: list[Reading], stored_ms: int) -> list[bytes]:
    """Payloads of at most LARGEST_PUBLISHED_BYTES, in the order of the readings."""
    if len(readings) > MOST_ENCODED:  # not encode first what is too large for sure
        return [
            payload
            for start in range(0, len(readings), MOST_ENCODED)
            for payload in encode_readings(readings[start : start + MOST_ENCODED], stored_ms)
        ]
    payload = _encode(ReadingBatch(readings, stored_ms))
    if len(payload) <= LARGEST_PUBLISHED_BYTES or len(readings) == 1:
        return [payload]
    half = len(readings) // 2
    return encode_readings(readings[:half], stored_ms) + encode_readings(readings[half:], stored_ms)
