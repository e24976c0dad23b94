"""Reading for the control room."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.identity.person import CurrentUser
from server.identity.roles import Role
from server.patrol.checkpoints.policy import Policy, policies
from server.patrol.control.schemas import (
    AnswersRead,
    ContestRead,
    ExceptionRead,
    GaugeRead,
    HistoryRow,
    RoundDetail,
    RoundRead,
    ScanRead,
    WhereRead,
)
from server.patrol.evidence.models import PatrolEvent, PatrolException, Scan
from server.patrol.on_site.models import FormAnswers, TypedReading
from server.patrol.people import PersonRead, people_of
from server.patrol.proof.reasons import REASONS, text_of
from server.patrol.proof.schemas import ReasonRead
from server.patrol.rounds.models import Contest, Round, RoundLeg
from server.patrol.rounds.schemas import leg_read
from server.patrol.rounds.walking import window_of
from server.patrol.rounds.walks import Walk

MOST_ROUNDS = 1000
MOST_HISTORY = 500


def of_window(
    session: Session, *, start: datetime, end: datetime, site_id: int | None, user: CurrentUser
) -> list[RoundRead]:
    """Rounds whose windows touch [start, end). Guards see their own."""
    wanted = (
        select(Round)
        .where(Round.starts_at < end, Round.window_ends_at > start)
        .order_by(Round.starts_at, Round.id)
        .limit(MOST_ROUNDS)
    )
    if site_id is not None:
        wanted = wanted.where(Round.site_id == site_id)
    if not user.role.includes(Role.ENGINEER):
        wanted = wanted.where(Round.user_id == user.id)
    return read_rounds(session, session.scalars(wanted).all())


def read_rounds(session: Session, found: Sequence[Round]) -> list[RoundRead]:
    """Rounds with their checkpoints, as they cross HTTP."""
    ids = [row.id for row in found]
    legs: dict[int, list[RoundLeg]] = {}
    rows = select(RoundLeg).where(RoundLeg.round_id.in_(ids)).order_by(RoundLeg.round_id, RoundLeg.position)
    for leg in session.scalars(rows):
        legs.setdefault(leg.round_id, []).append(leg)
    people = people_of(session, {row.user_id for row in found if row.user_id is not None})
    counted = session.execute(
        select(PatrolException.round_id, func.count())
        .where(PatrolException.round_id.in_(ids), PatrolException.settled_at.is_(None))
        .group_by(PatrolException.round_id)
    )
    open_ones = {row[0]: row[1] for row in counted}
    known = policies(session)
    return [
        _round(row, legs.get(row.id, []), people, open_ones.get(row.id, 0), known.get(row.site_id, Policy()))
        for row in found
    ]


def detail(session: Session, walk: Walk) -> RoundDetail:
    """All about one round."""
    found = walk.round
    scans = session.scalars(select(Scan).where(Scan.round_id == found.id).order_by(Scan.at, Scan.id)).all()
    people = people_of(session, {scan.user_id for scan in scans})
    answers = session.scalars(
        select(FormAnswers).where(FormAnswers.round_id == found.id).order_by(FormAnswers.at)
    ).all()
    typed = session.scalars(
        select(TypedReading)
        .where(TypedReading.event_id.in_([row.event_id for row in answers]))
        .order_by(TypedReading.id)
    )
    contests = session.scalars(select(Contest).where(Contest.round_id == found.id).order_by(Contest.at))
    history = session.scalars(
        select(PatrolEvent)
        .where(PatrolEvent.round_id == found.id)
        .order_by(PatrolEvent.number.desc())
        .limit(MOST_HISTORY)
    ).all()
    exceptions = session.scalars(
        select(PatrolException).where(PatrolException.round_id == found.id).order_by(PatrolException.id)
    ).all()
    return RoundDetail(
        **read_rounds(session, [found])[0].model_dump(),
        signature_id=found.signature_id,
        scans=[_scan(scan, people) for scan in scans],
        answers=[AnswersRead.model_validate(row, from_attributes=True) for row in answers],
        gauges=[GaugeRead.model_validate(row) for row in typed],
        contests=read_contests(session, contests.all()),
        history=[_history(row) for row in reversed(history)],
        digest=history[0].hash if history else None,
        shown_exceptions=read_exceptions(session, exceptions),
    )


def exceptions(
    session: Session,
    *,
    is_open: bool,
    site_id: int | None,
    codes: Sequence[str] | None,
    before_id: int | None,
    limit: int,
) -> tuple[list[ExceptionRead], int]:
    """(exceptions, newest first, how many match)."""
    wanted = select(PatrolException)
    if is_open:
        wanted = wanted.where(PatrolException.settled_at.is_(None))
    if site_id is not None:
        wanted = wanted.where(PatrolException.site_id == site_id)
    if codes is not None:
        wanted = wanted.where(PatrolException.code.in_(codes))
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    if before_id is not None:
        wanted = wanted.where(PatrolException.id < before_id)
    rows = session.scalars(wanted.order_by(PatrolException.id.desc()).limit(limit)).all()
    return read_exceptions(session, rows), total


def read_exceptions(session: Session, rows: Sequence[PatrolException]) -> list[ExceptionRead]:
    people = people_of(session, {row.user_id for row in rows if row.user_id is not None})
    fields = [field for field in ExceptionRead.model_fields if field != "person"]
    return [
        ExceptionRead.model_validate(
            {**{field: getattr(row, field) for field in fields}, "person": people.get(row.user_id or 0)}
        )
        for row in rows
    ]


def read_contests(session: Session, rows: Sequence[Contest]) -> list[ContestRead]:
    """Contests with who contests."""
    people = people_of(session, {row.user_id for row in rows})
    fields = [field for field in ContestRead.model_fields if field != "person"]
    return [
        ContestRead.model_validate(
            {**{field: getattr(row, field) for field in fields}, "person": _person(people, row.user_id)}
        )
        for row in rows
    ]


def where(session: Session, *, now: datetime, site_id: int | None) -> list[WhereRead]:
    """Where the people on rounds were proven last: a scan that counts for nothing says nothing of a place."""
    wanted = select(Round).where(
        Round.state == "started", Round.user_id.is_not(None), Round.starts_at > now - timedelta(days=2)
    )
    if site_id is not None:
        wanted = wanted.where(Round.site_id == site_id)
    found = session.scalars(wanted.order_by(Round.id)).all()
    people = people_of(session, {row.user_id for row in found if row.user_id is not None})
    shown: list[WhereRead] = []
    for row in found:
        last = session.scalar(
            select(Scan)
            .where(Scan.round_id == row.id, Scan.checkpoint_id.is_not(None), Scan.counts)
            .order_by(Scan.at.desc())
            .limit(1)
        )
        person = people.get(row.user_id or 0)
        if person is None:
            continue
        event = session.scalar(select(PatrolEvent).where(PatrolEvent.id == last.id)) if last else None
        battery = json.loads(event.body)["event"].get("battery_percent") if event else None
        shown.append(
            WhereRead(
                person=person,
                round_id=row.id,
                checkpoint_id=last.checkpoint_id if last else None,
                at=last.at if last else None,
                battery_percent=battery,
            )
        )
    return shown


def _round(
    row: Round, legs: Sequence[RoundLeg], people: Mapping[int, PersonRead], open_ones: int, policy: Policy
) -> RoundRead:
    return RoundRead(
        id=row.id,
        kind=row.kind,
        site_id=row.site_id,
        route_id=row.route_id,
        name=row.name,
        order=row.walk,
        state=row.state,
        starts_at=row.starts_at,
        window_ends_at=row.window_ends_at,
        closes_at=window_of(row, policy).closes_at,
        team_id=row.team_id,
        person=people.get(row.user_id or 0),
        started_at=row.started_at,
        finished_at=row.finished_at,
        is_late=row.is_late,
        late_since=row.late_since,
        suspended_at=row.suspended_at,
        cause=row.cause,
        done=sum(leg.state in {"done", "late", "excused"} for leg in legs),
        missed=sum(leg.state == "missed" for leg in legs),
        total=len(legs),
        exceptions=open_ones,
        legs=[leg_read(leg) for leg in legs],
    )


def _scan(scan: Scan, people: Mapping[int, PersonRead]) -> ScanRead:
    fields = [field for field in ScanRead.model_fields if field not in {"person", "reasons"}]
    return ScanRead.model_validate(
        {
            **{field: getattr(scan, field) for field in fields},
            "person": _person(people, scan.user_id),
            "reasons": [
                ReasonRead(code=code, text=text_of(code)) for code in scan.reasons if code in REASONS
            ],
        }
    )


def _person(people: Mapping[int, PersonRead], user_id: int) -> PersonRead:
    return people.get(user_id) or PersonRead(id=user_id, display_name="?")


def _history(row: PatrolEvent) -> HistoryRow:
    """Never what a tag said: a message that is not used yet opens a door."""
    whole = json.loads(row.body)
    told = whole.get("verdict") if row.origin == "phone" else whole.get("detail")
    return HistoryRow(number=row.number, at=row.at, kind=row.kind, origin=row.origin, detail=told or {})
