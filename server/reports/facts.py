"""What reports are made of, read from the patrol room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server.patrol.checkpoints.models import Checkpoint
from server.patrol.evidence.models import PatrolException, Scan
from server.patrol.rounds.alarms import LATE
from server.patrol.rounds.models import Round, RoundLeg
from server.reports.kpi import RoundFacts
from server.shifts.queries import zone_of

OVER = ("finished", "incomplete", "missed")


class Visits(NamedTuple):
    """How often a checkpoint was visited."""

    checkpoint_id: int
    plan_id: int | None
    x: int | None
    y: int | None
    visits: int
    """Scans that counted."""
    missed: int
    """Times it was due and nobody came."""


def round_facts(
    session: Session, *, start: datetime, end: datetime, site_id: int | None, person_id: int | None = None
) -> list[RoundFacts]:
    """Rounds that began in [start, end) and are over."""
    wanted = select(Round.id, Round.site_id, Round.route_id, Round.user_id, Round.starts_at).where(
        Round.starts_at >= start, Round.starts_at < end, Round.state.in_(OVER)
    )
    if site_id is not None:
        wanted = wanted.where(Round.site_id == site_id)
    if person_id is not None:
        wanted = wanted.where(Round.user_id == person_id)
    rows = session.execute(wanted.order_by(Round.id)).all()
    chosen = wanted.with_only_columns(Round.id).order_by(None)
    legs: dict[int, Counter[str]] = {}
    counted = select(RoundLeg.round_id, RoundLeg.state, func.count()).where(RoundLeg.round_id.in_(chosen))
    for round_id, state, count in session.execute(counted.group_by(RoundLeg.round_id, RoundLeg.state)):
        legs.setdefault(round_id, Counter())[state] = count
    scans = _count(session, Scan, chosen)
    exceptions = _count(session, PatrolException, chosen)
    zones = {site: zone_of(session, site) for site in {row.site_id for row in rows}}
    return [
        RoundFacts(
            site=row.site_id,
            route=row.route_id,
            person=row.user_id,
            month=row.starts_at.astimezone(zones[row.site_id]).strftime("%Y-%m"),
            due=sum(legs.get(row.id, Counter()).values()) - legs.get(row.id, Counter())["excused"],
            on_time=legs.get(row.id, Counter())["done"],
            late=legs.get(row.id, Counter())["late"],
            missed=legs.get(row.id, Counter())["missed"] + legs.get(row.id, Counter())["pending"],
            scans=scans.get(row.id, 0),
            exceptions=exceptions.get(row.id, 0),
        )
        for row in rows
    ]


def visits(session: Session, *, start: datetime, end: datetime, site_id: int) -> Sequence[Visits]:
    """How often each checkpoint of a site was visited and missed in [start, end): a heat map."""
    scanned: dict[int | None, int] = {
        row[0]: row[1]
        for row in session.execute(
            select(Scan.checkpoint_id, func.count())
            .where(Scan.site_id == site_id, Scan.at >= start, Scan.at < end, Scan.counts)
            .group_by(Scan.checkpoint_id)
        )
    }
    missed: dict[int, int] = {
        row[0]: row[1]
        for row in session.execute(
            select(RoundLeg.checkpoint_id, func.count())
            .join(Round, Round.id == RoundLeg.round_id)
            .where(Round.site_id == site_id, Round.starts_at >= start, Round.starts_at < end)
            .where(RoundLeg.state == "missed")
            .group_by(RoundLeg.checkpoint_id)
        )
    }
    rows = session.scalars(select(Checkpoint).where(Checkpoint.site_id == site_id).order_by(Checkpoint.id))
    return [
        Visits(row.id, row.plan_id, row.x, row.y, scanned.get(row.id, 0), missed.get(row.id, 0))
        for row in rows
        if row.retired_at is None or row.id in scanned or row.id in missed
    ]


def _count(
    session: Session, table: type[Scan] | type[PatrolException], chosen: Select[int]
) -> dict[int, int]:
    wanted = select(table.round_id, func.count()).where(table.round_id.in_(chosen))
    if table is PatrolException:
        # a late round has a rate of its own
        wanted = wanted.where(
            PatrolException.settled_as.is_distinct_from("innocent"), PatrolException.code != LATE
        )
    return {row[0] or 0: row[1] for row in session.execute(wanted.group_by(table.round_id))}
