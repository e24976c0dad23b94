"""HTTP of the control room: rounds, and who is where."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime
from sqlalchemy.orm import Session

from server.assets.queries import first_site
from server.db import RowId
from server.errors import Forbidden, Invalid, Label
from server.identity.access import Engineer, Guard
from server.identity.person import CurrentUser
from server.identity.roles import Role
from server.patrol.control import queries as control
from server.patrol.control.schemas import (
    CallGuard,
    Excuse,
    InsertCheckpoint,
    Reassign,
    RoundDetail,
    RoundRead,
    Suspend,
    WhereRead,
)
from server.patrol.planning.rows import find
from server.patrol.rounds import service as rounds
from server.patrol.rounds.models import Round
from server.patrol.rounds.walks import Walk, walk_of
from server.shifts.queries import zone_of
from server.web.paging import Page
from server.web.requests import Now, ReadSession, WriteSession

router = APIRouter(tags=["patrol control room"])

Id = Annotated[RowId, Path()]
SiteQuery = Annotated[RowId | None, Query(description="Only of this site")]


@router.get("/patrol/rounds", response_model=Page[RoundRead])
def list_rounds(
    *,
    user: Guard,
    session: ReadSession,
    now: Now,
    day: Annotated[date | None, Query(description="Day of the site; default: today")] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    to: Annotated[AwareDatetime | None, Query()] = None,
    site: SiteQuery = None,
) -> Page[RoundRead]:
    """Rounds of a day (or between two times) with their checkpoints. Guards see their own."""
    start, end = (since, to) if since and to else _day(session, day, site, now)
    if not timedelta(0) < end - start <= timedelta(days=32):
        raise Invalid("Ask for 32 days at most.", "一次最多查询 32 天。", code="bad_range")
    items = control.of_window(session, start=start, end=end, site_id=site, user=user)
    return Page(items=items, total=len(items), next=None)


@router.get("/patrol/where", response_model=list[WhereRead])
def read_where(_user: Engineer, session: ReadSession, now: Now, site: SiteQuery = None) -> list[WhereRead]:
    """Where the people on rounds scanned last. Only of people on a round."""
    return control.where(session, now=now, site_id=site)


@router.get("/patrol/rounds/{row_id}", response_model=RoundDetail)
def read_round(user: Guard, session: ReadSession, row_id: Id) -> RoundDetail:
    """One round with its scans, answers, exceptions and history."""
    walk = walk_of(session, find(session, Round, row_id))
    if not user.role.includes(Role.ENGINEER) and walk.round.user_id != user.id:
        raise Forbidden("This round is somebody else's.", "这是他人的巡更任务。", code="not_yours")
    return control.detail(session, walk)


@router.post("/patrol/rounds/{row_id}/suspend", response_model=RoundRead)
def suspend_round(user: Engineer, session: WriteSession, now: Now, row_id: Id, wanted: Suspend) -> RoundRead:
    """Something else is more important; nothing of it is late until it goes on."""
    cause = _said(user, wanted.reason)
    return _read(session, rounds.suspend(session, row_id, now=now, by=user.actor, cause=cause))


@router.post("/patrol/rounds/{row_id}/resume", response_model=RoundRead)
def resume_round(user: Engineer, session: WriteSession, now: Now, row_id: Id) -> RoundRead:
    """It goes on."""
    return _read(session, rounds.resume(session, row_id, now=now, by=user.actor))


@router.post("/patrol/rounds/{row_id}/reassign", response_model=RoundRead)
def reassign_round(
    user: Engineer, session: WriteSession, now: Now, row_id: Id, wanted: Reassign
) -> RoundRead:
    """Give it to somebody else."""
    return _read(session, rounds.reassign(session, row_id, now=now, by=user.actor, user_id=wanted.user_id))


@router.post("/patrol/rounds/{row_id}/insert", response_model=RoundRead)
def insert_round_checkpoint(
    user: Engineer, session: WriteSession, now: Now, row_id: Id, wanted: InsertCheckpoint
) -> RoundRead:
    """One more checkpoint."""
    walk = rounds.insert_checkpoint(
        session,
        row_id,
        now=now,
        by=user.actor,
        checkpoint_id=wanted.checkpoint_id,
        cause=_said(user, wanted.reason),
        within=timedelta(seconds=wanted.within_s),
    )
    return _read(session, walk)


@router.post("/patrol/rounds/{row_id}/call", response_model=RoundRead)
def call_guard_of_round(
    user: Engineer, session: WriteSession, now: Now, row_id: Id, wanted: CallGuard
) -> RoundRead:
    """Call the attention of whoever walks it."""
    return _read(session, rounds.call_guard(session, row_id, now=now, by=user.actor, text=wanted.text))


@router.post("/patrol/rounds/{row_id}/excuse", response_model=RoundRead)
def excuse_round_checkpoint(
    user: Engineer, session: WriteSession, now: Now, row_id: Id, wanted: Excuse
) -> RoundRead:
    """A missed checkpoint is excused."""
    walk = rounds.excuse(
        session, row_id, wanted.checkpoint_id, now=now, by=user.actor, comment=wanted.comment
    )
    return _read(session, walk)


def _read(session: Session, walk: Walk) -> RoundRead:
    session.flush()
    return control.read_rounds(session, [walk.round])[0]


def _said(user: CurrentUser, reason: str) -> dict[str, object]:
    return {"kind": "person", "id": user.id, "text": Label(en=reason, zh=reason)}


def _day(session: Session, day: date | None, site: int | None, now: datetime) -> tuple[datetime, datetime]:
    """The ends of a day in the site's own time."""
    first = first_site(session)
    site_id = site if site is not None else first.id if first is not None else None
    zone = zone_of(session, site_id) if site_id is not None else ZoneInfo("UTC")
    wanted = day or now.astimezone(zone).date()
    start = datetime.combine(wanted, time.min, zone)
    return start, datetime.combine(wanted + timedelta(days=1), time.min, zone)
