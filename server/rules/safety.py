"""Rules on which a life may hang: fire, people trapped, a call for help. They never wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from server.alarms.lifecycle import LIFE_SAFETY
from server.errors import Label
from server.rules.conditions import AnyOf, Condition
from server.rules.kinds.limit import Flags, State

Sign = tuple[str, str, int | str]
"""(point, state or flags, code or bit): one value that is an emergency by itself."""

NO_ON_DELAY = Label(
    en="A rule for fire, trapped people or a call for help must not wait: its on-delay is 0.",
    zh="火警、困人、求救类规则不得延时告警：触发延时必须为 0。",
)


def is_life_safety(key: str, *, marked: bool) -> bool:
    """By its key, whatever a person says, or because a person says so."""
    return marked or key in LIFE_SAFETY


def signs(conditions: Iterable[Condition]) -> frozenset[Sign]:
    """What is an emergency by itself, according to the rules that say so."""
    return frozenset(sign for condition in conditions for sign in _signs(condition))


def shows(condition: Condition, emergencies: frozenset[Sign]) -> bool:
    """Whether a condition is met by an emergency alone, so that its rule is one of life safety too."""
    return not emergencies.isdisjoint(_signs(condition))


def _signs(condition: Condition) -> Iterator[Sign]:
    parts: Sequence[Condition] = condition.of if isinstance(condition, AnyOf) else (condition,)
    for part in parts:
        if isinstance(part, State):
            yield from ((part.point, "state", code) for code in part.any_of)
        elif isinstance(part, Flags):
            yield from ((part.point, "flags", bit) for bit in part.any_of)
        elif isinstance(part, AnyOf):
            yield from _signs(part)
