"""What the broker says of itself: how much waits in it, and what it threw away.

A broker whose queue is full drops messages that it has acknowledged to the device, and tells nobody but its own
statistics. mosquitto publishes those below ``$SYS`` (mosquitto.org/man/mosquitto-8.html, "Broker status"); a broker
that does not, or does not let us read them, leaves the figures unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from telemetry.bus import Bus

WAITING = "$SYS/broker/store/messages/count"
DROPPED = "$SYS/broker/publish/messages/dropped"

MakeBus = Callable[[Sequence[str]], Bus]
"""A bus with these subscriptions."""


class BrokerState(NamedTuple):
    """None: the broker does not say."""

    waiting: int | None = None
    """Messages that it keeps, for whomever."""
    dropped: int | None = None
    """Since it was started, of whichever receiver."""


class BrokerWatch:
    """It has a connection of its own: a broker that refuses these topics must not stop anything else."""

    def __init__(self, make_bus: MakeBus) -> None:
        self._bus = make_bus([WAITING, DROPPED])
        self._state = BrokerState()

    def start(self) -> None:
        self._bus.start()

    def stop(self) -> None:
        self._bus.stop()

    def look(self) -> BrokerState:
        """What it has said by now; waits for nothing."""
        messages = self._bus.take(timeout_s=0.0)
        for message in messages:
            number = _number(message.payload)
            if message.topic == WAITING:
                self._state = self._state._replace(waiting=number)
            elif message.topic == DROPPED:
                self._state = self._state._replace(dropped=number)
        self._bus.acknowledge(messages)
        return self._state


def _number(payload: bytes) -> int | None:
    return int(payload) if payload.isdigit() else None
