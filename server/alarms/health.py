"""How healthy the alarm system is: counted against the usual targets (ISA-18.2 / IEC 62682 practice, as defaults).

Everything is read from counts of ten minutes (``AlarmTally``) and from columns with an index, so that a
year of a large site answers as quickly as a day of a small one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from server.alarms.health_schemas import (
    TARGETS,
    AlarmHealth,
    Answering,
    Bucket,
    Flood,
    Frequent,
    PriorityShare,
    StaleAlarm,
)
from server.alarms.lifecycle import Severity
from server.alarms.models import Alarm, AlarmEvent, AlarmTally
from server.alarms.queries import asset_refs, is_stale
from server.alarms.record import BUCKET_MS, bucket_start
from server.alarms.schemas import RuleRef
from server.clock import to_ms

MOST_LISTED = 20
MOST_BARS = 300
"""Longer ranges are shown with several ten minutes in a bar; its peak is that of its worst ten."""
_BARS_S = (600, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600)


class Range(NamedTuple):
    """What is looked at."""

    start: datetime
    end: datetime
    site_id: int | None
    operators: int
    """People who share the alarms: counts are per operator."""


def health(session: Session, wanted: Range, *, now: datetime) -> AlarmHealth:
    """All figures of a range."""
    counts = _per_bucket(session, wanted)
    announced = {bucket: row[0] for bucket, row in counts.items()}
    quiet = sum(row[1] for row in counts.values())
    first, last = _buckets(wanted)
    length = max(last - first, 1)
    floods = _floods(announced, wanted.operators)
    total = sum(announced.values())
    stale, stale_total = _stale(session, wanted, now=now)
    return AlarmHealth(
        start=wanted.start,
        end=wanted.end,
        operators=wanted.operators,
        targets=TARGETS,
        announced=total,
        quiet=quiet,
        per_ten_minutes=total / length / wanted.operators,
        peak=max(announced.values(), default=0) / wanted.operators,
        over_most_share=sum(n / wanted.operators > TARGETS.most_per_ten_minutes for n in announced.values())
        / length,
        flood_share=sum(flood.minutes for flood in floods) / (length * 10),
        bar_s=_bar_s(wanted),
        bars=_bars(counts, wanted),
        floods=sorted(floods, key=lambda flood: -flood.alarms)[:MOST_LISTED],
        flood_count=len(floods),
        priorities=_priorities(session, wanted),
        frequent=_frequent(session, wanted, total),
        chattering=_chattering(session, wanted),
        stale=stale,
        stale_total=stale_total,
        answering=_answering(session, wanted),
    )


def _buckets(wanted: Range) -> tuple[int, int]:
    """(first ten minutes, one after the last)."""
    return to_ms(wanted.start) // BUCKET_MS, -(-to_ms(wanted.end) // BUCKET_MS)


def _within(wanted: Range) -> list[ColumnElement[bool]]:
    first, last = _buckets(wanted)
    matching = [AlarmTally.bucket >= first, AlarmTally.bucket < last]
    return [*matching, AlarmTally.site_id == wanted.site_id] if wanted.site_id is not None else matching


def _per_bucket(session: Session, wanted: Range) -> dict[int, tuple[int, int]]:
    rows = session.execute(
        select(AlarmTally.bucket, func.sum(AlarmTally.announced), func.sum(AlarmTally.quiet))
        .where(*_within(wanted))
        .group_by(AlarmTally.bucket)
    )
    return {row[0]: (int(row[1]), int(row[2])) for row in rows}


def _bar_s(wanted: Range) -> int:
    length_s = (wanted.end - wanted.start).total_seconds()
    return next((step for step in _BARS_S if length_s / step <= MOST_BARS), _BARS_S[-1])


def _bars(counts: Mapping[int, tuple[int, int]], wanted: Range) -> list[Bucket]:
    step = _bar_s(wanted) * 1000 // BUCKET_MS
    first, last = _buckets(wanted)
    bars: dict[int, Bucket] = {}
    for start in range(first, last, step):
        bars[start] = Bucket(at=bucket_start(start), announced=0, quiet=0, peak=0)
    for bucket, (announced, quiet) in counts.items():
        bar = bars[first + (bucket - first) // step * step]
        bar.announced += announced
        bar.quiet += quiet
        bar.peak = max(bar.peak, announced)
    return list(bars.values())


def _floods(announced: Mapping[int, int], operators: int) -> list[Flood]:
    """Runs of ten minutes, each with at least as many alarms as begin a flood."""
    found: list[Flood] = []
    before: int | None = None
    for bucket in sorted(announced):
        count = announced[bucket]
        if count / operators < TARGETS.flood_begins_at:
            continue
        if before is not None and bucket == before + 1:
            found[-1].minutes += 10
            found[-1].alarms += count
            found[-1].peak = max(found[-1].peak, count)
        else:
            found.append(Flood(at=bucket_start(bucket), minutes=10, alarms=count, peak=count))
        before = bucket
    return found


def _priorities(session: Session, wanted: Range) -> list[PriorityShare]:
    rows = session.execute(
        select(AlarmTally.severity, func.sum(AlarmTally.announced))
        .where(*_within(wanted))
        .group_by(AlarmTally.severity)
    )
    counts = {row[0]: int(row[1]) for row in rows}
    total = sum(counts.values())
    return [
        PriorityShare(
            severity=severity, count=counts.get(severity, 0), share=counts.get(severity, 0) / max(total, 1)
        )
        for severity in Severity
    ]


def _frequent(session: Session, wanted: Range, total: int) -> list[Frequent]:
    count = func.sum(AlarmTally.announced)
    rows = session.execute(
        select(AlarmTally.rule_id, AlarmTally.asset_id, count)
        .where(*_within(wanted))
        .group_by(AlarmTally.rule_id, AlarmTally.asset_id)
        .having(count > 0)
        .order_by(count.desc(), AlarmTally.rule_id, AlarmTally.asset_id)
        .limit(MOST_LISTED)
    )
    return _named(session, [(row[0], row[1], int(row[2])) for row in rows], total)


def _chattering(session: Session, wanted: Range) -> list[Frequent]:
    count = func.count()
    matching = [AlarmEvent.at >= wanted.start, AlarmEvent.at < wanted.end, AlarmEvent.kind == "chattering"]
    if wanted.site_id is not None:
        matching.append(Alarm.site_id == wanted.site_id)
    rows = session.execute(
        select(Alarm.rule_id, Alarm.asset_id, count)
        .select_from(AlarmEvent)
        .join(Alarm, Alarm.id == AlarmEvent.alarm_id)
        .where(*matching)
        .group_by(Alarm.rule_id, Alarm.asset_id)
        .order_by(count.desc())
        .limit(MOST_LISTED)
    )
    found = [(row[0], row[1], int(row[2])) for row in rows]
    return _named(session, found, sum(row[2] for row in found))


def _named(session: Session, rows: Sequence[tuple[int, int, int]], total: int) -> list[Frequent]:
    assets = asset_refs(session, {row[1] for row in rows})
    newest = select(func.max(Alarm.id)).group_by(Alarm.rule_id).where(Alarm.rule_id.in_({r[0] for r in rows}))
    named = session.execute(
        select(Alarm.rule_id, Alarm.rule_key, Alarm.rule_name).where(Alarm.id.in_(newest))
    )
    rules = {row.rule_id: RuleRef(id=row.rule_id, key=row.rule_key, name=row.rule_name) for row in named}
    return [
        Frequent(rule=rules[rule], asset=assets[asset], count=count, share=count / max(total, 1))
        for rule, asset, count in rows
        if rule in rules and asset in assets
    ]


def _stale(session: Session, wanted: Range, *, now: datetime) -> tuple[list[StaleAlarm], int]:
    """Alarms that have been present for over a day, the oldest first: of now, whatever the range."""
    matching = [is_stale(now), Alarm.availability == "in_service"]
    if wanted.site_id is not None:
        matching.append(Alarm.site_id == wanted.site_id)
    total = session.scalar(select(func.count()).select_from(Alarm).where(*matching)) or 0
    rows = session.scalars(select(Alarm).where(*matching).order_by(Alarm.raised_at).limit(MOST_LISTED)).all()
    assets = asset_refs(session, {row.asset_id for row in rows})
    found = [
        StaleAlarm(
            id=row.id,
            rule=RuleRef(id=row.rule_id, key=row.rule_key, name=row.rule_name),
            asset=assets[row.asset_id],
            severity=Severity(row.severity),
            raised_at=row.raised_at,
        )
        for row in rows
    ]
    return found, total


def _answering(session: Session, wanted: Range) -> Answering:
    matching = [
        Alarm.acknowledged_at >= wanted.start,
        Alarm.acknowledged_at < wanted.end,
        Alarm.answered_s.is_not(None),
    ]
    if wanted.site_id is not None:
        matching.append(Alarm.site_id == wanted.site_id)
    # one pass over an index and a sort of our own: the database would sort them anew for each figure
    found = session.scalars(select(Alarm.answered_s).where(*matching))
    times = sorted(answered_s for answered_s in found if answered_s is not None)
    count = len(times)
    in_time = bisect_right(times, TARGETS.answer_s)
    return Answering(
        acknowledged=count,
        median_s=_at(times, 0.5),
        p90_s=_at(times, 0.9),
        longest_s=_at(times, 1.0),
        in_time_share=in_time / count if count else None,
    )


def _at(times: Sequence[float], share: float) -> float | None:
    """The value below which ``share`` of them lie (nearest rank); they are in order."""
    if not times:
        return None
    return times[max(0, -(-len(times) * round(share * 100) // 100) - 1)]


def range_of(
    start: datetime | None, end: datetime | None, site_id: int | None, operators: int, now: datetime
) -> Range:
    """The range asked for; without one, the last seven days."""
    last = end or now
    return Range(start or last - timedelta(days=7), last, site_id, operators)
