"""Something that ought to happen again and again, and does not: the weekly pump test, the half-month service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import time, timedelta
from typing import Annotated, Literal, Self

import msgspec
from pydantic import Field, StrictInt, model_validator

from server.errors import Explained
from server.rules.compiled import NEVER, Fact, Leaf, Scope, Signal
from server.rules.kinds.limit import number
from server.rules.parts import NUMERIC, Codes, Need, Number, Part, PointKey
from telemetry.reading import Value

LONGEST_DAYS = 366
HOUR_MS = 3_600_000


class Expected(Part):
    """True from when an event is overdue until it happens.

    An event is the entering of one of the states ``any_of``; without them, a register that grows. The
    next one is due at the end of the ``every_days``-th day after the last, in the site's zone, or
    ``every_hours`` after it, and overdue ``grace_hours`` later. Before the first event, time counts
    from when the rule was switched on. While the point is silent nobody can tell.
    """

    type: Literal["expected"]
    point: PointKey
    any_of: Codes = ()
    every_days: Annotated[StrictInt, Field(ge=1, le=LONGEST_DAYS)] | None = None
    every_hours: Annotated[Number, Field(gt=0, le=LONGEST_DAYS * 24)] | None = None
    grace_hours: Annotated[Number, Field(ge=0, le=31 * 24)] = 0.0

    @model_validator(mode="after")
    def _one_interval(self) -> Self:
        if (self.every_days is None) == (self.every_hours is None):
            raise Explained(
                "give exactly one of every_days and every_hours", "every_days 和 every_hours 只能填写其中一个"
            )
        return self

    def needs(self) -> Iterator[Need]:
        yield Need("point", self.point, ("state",) if self.any_of else NUMERIC)


class Memory(msgspec.Struct, array_like=True):
    last_ms: int
    previous: Value


class ExpectedLeaf(Leaf):
    __slots__ = ("codes", "last_ms", "previous", "site", "spec")

    watches_all = True
    is_timed = True

    def __init__(self, signal: Signal, spec: Expected, scope: Scope) -> None:
        super().__init__(signal)
        self.spec, self.site = spec, scope.site
        self.codes = frozenset(spec.any_of)
        self.last_ms = -1
        """Of the last event, or when watching began."""
        self.previous: Value = None

    def begin(self, at_ms: int) -> None:
        self.last_ms, self.previous = at_ms, self.signals[0].value
        self.next_ms = self._overdue_ms()

    def observe(self, signal: Signal, at_ms: int) -> bool:
        value, previous = signal.value, self.previous
        if self.codes:
            happened = value in self.codes and previous not in self.codes
        else:
            happened = previous is not None and number(value) > number(previous)
        self.previous = value
        if happened:
            self.last_ms = at_ms
        return happened or self.next_ms == NEVER

    def judge(self, at_ms: int) -> bool:
        overdue_ms = self._overdue_ms()
        if overdue_ms > at_ms:
            self.next_ms = overdue_ms
            return False
        self.next_ms = NEVER
        return self.true or self.signals[0].unknown_from() > at_ms

    def _overdue_ms(self) -> int:
        if self.spec.every_days is not None:
            day = self.site.local(self.last_ms).date() + timedelta(days=self.spec.every_days + 1)
            due_ms = self.site.instant(day, time())
        else:
            due_ms = self.last_ms + round((self.spec.every_hours or 0) * HOUR_MS)
        return due_ms + round(self.spec.grace_hours * HOUR_MS)

    def facts(self, at_ms: int) -> Iterable[Fact]:
        overdue_s = (at_ms - self.last_ms) / 1000
        yield Fact(self.signals[0].point, "overdue", self.signals[0].value, overdue_s)

    def memory(self) -> bytes | None:
        return msgspec.msgpack.encode(Memory(self.last_ms, self.previous))

    def recall(self, data: bytes) -> None:
        kept = msgspec.msgpack.decode(data, type=Memory)
        self.last_ms, self.previous = kept.last_ms, kept.previous


def compile_expected(spec: Expected, scope: Scope) -> Leaf:
    return ExpectedLeaf(scope.need(spec.point), spec, scope)
