"""Plays scenarios through the shipped default rules, in memory, and compares with the ground truth."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from device_sim import scenario as scenarios
from device_sim.scenario import Scenario
from device_sim.truth import TruthLog, TruthRow
from server.assets.profiles import PointSpec, Profile, shipped_profiles
from server.clock import to_ms
from server.rules.binding import Around, bind
from server.rules.checking import parse_spec
from server.rules.evaluate import Engine
from server.rules.plan import BoundRule, Plan, WatchedPoint
from server.rules.scoring import Fault, Raised, Score, score
from server.rules.shipped import rule_specs
from server.rules.site_time import SiteTime
from telemetry.reading import Reading

FIRST_DAY = datetime(2026, 3, 2)  # noqa: DTZ001 - a Monday, in the zone of the scenario's site


class Bench:
    """One site under the default rules of its profiles, in memory."""

    def __init__(self, scenario: Scenario, start_ms: int) -> None:
        profiles = shipped_profiles()
        self.points: dict[tuple[str, str], tuple[int, PointSpec]] = {}
        self.assets = [asset.key for asset in scenario.site.assets]
        self.rules: dict[int, str] = {}
        watched: list[WatchedPoint] = []
        bound: list[BoundRule] = []
        for number, asset in enumerate(scenario.site.assets):
            profile = profiles[asset.profile]
            own: dict[str, int] = {}
            for point in profile.points:
                own[point.key] = len(self.points) + 1
                self.points[asset.key, point.key] = (own[point.key], point)
                watched.append(
                    WatchedPoint(
                        own[point.key], number, point.key, point.kind, point.interval_s, _span(point)
                    )
                )
            around = Around(own, site=SiteTime(scenario.site.time_zone))
            bound += self._bind(profile, number, around)
        self.engine = Engine()
        self.engine.load(Plan(watched, bound), start_ms)

    def _bind(self, profile: Profile, asset: int, around: Around) -> list[BoundRule]:
        bound: list[BoundRule] = []
        for spec in rule_specs(profile):
            number = len(self.rules) + 1
            self.rules[number] = spec.key
            bound.append(bind(number, asset, parse_spec(spec), around))
        return bound

    def readings(
        self, asset: str, at_ms: int, values: Mapping[str, float | int | str | None]
    ) -> list[Reading]:
        """As the gateway would make them: analog values are floats."""
        found = ((self.points.get((asset, key)), value) for key, value in values.items())
        return [
            Reading(
                point[0],
                at_ms,
                float(value) if point[1].kind in {"analog", "counter"} and value is not None else value,
            )
            for point, value in found
            if point is not None
        ]


def _span(point: PointSpec) -> float | None:
    return point.physical[1] - point.physical[0] if point.physical else None


def play_and_score(scenario: Scenario, *, days: int, seed: int) -> Score:
    """Simulate whole days of the site's own calendar and evaluate every reading."""
    start = FIRST_DAY.replace(tzinfo=ZoneInfo(scenario.site.time_zone))
    end = start + timedelta(days=days)
    bench = Bench(scenario, to_ms(start))
    truth = TruthLog()
    raised: list[Raised] = []
    for at_ms, asset, values in scenarios.play(scenario, None, start, end, seed=seed, truth=truth):
        changes = bench.engine.advance(at_ms - 1) + bench.engine.feed(bench.readings(asset, at_ms, values))
        raised += [
            Raised(bench.rules[c.rule], bench.assets[c.asset], c.at_ms) for c in changes if c.kind == "raised"
        ]
    faults = [_fault(row, to_ms(end)) for row in truth.rows]
    return score(faults, raised, days=days, points=len(bench.points))


def _fault(row: TruthRow, end_ms: int) -> Fault:
    start = _ms(row.start)
    return Fault(
        row.fault,
        row.asset,
        start,
        _ms(row.visible_from) if row.visible_from else start,
        _ms(row.end) if row.end else end_ms,
        frozenset(row.expected_rules),
        frozenset(row.consequences),
    )


def _ms(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))


def report(name: str, result: Score) -> str:
    """The figures of one scenario as a text table."""
    lines = [f"{name}: {result.days:g} day(s), {result.points} points"]
    if result.recall is not None:
        found = sum(kind.found for kind in result.kinds)
        expected = sum(kind.expected for kind in result.kinds)
        lines.append(
            f"  recall         {result.recall:.1%} ({found} of {expected} faults that a rule is meant to see)"
        )
    per_day = result.false_tickets_per_day_and_100_points
    lines.append(f"  false alarms   {len(result.false_alarms) / result.days:.1f} a day")
    lines.append(f"  false tickets  {per_day:.2f} a day and 100 points ({result.false_tickets} in all)")
    if result.kinds:
        lines.append(f"  {'fault':<26}{'found':>9}{'median delay':>15}")
        lines += [
            f"  {kind.kind:<26}{f'{kind.found}/{kind.expected}':>9}{_duration(kind.median_delay_s):>15}"
            for kind in result.kinds
        ]
    if result.not_meant:
        lines.append(f"  not meant to be seen by a default rule: {', '.join(result.not_meant)}")
    lines += [f"  MISSED  {fault.kind} on {fault.asset}" for fault in result.missed]
    lines += [
        f"  FALSE   {alarm.rule} on {alarm.asset} at {alarm.at_ms}" for alarm in result.false_alarms[:20]
    ]
    return "\n".join(lines)


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} min"
