"""What has arrived from the broker and was not taken yet: filled by the network thread, emptied by one taker."""

from __future__ import annotations

import threading
import time
from collections import deque

import msgspec


class Incoming(msgspec.Struct, frozen=True, gc=False):
    """One message as it arrived. ``connection`` ties the acknowledgement to the session it came in on."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    mid: int
    connection: int
    received_ms: int
    again: bool = False
    """The broker says that it may have delivered this before (MQTT's DUP flag)."""


class Inbox:
    """A queue whose taker sleeps until enough is there. What is put never waits for anything."""

    def __init__(self, *, most_unacknowledged: int) -> None:
        """``most_unacknowledged``: so many messages the broker sends before it waits for our acknowledgement."""
        self._most_unacknowledged = most_unacknowledged
        self.connection = 0
        """Number of the connection that stands; 0: none does."""
        self._queue: deque[Incoming] = deque()
        self._filled = threading.Condition()
        self._wanted = 0
        """How many messages the taker sleeps for; 0: it is awake."""

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, topic: str, payload: bytes, flags: int, mid: int) -> None:
        """``flags``: bit 0 retain, bits 1-2 QoS, bit 3 dup."""
        self._queue.append(
            Incoming(
                topic,
                payload,
                flags >> 1 & 3,
                flags & 1 == 1,
                mid,
                self.connection,
                time.time_ns() // 1_000_000,
                flags & 8 == 8,
            )
        )
        if 0 < self._wanted <= len(self._queue):
            with self._filled:
                self._wanted = 0  # once is enough to wake the taker
                self._filled.notify()

    def take(self, *, timeout_s: float, most: int, enough: int, linger_s: float) -> list[Incoming]:
        """As ``Bus.take``."""
        if self._sleep_until(1, timeout_s) and linger_s:
            self._sleep_until(enough, linger_s)
        with self._filled:  # drop_what_comes_again takes from the queue as well
            queue = self._queue
            return [queue.popleft() for _ in range(min(most, len(queue)))]

    def drop_what_comes_again(self) -> None:
        """With each reconnect the broker delivers all unacknowledged messages anew: without this the
        queue would grow by the receive maximum each time while the taker is stuck.

        The oldest copies stay, also of what was delivered before: a broker that was killed may have
        forgotten some it had handed to us (7 to 61 of 16,000 were lost so at a kill -9 of mosquitto, and
        192 of 85,000 when the gateway had been killed shortly before). Storing twice changes nothing.
        """
        with self._filled:
            room = self._most_unacknowledged
            kept = []
            for message in self._queue:
                room -= bool(message.qos)
                if room >= 0 or not message.qos:
                    kept.append(message)
            self._queue.clear()
            self._queue.extend(kept)

    def _sleep_until(self, wanted: int, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        with self._filled:
            while True:
                self._wanted = wanted  # said before looking: the network thread looks after appending
                left = deadline - time.monotonic()
                if len(self._queue) >= wanted or left <= 0:
                    break
                self._filled.wait(left)
            self._wanted = 0
        return len(self._queue) >= wanted
