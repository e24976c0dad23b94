"""How the gateway is: what the sink and the drain know, what health and metrics tell."""

from __future__ import annotations

import msgspec
import structlog

from gateway.broker_watch import BrokerState

_log = structlog.get_logger()


class Condition(msgspec.Struct):
    """Written by the ingest thread and the drain, read by the others; each field is replaced as a whole."""

    started_ms: int
    in_flight: int = 0
    """Messages taken from the broker and not acknowledged yet."""
    last_message_ms: int | None = None
    """When a device message last came from the broker; None: not since the start."""
    store_error: str | None = None
    """Why the store takes nothing just now; None: it takes what it is given."""
    broker: BrokerState = BrokerState()
    """What the broker said of itself last."""
    held_error: str | None = None
    """Why nothing is acknowledged just now; None: messages flow."""

    @property
    def error(self) -> str | None:
        """What a person should know first."""
        return self.held_error or self.store_error

    def store_away(self, error: str, *, kept: str) -> None:
        """Say once that the store is away and what becomes of the readings, not at each attempt."""
        if self.store_error != error:
            _log.error("the store cannot be written", error=error, kept=kept)
            self.store_error = error

    def store_back(self) -> None:
        if self.store_error is not None:
            _log.info("the store can be written again")
            self.store_error = None

    def hold(self, what: str, error: str) -> None:
        """Say once what keeps the gateway from acknowledging."""
        if self.held_error != error:
            _log.error(what, error=error, kept="nothing is lost: the broker keeps what is not acknowledged")
            self.held_error = error

    def release(self, what: str) -> None:
        if self.held_error is not None:
            _log.info(what)
            self.held_error = None
