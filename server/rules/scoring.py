"""How well alarms match what really went wrong: recall, false tickets, detection delay.

A fault is *found* when a rule that is meant to see it raises an alarm on its asset while it lasts, or
within AFTERMATH of its end. An alarm is *false* when no fault of its asset explains it. Tickets are
counted as the ticket room opens them: one a condition and asset within REOPENED_WITHIN.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

AFTERMATH_MS = 15 * 60_000
"""Alarms this long after a fault may still be its doing: motors cool, tanks fill, delays run."""
REOPENED_WITHIN_MS = 24 * 3_600_000


class Fault(NamedTuple):
    """What really happened, from the simulator's ground truth. Times in epoch milliseconds."""

    kind: str
    asset: str
    start_ms: int
    visible_ms: int
    """When a sensor first showed it; delays count from here."""
    end_ms: int
    expected: frozenset[str]
    """Rules meant to see it; empty: none is."""
    consequences: frozenset[str]
    """Rules that may rightly raise an alarm as well."""


class Raised(NamedTuple):
    """One alarm that was raised."""

    rule: str
    asset: str
    at_ms: int


class KindScore(NamedTuple):
    """All faults of one kind."""

    kind: str
    expected: int
    found: int
    median_delay_s: float | None
    """From visible to alarm; None when none was found."""


class Score(NamedTuple):
    """One scenario."""

    kinds: list[KindScore]
    not_meant: list[str]
    """Kinds of fault that no default rule is meant to see."""
    missed: list[Fault]
    false_alarms: list[Raised]
    false_tickets: int
    days: float
    points: int

    @property
    def recall(self) -> float | None:
        """Found of expected, 0 to 1; None where nothing was to be found."""
        expected = sum(kind.expected for kind in self.kinds)
        return sum(kind.found for kind in self.kinds) / expected if expected else None

    @property
    def false_tickets_per_day_and_100_points(self) -> float:
        return self.false_tickets / self.days / (self.points / 100)


def score(faults: Sequence[Fault], raised: Iterable[Raised], *, days: float, points: int) -> Score:
    """Compare. ``days`` were simulated on ``points`` points."""
    alarms = sorted(raised, key=lambda alarm: alarm.at_ms)
    delays = {fault: _delay_ms(fault, alarms) for fault in faults if fault.expected}
    false = [alarm for alarm in alarms if not any(_explains(fault, alarm) for fault in faults)]
    kinds = sorted({fault.kind for fault in delays})
    return Score(
        kinds=[_kind_score(kind, delays) for kind in kinds],
        not_meant=sorted({fault.kind for fault in faults if not fault.expected}),
        missed=[fault for fault, delay in delays.items() if delay is None],
        false_alarms=false,
        false_tickets=_tickets(false),
        days=days,
        points=points,
    )


def _delay_ms(fault: Fault, alarms: Iterable[Raised]) -> int | None:
    for alarm in alarms:
        if alarm.rule in fault.expected and _is_during(fault, alarm):
            return max(0, alarm.at_ms - fault.visible_ms)
    return None


def _is_during(fault: Fault, alarm: Raised) -> bool:
    return fault.asset == alarm.asset and fault.start_ms <= alarm.at_ms <= fault.end_ms + AFTERMATH_MS


def _explains(fault: Fault, alarm: Raised) -> bool:
    return _is_during(fault, alarm) and alarm.rule in (fault.expected | fault.consequences)


def _kind_score(kind: str, delays: dict[Fault, int | None]) -> KindScore:
    of_kind = [delay for fault, delay in delays.items() if fault.kind == kind]
    found = [delay / 1000 for delay in of_kind if delay is not None]
    return KindScore(kind, len(of_kind), len(found), median(found) if found else None)


def _tickets(alarms: Iterable[Raised]) -> int:
    opened: dict[tuple[str, str], int] = {}
    count = 0
    for alarm in alarms:
        key = (alarm.rule, alarm.asset)
        if key not in opened or alarm.at_ms - opened[key] > REOPENED_WITHIN_MS:
            count += 1
            opened[key] = alarm.at_ms
    return count
