"""The numbers 0 to 255 that a node counts its messages with, and what a hole in them means.

Brokers in a cluster may deliver two messages in another order. Every metric has its own time, so
nothing is held back for that: a number that is skipped has ``TOLERANCE_MS`` to arrive (noticed at
the node's next message), and only then, or when more than ``WINDOW`` are skipped, it is a gap.
"""

from __future__ import annotations

from typing import Final

NUMBERS: Final = 256
WINDOW: Final = 16
TOLERANCE_MS: Final = 5_000


class Sequence:
    """The numbers of one node since its birth. Any number may be the first."""

    def __init__(self) -> None:
        self._next: int | None = None
        self._missing: dict[int, int] = {}
        """Numbers skipped, and until when they may still arrive."""

    def begin(self, number: int | None) -> None:
        """A birth: counting begins anew."""
        self._missing.clear()
        self._next = None if number is None else (number + 1) % NUMBERS

    def take(self, number: int, now_ms: int) -> bool:
        """Count one message; False when it shows that messages were lost."""
        self._missing.pop(number, None)
        expected = self._next if self._next is not None else number
        skipped = (number - expected) % NUMBERS
        if skipped >= NUMBERS - WINDOW:
            return self._nothing_overdue(now_ms)  # late or delivered twice
        self._next = (number + 1) % NUMBERS
        if skipped > WINDOW:
            self._missing.clear()
            return False
        for step in range(skipped):
            self._missing[(expected + step) % NUMBERS] = now_ms + TOLERANCE_MS
        return self._nothing_overdue(now_ms)

    def _nothing_overdue(self, now_ms: int) -> bool:
        if not any(until <= now_ms for until in self._missing.values()):
            return True
        self._missing.clear()
        return False
