"""How the gateway is: what the sink knows, what health and metrics tell."""

from __future__ import annotations

import msgspec
import structlog

_log = structlog.get_logger()


class Condition(msgspec.Struct):
    """Written by the ingest thread, read by the others; each field is replaced as a whole."""

    started_ms: int
    in_flight: int = 0
    """Messages taken from the broker and not acknowledged yet."""
    store_error: str | None = None
    """Why nothing can be stored just now; None: all is well."""

    def fail(self, what: str, error: str) -> None:
        """Say once what keeps the gateway from working, not at each attempt."""
        if self.store_error != error:
            _log.error(what, error=error, kept="nothing is lost: the broker keeps what is not acknowledged")
            self.store_error = error

    def recover(self, what: str) -> None:
        if self.store_error is not None:
            _log.info(what)
            self.store_error = None
