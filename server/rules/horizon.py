"""Up to where all readings are known. Time counts only while we can hear.

Everything that shows that the way from the devices to us is open is evidence: a batch with the time
at which it was stored, a gateway's sign of life, and, while a gateway lives and nothing waits to be
read, the clock itself. The horizon stays SETTLE_MS behind the newest evidence, which is how late a
reading may come and still count as in time.

Between two pieces of evidence further apart than GAP_MS we were deaf: the broker, the gateway or we
ourselves were away. Silence is not counted over such a gap (``Engine.resume``), unless a gateway
says that it has been running since before it, so that whoever was silent was so on their own.
"""

from __future__ import annotations

from typing import NamedTuple

SETTLE_MS = 100
GAP_MS = 15_000
RECONNECT_GRACE_MS = 60_000
"""Devices need a while to come back after a gap; silence is not counted before."""
GATEWAY_FRESH_MS = 15_000
"""A gateway says every 5 s that it lives; one that missed three signs does not."""


class Step(NamedTuple):
    """What to tell the engine: first ``resume``, then ``advance``."""

    resume_ms: int | None
    advance_ms: int


class Horizon:
    """Knows nothing at first: ``evidence_ms`` -1, and the first evidence is the end of a gap."""

    def __init__(self, evidence_ms: int = -1) -> None:
        self.evidence_ms = evidence_ms
        self._gateways: dict[str, tuple[int, int]] = {}
        """(last sign of life, started) of those that are online."""
        self._deaf = False

    def gateway(self, name: str, *, at_ms: int, started_ms: int, online: bool) -> Step | None:
        """A gateway said how it is; None where that is no evidence of life."""
        if not online:
            self._gateways.pop(name, None)
            return None
        self._gateways[name] = (at_ms, started_ms)
        return self.heard(at_ms)

    def heard(self, at_ms: int) -> Step:
        """Something proves that all was well at ``at_ms``."""
        resume_ms = at_ms + RECONNECT_GRACE_MS if self._was_deaf_until(at_ms) else None
        self.evidence_ms = max(self.evidence_ms, at_ms)
        self._deaf = False
        return Step(resume_ms, self.evidence_ms - SETTLE_MS)

    def tick(self, now_ms: int) -> Step | None:
        """The clock, while we are connected and have read all there was; None where no gateway lives."""
        if any(now_ms - at_ms < GATEWAY_FRESH_MS for at_ms, _ in self._gateways.values()):
            return self.heard(now_ms)
        return None

    def disconnected(self) -> None:
        """The broker is gone for us: what a gateway says of itself does not vouch for the way to it."""
        self._deaf = True

    def _was_deaf_until(self, at_ms: int) -> bool:
        if at_ms - self.evidence_ms <= GAP_MS:
            return False
        vouched = any(started_ms <= self.evidence_ms for _, started_ms in self._gateways.values())
        return self._deaf or not vouched
