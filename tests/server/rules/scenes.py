"""Small engines to play with: asset 1 with points 1, 2, 3 at 10 s (silent after 60 s), times in seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from server.rules.conditions import parse
from server.rules.evaluate import Engine
from server.rules.plan import BoundRule, BoundStep, Plan, WatchedPoint
from server.rules.site_time import ANYWHERE, SiteTime
from server.rules.transition import Transition
from telemetry.reading import Quality, Reading, Value

HIGH = {"type": "limit", "point": "p1", "high": 10, "deadband": 2}
T0 = 1_700_000_000_000
"""Where the tests' second 0 lies, milliseconds."""


def point(number: int, *, asset: int = 1, interval_s: float = 10.0, kind: str = "analog") -> WatchedPoint:
    return WatchedPoint(number, asset, f"p{number}", kind, interval_s, span=100.0)


def rule(
    when: object,
    *,
    on_s: float = 0,
    off_s: float = 0,
    number: int = 1,
    asset: int = 1,
    steps: Sequence[tuple[str, object, float]] = (),
    severity: str = "medium",
    remind_s: float = 0,
    site: SiteTime = ANYWHERE,
) -> BoundRule:
    """``steps``: (severity, condition or None, seconds)."""
    return BoundRule(
        number,
        asset,
        parse(when),
        round(on_s * 1000),
        round(off_s * 1000),
        {f"p{n}": n for n in (1, 2, 3)} if "p" in str(when) else {},
        severity=severity,
        steps=tuple(
            BoundStep(name, None if level is None else parse(level), round(after_s * 1000))
            for name, level, after_s in steps
        ),
        remind_ms=round(remind_s * 1000),
        site=site,
    )


def engine(*rules: BoundRule, points: Iterable[WatchedPoint] | None = None) -> Engine:
    made = Engine()
    made.load(Plan(list(points or (point(1), point(2), point(3))), list(rules)), T0)
    return made


def reading(at_s: float, value: Value, *, number: int = 1, quality: Quality = Quality.GOOD) -> Reading:
    return Reading(number, T0 + round(at_s * 1000), value, quality)


def told(transitions: Iterable[Transition]) -> list[tuple[str, float]]:
    """(kind, second) of each, without crossings back and forth that raised nothing."""
    return [
        (t.kind, (t.at_ms - T0) / 1000) for t in transitions if t.kind in ("raised", "returned", "withdrawn")
    ]


class Player:
    """Feeds an engine and collects what happens."""

    def __init__(self, made: Engine) -> None:
        self.engine = made
        self.all: list[Transition] = []

    def read(self, at_s: float, value: Value, *, number: int = 1, quality: Quality = Quality.GOOD) -> Player:
        self.all += self.engine.feed([reading(at_s, value, number=number, quality=quality)])
        return self

    def hold(
        self, from_s: float, to_s: float, value: Value, *, number: int = 1, every_s: float = 10
    ) -> Player:
        """The same value again and again, so that the point is not silent."""
        at_s = from_s
        while at_s <= to_s:
            self.read(at_s, value, number=number)
            at_s += every_s
        return self

    def until(self, at_s: float) -> Player:
        self.all += self.engine.advance(T0 + round(at_s * 1000))
        return self

    @property
    def told(self) -> list[tuple[str, float]]:
        return told(self.all)
