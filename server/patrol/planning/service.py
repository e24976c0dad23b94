"""The verbs of planning: routes, schedules, what a site decided. Places have ``places``."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.assets.models import Space
from server.audit.service import Actor
from server.errors import Invalid, NotFound
from server.identity.models import User
from server.patrol.checkpoints.models import Checkpoint, PatrolSite
from server.patrol.checkpoints.policy import Policy
from server.patrol.planning.rows import change, find, record, require_free
from server.patrol.planning.schemas import RouteIn, ScheduleIn
from server.patrol.rounds import making
from server.patrol.rounds.models import Route, RouteLeg, Schedule
from server.patrol.rounds.schedule import check_table
from server.shifts.models import Team

POLICY_CHANGED = "patrol.policy_changed"


def set_policy(session: Session, site_id: int, policy: Policy, *, now: datetime, by: Actor) -> None:
    """What a site decides. Raises NotFound, Invalid for a walk of a fire watch on another site."""
    space = find(session, Space, site_id)
    if space.kind != "site":
        raise NotFound(f"There is no site {site_id}.", f"没有编号为 {site_id} 的项目。")
    walk = policy.fire_watch_route_id
    if walk is not None and find(session, Route, walk).site_id != site_id:
        raise Invalid(
            "The walk of a fire watch is on another site.", "消防巡查路线属于其他项目。", code="other_site"
        )
    row = session.get(PatrolSite, site_id)
    before = Policy.model_validate(row.policy) if row is not None else Policy()
    values: dict[str, object] = policy.model_dump(mode="json")
    if row is None:
        session.add(PatrolSite(site_id=site_id, policy=values))
    else:
        row.policy = values
    old = before.model_dump(mode="json")
    changed = {key: [old[key], value] for key, value in values.items() if old[key] != value}
    if changed:
        record(session, POLICY_CHANGED, ("space", site_id), changed, now=now, by=by)


def create_route(session: Session, wanted: RouteIn, *, now: datetime, by: Actor) -> Route:
    """Raises Conflict, Invalid, NotFound."""
    require_free(session, Route, wanted.key)
    _check_legs(session, wanted)
    row = Route(key=wanted.key, name=wanted.name, site_id=wanted.site_id, walk=wanted.walk)
    session.add(row)
    session.flush()
    _write_legs(session, row, wanted)
    record(session, "route.created", ("route", row.id), {"key": row.key}, now=now, by=by)
    return row


def change_route(session: Session, row: Route, wanted: RouteIn, *, now: datetime, by: Actor) -> Route:
    """All of it anew; rounds that did not begin follow. Raises Conflict, Invalid, NotFound."""
    if wanted.key != row.key:
        require_free(session, Route, wanted.key)
    _check_legs(session, wanted)
    row.key, row.name, row.walk = wanted.key, wanted.name, wanted.walk
    session.execute(delete(RouteLeg).where(RouteLeg.route_id == row.id))
    _write_legs(session, row, wanted)
    for schedule in session.scalars(select(Schedule).where(Schedule.route_id == row.id)):
        making.drop_future(session, schedule, now=now)
    making.generate(session, now=now)
    record(session, "route.changed", ("route", row.id), {"key": row.key}, now=now, by=by)
    return row


def retire_route(session: Session, row: Route, *, now: datetime, by: Actor) -> Route:
    """It is not walked any more; rounds that did not begin are gone."""
    if row.retired_at is None:
        row.retired_at = now
        for schedule in session.scalars(select(Schedule).where(Schedule.route_id == row.id)):
            making.drop_future(session, schedule, now=now)
        record(session, "route.retired", ("route", row.id), {}, now=now, by=by)
    return row


def create_schedule(session: Session, wanted: ScheduleIn, *, now: datetime, by: Actor) -> Schedule:
    """Rounds are made at once. Raises Invalid with what is wrong, NotFound."""
    row = Schedule(**_schedule_values(session, wanted))
    check_table(making.table_of(row))
    session.add(row)
    session.flush()
    making.generate(session, now=now)
    detail = wanted.model_dump(mode="json")
    record(session, "schedule.created", ("schedule", row.id), detail, now=now, by=by)
    return row


def draft_schedule(session: Session, wanted: ScheduleIn) -> Schedule:
    """The timetable as a row that is not added. Raises Invalid with what is wrong, NotFound."""
    row = Schedule(**_schedule_values(session, wanted))
    check_table(making.table_of(row))
    return row


def change_schedule(
    session: Session, row: Schedule, wanted: ScheduleIn, *, now: datetime, by: Actor
) -> Schedule:
    """All of it anew; rounds that did not begin are made anew. Raises Invalid, NotFound."""
    values = _schedule_values(session, wanted)
    check_table(making.table_of(Schedule(**values)))
    change(session, row, values, "schedule", now=now, by=by)
    making.drop_future(session, row, now=now)
    making.generate(session, now=now)
    return row


def _schedule_values(session: Session, wanted: ScheduleIn) -> dict[str, object]:
    find(session, Route, wanted.route_id)
    if wanted.team_id is not None:
        find(session, Team, wanted.team_id)
    if wanted.user_id is not None:
        find(session, User, wanted.user_id)
    return wanted.model_dump()


def _check_legs(session: Session, wanted: RouteIn) -> None:
    ids = [leg.checkpoint_id for leg in wanted.legs]
    rows = {row.id: row for row in session.scalars(select(Checkpoint).where(Checkpoint.id.in_(ids)))}
    for checkpoint_id in ids:
        row = rows.get(checkpoint_id)
        if row is None or row.retired_at is not None:
            raise Invalid(
                f"There is no checkpoint number {checkpoint_id} in use.",
                f"没有编号为 {checkpoint_id} 的在用巡更点。",
                code="unknown_checkpoint",
            )
        if row.site_id != wanted.site_id:
            raise Invalid(
                f"{row.name['en']} is on another site.", f"{row.name['zh']}属于其他项目。", code="other_site"
            )


def _write_legs(session: Session, route: Route, wanted: RouteIn) -> None:
    for position, leg in enumerate(wanted.legs):
        session.add(RouteLeg(route_id=route.id, position=position, **leg.model_dump()))
    session.flush()
