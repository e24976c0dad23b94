"""How an alarm goes on while it is raised: when it becomes more severe, when it asks to be seen again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from server.rules.compiled import NEVER

RANKS = ("low", "medium", "high", "critical")


class Course(NamedTuple):
    """As its rule says. Milliseconds."""

    severity: str = "medium"
    rises: tuple[tuple[int, str], ...] = ()
    """(time after it was raised, severity from then on)."""
    remind_ms: int = 0
    """0: never; else it asks to be seen again and again after so long."""

    def severity_at(self, at_ms: int, *, raised_ms: int, reached: Iterable[str]) -> str:
        """The highest of its own, of the steps that are ``reached``, and of those that time has reached."""
        by_time = (severity for after_ms, severity in self.rises if at_ms >= raised_ms + after_ms)
        return max((self.severity, *reached, *by_time), key=RANKS.index)

    def next_ms(self, *, raised_ms: int, told_ms: int, severity: str) -> float:
        """When it changes by itself: raised at ``raised_ms``, told as ``severity`` (empty: not yet), seen last
        at ``told_ms``."""
        next_ms = told_ms + self.remind_ms if self.remind_ms else NEVER
        rank = RANKS.index(severity) if severity else -1
        for after_ms, name in self.rises:
            if RANKS.index(name) > rank:
                next_ms = min(next_ms, raised_ms + after_ms)
        return next_ms
