"""Whether the sensor agrees that a job is done. A decision with a named reason; no database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from server.alarms.facts import sentence
from server.alarms.lifecycle import PRESENT, AlarmState
from server.alarms.schemas import FactRead
from server.clock import from_ms, to_ms
from server.errors import Label
from telemetry.reading import Reading, Value


class Watch(NamedTuple):
    """A point whose readings must prove the repair."""

    fact: FactRead
    """With its value of now."""
    silent_after_s: float
    readings: Sequence[Reading]
    """Its live readings, oldest first, from ``silent_after_s`` before the window on."""


class Standing(NamedTuple):
    """The alarm behind the ticket, as the rules see it now."""

    state: AlarmState
    in_band_since: datetime | None
    waits_for_reset: bool = False
    """Latched: its condition is over, and a person must let go of it."""


class Evidence(NamedTuple):
    """What one point read while it was watched."""

    point: int
    readings: int
    min: float | None
    max: float | None
    last: Value
    last_at: datetime | None


class Verdict(NamedTuple):
    """``code`` None: the ticket may be closed. ``closes_at``: when it may, if all stays as it is."""

    code: str | None
    detail: Label
    in_band_since: datetime | None
    closes_at: datetime | None
    evidence: tuple[Evidence, ...] = ()
    facts: tuple[FactRead, ...] = ()


def judge(
    *, standing: Standing | None, watched: Sequence[Watch], verify_s: float, now: datetime, rules_run: bool
) -> Verdict:
    """The verdict at ``now``, with the points it looked at. See ``_judge``."""
    verdict = _judge(standing, watched, verify_s=verify_s, now=now, rules_run=rules_run)
    return verdict._replace(facts=tuple(watch.fact for watch in watched))


def _judge(
    standing: Standing | None, watched: Sequence[Watch], *, verify_s: float, now: datetime, rules_run: bool
) -> Verdict:
    """The verdict at ``now``. ``watched``: what the alarm's facts named, with readings of the last
    ``verify_s`` seconds and ``silent_after_s`` before them."""
    if not rules_run:
        detail = Label(
            en="The rules process is not running, so nobody watches the sensor.",
            zh="规则进程未运行，传感器暂时无人监视。",
        )
        return Verdict("rules_not_running", detail, None, None)
    if standing is None or standing.in_band_since is None:
        return Verdict("out_of_band", _out_of_band(watched), None, None)
    evidence = tuple(_evidence(watch, standing.in_band_since) for watch in watched)
    silent = [watch for watch in watched if _is_silent(watch, now)]
    if silent:
        return Verdict("sensor_silent", _silent(silent), standing.in_band_since, None, evidence)
    if any(_over(watch, standing.in_band_since, now) for watch in watched):
        return Verdict("out_of_band", _out_of_band(watched), None, None, evidence)
    heard_since = max(standing.in_band_since, *(_heard_since(watch, now) for watch in watched), _LONG_AGO)
    return _judge_time(standing, heard_since, evidence, verify_s=verify_s, now=now)


def _judge_time(
    standing: Standing,
    heard_since: datetime,
    evidence: tuple[Evidence, ...],
    *,
    verify_s: float,
    now: datetime,
) -> Verdict:
    """The verdict on a sensor that is back in band and was heard since then without a gap."""
    closes_at = heard_since + timedelta(seconds=verify_s)
    if closes_at <= now and standing.waits_for_reset:
        detail = Label(en="The alarm must be reset first.", zh="请先复位该告警。")
        return Verdict("not_reset", detail, heard_since, None, evidence)
    if closes_at > now or standing.state in PRESENT:
        detail = _not_yet(now - heard_since, verify_s, closes_at - now)
        return Verdict("not_yet_verified", detail, heard_since, max(closes_at, now), evidence)
    ok = Label(en="The sensor has been back in band long enough.", zh="传感器已恢复正常并持续足够时间。")
    return Verdict(None, ok, heard_since, closes_at, evidence)


_LONG_AGO = from_ms(0)


def _is_silent(watch: Watch, now: datetime) -> bool:
    return not watch.readings or to_ms(now) - watch.readings[-1].at_ms >= watch.silent_after_s * 1000


def _heard_since(watch: Watch, now: datetime) -> datetime:
    """Since when the point was heard without a gap as long as silence; the far past if there was none."""
    later_ms = to_ms(now)
    for reading in reversed(watch.readings):
        if later_ms - reading.at_ms >= watch.silent_after_s * 1000:
            return from_ms(later_ms)
        later_ms = reading.at_ms
    return _LONG_AGO


def _over(watch: Watch, since: datetime, now: datetime) -> bool:
    """Whether a reading since then was over its limit after all: the rules have not told us yet."""
    limit = watch.fact.limit
    if not isinstance(limit, int | float) or watch.fact.relation not in ("above", "below"):
        return False
    numbers = [
        reading.value
        for reading in watch.readings
        if to_ms(since) <= reading.at_ms <= to_ms(now) and isinstance(reading.value, int | float)
    ]
    above = watch.fact.relation == "above"
    return any(number > limit if above else number < limit for number in numbers)


def _evidence(watch: Watch, since: datetime) -> Evidence:
    within = [reading for reading in watch.readings if reading.at_ms >= to_ms(since)]
    numbers = [reading.value for reading in within if isinstance(reading.value, int | float)]
    last = watch.readings[-1] if watch.readings else None
    return Evidence(
        point=watch.fact.point_id,
        readings=len(within),
        min=min(numbers, default=None),
        max=max(numbers, default=None),
        last=last.value if last else None,
        last_at=from_ms(last.at_ms) if last else None,
    )


def _out_of_band(watched: Sequence[Watch]) -> Label:
    if not watched:
        return Label(en="The condition is still met.", zh="告警条件仍然成立。")
    said = sentence([watch.fact for watch in watched])
    return Label(en=f"{said['en']}.", zh=f"{said['zh']}。")


def _silent(silent: Sequence[Watch]) -> Label:
    first = silent[0].fact.point
    more = len(silent) - 1
    return Label(
        en=f"{first['en']}{f' and {more} more' if more else ''} sent nothing lately: there is no proof.",
        zh=f"{first['zh']}{f'等 {more + 1} 个测点' if more else ''}近期无数据，无法验证。",
    )


def _not_yet(so_far: timedelta, verify_s: float, left: timedelta) -> Label:
    done, needed, rest = (max(0, round(s)) for s in (so_far.total_seconds(), verify_s, left.total_seconds()))
    if rest == 0:
        return Label(
            en="Back in band; the alarm's off-delay still runs.", zh="已恢复正常，告警恢复延时仍在计时。"
        )
    return Label(
        en=f"In band for {done} s of the {needed} s needed; it can be closed in {rest} s.",
        zh=f"已恢复正常 {done} 秒，需持续 {needed} 秒，{rest} 秒后可关闭。",
    )
