"""What a rule would have raised over a period that is past. Pure: readings in, alarms out, no clock.

The rule goes through the same engine as live. Learned conditions are judged first, the whole period at
once, and their verdicts are fed to the engine as if they were points: the same answers, in a small part
of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from server.errors import Label
from server.rules.backtest_reason import named, reason_of
from server.rules.binding import Around, ParsedRule, bind
from server.rules.compiled import Fact
from server.rules.conditions import All, AnyOf, Condition, leaves
from server.rules.evaluate import Engine
from server.rules.kinds.limit import Limit
from server.rules.learned.specs import Baseline, Ewma, Learned, Multivariate
from server.rules.learned.training import Judged, Period, judge, train
from server.rules.learned.verdict import Bools, Floats, Times
from server.rules.past import History, PointInfo
from server.rules.plan import Plan, WatchedPoint
from server.rules.site_time import SiteTime
from server.rules.transition import Transition
from telemetry.reading import Reading, Value

REOPENS_WITHIN_MS = 24 * 3_600_000
"""As the ticket room has it: an alarm this soon after the last reopens its ticket."""
_CHUNK = 5000
_SCORE = "learned {}"

Progress = Callable[[float], None]
"""Told how much is done, 0 to 1; may raise to stop the run."""


class WouldAlarm(msgspec.Struct, frozen=True):
    """One alarm that would have been raised. Times in epoch milliseconds."""

    start_ms: int
    since_ms: int
    """The first crossing; ``start`` is after the on-delay."""
    end_ms: int | None
    """None: still raised at the end of the period."""
    severity: str
    reason: Label
    peak: float | None = None
    """Highest score of a learned condition while it lasted; 1 is where abnormal begins."""


class Outcome(NamedTuple):
    """What a rule would have done."""

    alarms: list[WouldAlarm]
    tickets: int
    active_ms: int
    judged: list[Judged]
    problem: Label | None = None
    """Why it could not be judged, the first time that it could not; None: it always could."""

    def active_at(self, times: Times) -> Bools:
        """Whether an alarm is raised, at each of these times."""
        out = np.zeros(len(times), dtype=np.bool_)
        for alarm in self.alarms:
            inside = times >= alarm.start_ms
            out |= inside if alarm.end_ms is None else inside & (times < alarm.end_ms)
        return out

    def score_at(self, times: Times) -> Floats:
        """The highest score of the learned conditions, at each of these times; NaN where none could judge.

        A verdict stands until the next one, as live, or until its points count as silent.
        """
        out = np.full(len(times), np.nan)
        for judged in self.judged:
            latest = np.searchsorted(judged.times, times, side="right") - 1
            known = latest >= 0
            known[known] = times[known] - judged.times[latest[known]] < judged.holds_ms
            out[known] = np.fmax(out[known], judged.score[latest[known]])
        return out


def learned_of(rule: ParsedRule) -> dict[str, Learned]:
    """The learned conditions of a rule, by the name of the model they need."""
    return {
        leaf.model_name: leaf
        for condition in rule.conditions
        for _, leaf in leaves(condition)
        if isinstance(leaf, Baseline | Ewma | Multivariate)
    }


def train_all(rule: ParsedRule, period: Period) -> dict[str, bytes]:
    """A model for each learned condition. Raises TooLittleData."""
    return {name: train(spec, period) for name, spec in learned_of(rule).items()}


def replay(
    rule: ParsedRule,
    history: History,
    *,
    models: Mapping[str, bytes],
    quiet_until_ms: int | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Evaluate. ``quiet_until_ms``: up to then, models were still being trained, and raised nothing."""
    tell = progress or _nothing
    period = history.period()
    judged: dict[str, Judged] = {}
    for name, spec in learned_of(rule).items():
        judged[name] = judge(spec, models[name], period)
        tell(0.4 * len(judged) / len(learned_of(rule)))
    if quiet_until_ms is not None:
        judged = {name: _quietened(one, quiet_until_ms) for name, one in judged.items()}
    names = {name: _SCORE.format(number) for number, name in enumerate(judged)}
    plain = _without_learned(rule, names)
    found, problem = _evaluate(plain, history, {names[name]: one for name, one in judged.items()}, tell)
    alarms = _alarms(found, history, {names[name]: one for name, one in judged.items()})
    last_ms = int(history.times[-1]) if len(history.times) else 0
    active = sum((last_ms if a.end_ms is None else a.end_ms) - a.start_ms for a in alarms)
    tell(1.0)
    return Outcome(alarms, tickets_of(alarms), active, list(judged.values()), problem)


def tickets_of(alarms: Sequence[WouldAlarm]) -> int:
    """How many tickets: one that comes within a day after the last ended reopens the ticket of that one."""
    count, ended_ms = 0, None
    for alarm in alarms:
        if ended_ms is None or alarm.start_ms - ended_ms > REOPENS_WITHIN_MS:
            count += 1
        ended_ms = alarm.end_ms if alarm.end_ms is not None else alarm.start_ms
    return count


def _quietened(judged: Judged, until_ms: int) -> Judged:
    return judged._replace(is_abnormal=judged.is_abnormal & (judged.times > until_ms))


def _without_learned(rule: ParsedRule, names: Mapping[str, str]) -> ParsedRule:
    """The same rule with limits on verdicts in place of learned conditions."""
    steps = tuple(
        step._replace(condition=None if step.condition is None else _plain(step.condition, names))
        for step in rule.steps
    )
    return rule._replace(condition=_plain(rule.condition, names), steps=steps)


def _plain(condition: Condition, names: Mapping[str, str]) -> Condition:
    if isinstance(condition, Baseline | Ewma | Multivariate):
        return Limit(type="limit", point=names[condition.model_name], high=0.5)
    if isinstance(condition, All | AnyOf):
        parts = tuple(_plain(part, names) for part in condition.of)
        return condition.model_copy(update={"of": parts})
    return condition


def _evaluate(
    rule: ParsedRule, history: History, verdicts: Mapping[str, Judged], tell: Progress
) -> tuple[list[Transition], Label | None]:
    """What happened, and the first problem of the rule."""
    keys = [*history.points, *verdicts]
    ids = {key: number for number, key in enumerate(keys, 1)}
    watched = [history.points[key].watched(ids[key]) for key in history.points]
    watched += [
        WatchedPoint(ids[key], 1, key, "analog", _interval_s(one.times)) for key, one in verdicts.items()
    ]
    used = set(keys) if _looks_at_all(rule) else rule.needs | set(verdicts)
    if rule.mentions:
        used = set(keys)
    engine = Engine()
    begin_ms = int(history.times[0]) if len(history.times) else 0
    bound = bind(1, 1, rule, Around(ids, site=SiteTime(history.zone)))
    found = engine.load(Plan([one for one in watched if one.key in used], [bound]), begin_ms)
    problem: Label | None = None
    instants = _instants(history, verdicts, {key: ids[key] for key in keys if key in used})
    for count, (at_ms, readings) in enumerate(instants):
        found += engine.advance(at_ms - 1)
        found += engine.feed(readings)
        problem = problem or next(iter(engine.problems.values()), None)
        if count % _CHUNK == 0:
            tell(0.4 + 0.6 * count / max(1, len(history.times)))
    if len(history.times):
        found += engine.advance(int(history.times[-1]))
    return found, problem


def _looks_at_all(rule: ParsedRule) -> bool:
    return any(leaf.type == "no_data" for part in rule.conditions for _, leaf in leaves(part))


def _interval_s(times: Times) -> float:
    return float(np.median(np.diff(times))) / 1000 if len(times) > 1 else 60.0


def _instants(
    history: History, verdicts: Mapping[str, Judged], ids: Mapping[str, int]
) -> Iterator[tuple[int, list[Reading]]]:
    """Time and readings, instant by instant."""
    columns: list[tuple[int, Sequence[Value]]] = []
    for key, numbers in history.numbers.items():
        if key in ids:
            known = np.isfinite(numbers)
            columns.append(
                (ids[key], [v if k else None for v, k in zip(numbers.tolist(), known.tolist(), strict=True)])
            )
    columns += [(ids[key], texts) for key, texts in history.texts.items() if key in ids]
    for key, judged in verdicts.items():
        spread: list[Value] = [None] * len(history.times)
        where = np.searchsorted(history.times, judged.times).tolist()
        known = np.isfinite(judged.score).tolist()
        for position, abnormal, is_known in zip(where, judged.is_abnormal.tolist(), known, strict=True):
            if is_known:
                spread[position] = 1.0 if abnormal else 0.0
        columns.append((ids[key], spread))
    for position, at_ms in enumerate(history.times.tolist()):
        readings = [
            Reading(point, at_ms, values[position])
            for point, values in columns
            if values[position] is not None
        ]
        yield at_ms, readings


def _alarms(
    found: Sequence[Transition], history: History, verdicts: Mapping[str, Judged]
) -> list[WouldAlarm]:
    names = dict(enumerate([*history.points, *verdicts], 1))
    alarms: list[WouldAlarm] = []
    for change in found:
        if change.kind == "raised":
            reason = _reason(change, names, history, verdicts)
            alarms.append(WouldAlarm(change.at_ms, change.since_ms, None, change.severity, reason))
        elif change.kind == "severity" and alarms and alarms[-1].end_ms is None:
            alarms[-1] = msgspec.structs.replace(alarms[-1], severity=change.severity)
        elif change.kind in ("returned", "withdrawn") and alarms:
            alarms[-1] = msgspec.structs.replace(alarms[-1], end_ms=change.at_ms)
    return [msgspec.structs.replace(alarm, peak=_peak(alarm, verdicts)) for alarm in alarms]


def _reason(
    change: Transition, names: Mapping[int, str], history: History, verdicts: Mapping[str, Judged]
) -> Label:
    parts: list[Label] = []
    names_of_points = {key: one.name for key, one in history.points.items() if one.name is not None}
    for fact in change.facts:
        key = names.get(fact.point, "")
        parts.append(
            named(verdicts[key].explain(change.at_ms), names_of_points)
            if key in verdicts
            else _plain_reason(fact, key, history)
        )
    return {"en": "; ".join(part["en"] for part in parts), "zh": "；".join(part["zh"] for part in parts)}


def _plain_reason(fact: Fact, key: str, history: History) -> Label:
    point = history.points.get(key, PointInfo(key))
    name = point.name or Label(en=key, zh=key)
    return reason_of(fact, name=name, unit=point.unit)


def _peak(alarm: WouldAlarm, verdicts: Mapping[str, Judged]) -> float | None:
    highest = [
        float(np.nanmax(judged.score[inside]))
        for judged in verdicts.values()
        if np.isfinite(judged.score[inside := _inside(alarm, judged.times)]).any()
    ]
    return max(highest) if highest else None


def _inside(alarm: WouldAlarm, times: Times) -> Bools:
    inside: Bools = times >= alarm.since_ms
    return inside if alarm.end_ms is None else inside & (times < alarm.end_ms)


def _nothing(_done: float) -> None: ...
