"""What the store and the database know about the repair that a ticket claims."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.alarms.lifecycle import PRESENT, AlarmState
from server.alarms.models import Alarm, StoredFact
from server.alarms.queries import read_facts
from server.alarms.service import is_standing, latest
from server.alarms.silence import silence_after_s
from server.assets.models import Point
from server.clock import to_ms
from server.errors import Label
from server.intake.service import last_beat
from server.tickets.models import Ticket
from server.tickets.verification import Standing, Verdict, Watch, judge
from telemetry.reading import Reading
from telemetry.store.contract import ReadingStore, StoreUnavailable

StoreSource = Callable[[], ReadingStore]
"""Opens the readings when they are needed; raises StoreUnavailable."""
RULES = "rules"
"""Name under which the rules process writes its heartbeat."""
RULES_ALIVE = timedelta(seconds=10)


def verdict_on(session: Session, store: StoreSource, ticket: Ticket, *, now: datetime) -> Verdict:
    """Whether the sensor agrees that this ticket, which a rule opened, is done."""
    rule_id = ticket.rule_id
    alarm = latest(session, rule_id, ticket.asset_id) if rule_id is not None else None
    standing = _standing(alarm) if alarm else None
    try:
        watched = _watch(session, store, alarm.facts if alarm else [], ticket.verify_s, now)
    except StoreUnavailable:
        detail = Label(
            en="The readings cannot be reached now, so there is no proof.", zh="暂时无法读取数据，无法验证。"
        )
        return Verdict("store_unavailable", detail, standing.in_band_since if standing else None, None)
    return judge(
        standing=standing,
        watched=watched,
        verify_s=ticket.verify_s,
        now=now,
        rules_run=rules_run(session, now),
    )


def still_in_band(session: Session, ticket: Ticket, verdict: Verdict) -> bool:
    """Whether nothing was told since that would have made the verdict another."""
    alarm = latest(session, ticket.rule_id, ticket.asset_id) if ticket.rule_id is not None else None
    since = alarm.in_band_since if alarm else None
    return since is not None and verdict.in_band_since is not None and since <= verdict.in_band_since


def rules_run(session: Session, now: datetime) -> bool:
    """Whether the rules process gave a sign of life lately."""
    beat = last_beat(session, RULES)
    return beat is not None and now - beat.at < RULES_ALIVE


def _standing(alarm: Alarm) -> Standing:
    state = AlarmState(alarm.state)
    return Standing(state, alarm.in_band_since, state in PRESENT and not is_standing(alarm))


def _watch(
    session: Session, store: StoreSource, facts: Sequence[StoredFact], verify_s: float, now: datetime
) -> list[Watch]:
    """The points of these facts that still exist, with their live readings."""
    ids = sorted({fact["point"] for fact in facts})
    rows = session.execute(select(Point.id, Point.interval_s).where(Point.id.in_(ids)))
    silent_after = {row.id: silence_after_s(row.interval_s) for row in rows}
    found: dict[int, list[Reading]] = {point: [] for point in silent_after}
    if found:
        start_ms = to_ms(now) - round((verify_s + max(silent_after.values())) * 1000)
        for reading in store().read(list(found), start_ms, to_ms(now) + 1):
            if reading.is_measured and reading.value is not None:
                found[reading.point].append(reading)
    current: list[StoredFact] = [
        {**fact, "value": found[fact["point"]][-1].value} if found.get(fact["point"]) else fact
        for fact in facts
    ]
    return [
        Watch(fact, silent_after[fact.point_id], found[fact.point_id])
        for fact in read_facts(session, current)
        if fact.point_id in found
    ]
