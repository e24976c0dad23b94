"""How a connection to the broker stands: made, refused, or dropped again and again; said so that a person can act."""

from __future__ import annotations

import threading
import time

from paho.mqtt.reasoncodes import ReasonCode

_REFUSALS = {0x86, 0x87, 0x8A, 0x8C}
"""Bad user name or password, not authorised, banned, bad authentication method."""
_TAKEN_OVER = 0x8E
_SHORT_S = 5.0
_SHORT_ONES = 3
"""So many connections in a row that did not last so long are no accident."""


class BusRefused(Exception):
    """The broker refused us for good: wrong user name, password or rights."""


class Standing:
    """Written by the network thread, read by anyone."""

    def __init__(self, broker: str, client_id: str) -> None:
        self._broker = broker
        self._client_id = client_id
        self._works = threading.Event()
        self.refused: str | None = None
        """Why the broker will not have us, when it said so; None while all is well."""
        self._since_s = 0.0
        """When the last connection was made, monotonic seconds."""
        self._short_ones = 0

    @property
    def works(self) -> bool:
        """Whether the connection stands and the broker has confirmed our subscriptions."""
        return self._works.is_set()

    def made(self) -> None:
        self.refused = None
        self._since_s = time.monotonic()

    def not_made(self, reason: ReasonCode) -> None:
        if reason.value in _REFUSALS:
            self.refused = f"the broker at {self._broker} refused us: {reason}"

    def subscribed(self, failed: ReasonCode | None = None) -> None:
        """The broker has answered our subscriptions; ``failed``: what it said of one that it does not let us have."""
        if failed is not None:
            self.refused = f"the broker at {self._broker} does not let us subscribe: {failed}"
        self._works.set()

    def lost(self, reason: ReasonCode) -> None:
        self._works.clear()
        self._short_ones = self._short_ones + 1 if time.monotonic() - self._since_s < _SHORT_S else 0
        if reason.value == _TAKEN_OVER:  # newer brokers say so
            self._short_ones = _SHORT_ONES

    @property
    def trouble(self) -> str | None:
        """What keeps us from working with the broker, for a person; None while all is well."""
        if self.refused:
            return self.refused
        lasts = self.works and time.monotonic() - self._since_s > _SHORT_S
        if self._short_ones >= _SHORT_ONES and not lasts:
            return (
                f"the broker at {self._broker} drops us again and again: does another process use the client id "
                f"{self._client_id}? (mosquitto: use_username_as_clientid must be off for Plantroom's users)"
            )
        if not self.works:
            return f"not connected to the broker at {self._broker}; trying again"
        return None

    def wait(self, timeout_s: float) -> bool:
        """Whether it works within the time; raises BusRefused if the broker said no."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.refused:
                raise BusRefused(self.refused)
            if self._works.wait(0.05):
                return True
        return False
