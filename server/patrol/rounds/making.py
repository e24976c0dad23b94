"""Rounds are made from timetables, two days ahead, and made anew where a timetable changes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.db import note_change
from server.patrol.checkpoints.models import Checkpoint
from server.patrol.checkpoints.policy import Policy, policies
from server.patrol.rounds.lateness import LegState, RoundState
from server.patrol.rounds.models import Round, RoundLeg, Route, RouteLeg, Schedule
from server.patrol.rounds.schedule import Timetable, due
from server.patrol.rounds.substitutes import stand_in
from server.shifts.calendar import Days, Occurrence
from server.shifts.queries import calendars_of, workings, zone_of

AHEAD = timedelta(hours=48)
"""Rounds are made so long before their time, so that phones have them for a shift without signal."""
STEP = timedelta(hours=1)
"""As much more is made at once, so that a timetable is written once in such a time and not at each look."""


def generate(session: Session, *, now: datetime) -> int:
    """Make the rounds of the coming two days; gives how many. One that is there already stays as it is."""
    made = 0
    rows = session.execute(
        select(Schedule, Route)
        .join(Route, Route.id == Schedule.route_id)
        .where(
            Schedule.enabled,
            Route.retired_at.is_(None),
            or_(Schedule.generated_to.is_(None), Schedule.generated_to < now + AHEAD),
        )
        .with_for_update(of=Schedule)
    ).all()
    known = policies(session)
    for schedule, route in rows:
        made += _generate_one(session, schedule, route, known.get(route.site_id, Policy()), now=now)
    if made:
        note_change(session, "patrol")
    return made


def table_of(schedule: Schedule) -> Timetable:
    return Timetable(
        schedule.starts,
        timedelta(seconds=schedule.window_s),
        schedule.rrule,
        cast("Days", schedule.days),
        schedule.valid_from,
        schedule.valid_to,
    )


def _generate_one(
    session: Session, schedule: Schedule, route: Route, policy: Policy, *, now: datetime
) -> int:
    zone = zone_of(session, route.site_id)
    calendar = calendars_of(session, [route.site_id])[route.site_id]
    # the window that is open already is walked as well
    start = schedule.generated_to or now - timedelta(seconds=schedule.window_s)
    end = now + AHEAD + STEP
    legs = legs_of(session, route.id)
    made = 0
    is_personal = schedule.user_id is not None
    working = workings(session, start=start, end=end, site_id=route.site_id) if is_personal else []
    for when in due(table_of(schedule), zone, start=start, end=end, calendar=calendar):
        exists = session.scalar(
            select(Round.id).where(Round.schedule_id == schedule.id, Round.starts_at == when.starts_at)
        )
        if exists is not None or not legs:
            continue
        person = schedule.user_id
        user_id = stand_in(working, person, when.starts_at) if person is not None else None
        add_round(session, _round(schedule, route, when, user_id), legs, policy)
        made += 1
    schedule.generated_to = end
    return made


def _round(schedule: Schedule, route: Route, when: Occurrence, user_id: int | None) -> Round:
    return Round(
        kind="patrol",
        site_id=route.site_id,
        route_id=route.id,
        schedule_id=schedule.id,
        name=route.name,
        walk=route.walk,
        starts_at=when.starts_at,
        window_ends_at=when.ends_at,
        team_id=schedule.team_id,
        user_id=user_id,
        planned_id=user_id,
        state=RoundState.DUE,
    )


def add_round(session: Session, found: Round, legs: Sequence[RouteLeg], policy: Policy) -> None:
    """A round with the checkpoints of a route; in a random walk their order is drawn anew for each."""
    session.add(found)
    session.flush()
    ordered = list(legs)
    if found.walk == "random":
        drawn = random.Random(f"{found.route_id}:{found.starts_at.isoformat()}")  # noqa: S311 - not a secret
        drawn.shuffle(ordered)
    for position, leg in enumerate(ordered):
        due_at = found.starts_at + timedelta(seconds=leg.after_s) if leg.after_s is not None else None
        session.add(
            RoundLeg(
                round_id=found.id,
                position=position,
                checkpoint_id=leg.checkpoint_id,
                due_at=due_at if found.walk != "random" else None,
                tolerance_s=leg.tolerance_s if leg.tolerance_s is not None else policy.tolerance_s,
                state=LegState.PENDING,
            )
        )


def legs_of(session: Session, route_id: int) -> list[RouteLeg]:
    """The checkpoints of a route, retired ones left out."""
    return list(
        session.scalars(
            select(RouteLeg)
            .join(Checkpoint, Checkpoint.id == RouteLeg.checkpoint_id)
            .where(RouteLeg.route_id == route_id, Checkpoint.retired_at.is_(None))
            .order_by(RouteLeg.position)
        )
    )


def drop_future(session: Session, schedule: Schedule, *, now: datetime) -> None:
    """A schedule changed: rounds that did not begin are made anew."""
    ids = list(
        session.scalars(
            select(Round.id).where(
                Round.schedule_id == schedule.id, Round.starts_at > now, Round.state == RoundState.DUE
            )
        )
    )
    for leg in session.scalars(select(RoundLeg).where(RoundLeg.round_id.in_(ids))):
        session.delete(leg)
    session.flush()
    for found in session.scalars(select(Round).where(Round.id.in_(ids))):
        session.delete(found)
    schedule.generated_to = None
    session.flush()
