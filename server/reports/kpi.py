"""How well rounds are walked, in the figures that managers watch. Pure: facts in, rates out.

All rates are shares from 0 to 1, and None where nothing was due: no rounds is not 100 %.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)


class RoundFacts(NamedTuple):
    """One round whose window is over."""

    site: int
    route: int | None
    """None: a round that was called for, such as a fire watch."""
    person: int | None
    """Who walked it; None: nobody did."""
    month: str
    """YYYY-MM of its start, in the site's zone."""
    due: int
    """Checkpoints that were due, without the excused ones."""
    on_time: int
    late: int
    missed: int
    scans: int
    exceptions: int
    """Exceptions that nobody has called innocent."""


class Rates(NamedTuple):
    """Figures of some rounds together."""

    rounds: int
    due: int
    completion: float | None
    """Checkpoints visited, on time or late, of those that were due."""
    on_time: float | None
    """Checkpoints visited within their tolerance, of those that were due."""
    missed: float | None
    """Checkpoints nobody visited, of those that were due."""
    exceptions: float | None
    """Exceptions a scan: above 1 where one scan gave several."""


def rates(facts: Iterable[RoundFacts]) -> Rates:
    """Together, each checkpoint with the same weight, so that a long round counts for more."""
    known = list(facts)
    due = sum(fact.due for fact in known)
    on_time = sum(fact.on_time for fact in known)
    late = sum(fact.late for fact in known)
    return Rates(
        rounds=len(known),
        due=due,
        completion=_share(on_time + late, due),
        on_time=_share(on_time, due),
        missed=_share(sum(fact.missed for fact in known), due),
        exceptions=_share(sum(fact.exceptions for fact in known), sum(fact.scans for fact in known)),
    )


def rates_by(facts: Iterable[RoundFacts], key: Callable[[RoundFacts], K | None]) -> dict[K, Rates]:
    """By site, route, person or month; facts without that are left out."""
    groups: dict[K, list[RoundFacts]] = {}
    for fact in facts:
        found = key(fact)
        if found is not None:
            groups.setdefault(found, []).append(fact)
    return {found: rates(group) for found, group in groups.items()}


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
