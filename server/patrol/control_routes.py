"""HTTP of the control room: rounds, exceptions, contests, findings, fire watches."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.queries import first_site
from server.db import RowId
from server.errors import Conflict, Forbidden, Invalid, Label, NotFound
from server.identity.access import Engineer, Guard
from server.identity.person import CurrentUser
from server.identity.roles import Role
from server.patrol import control, deciding, findings, fire_watch, rounds
from server.patrol.book import Walk, walk_of
from server.patrol.bundle import finding_read
from server.patrol.control_schemas import (
    CallGuard,
    ContestRead,
    Decide,
    ExceptionRead,
    Excuse,
    FireWatchDetail,
    FireWatchIn,
    FireWatchRead,
    InsertCheckpoint,
    Reassign,
    RoundDetail,
    RoundRead,
    Settle,
    Suspend,
    WhereRead,
)
from server.patrol.models import FireWatch, Round
from server.patrol.plan_rows import find
from server.patrol.records import Contest, Finding
from server.patrol.schemas import FindingRead
from server.shifts.queries import zone_of
from server.web.paging import Cursor, Limit, Page, cut
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


@router.get("/patrol/exceptions", response_model=Page[ExceptionRead])
def list_patrol_exceptions(
    *,
    _user: Engineer,
    session: ReadSession,
    state: Annotated[str, Query(pattern="^(open|all)$")] = "open",
    site: SiteQuery = None,
    code: Annotated[str | None, Query(max_length=32)] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ExceptionRead]:
    """What a supervisor should see, newest first."""
    found, total = control.exceptions(
        session, is_open=state == "open", site_id=site, code=code, before_id=cursor, limit=limit + 1
    )
    items, more = cut(found, limit)
    return Page(items=list(items), total=total, next=str(items[-1].id) if more else None)


@router.post("/patrol/exceptions/{row_id}/settle", response_model=ExceptionRead)
def settle_patrol_exception(
    user: Engineer, session: WriteSession, now: Now, row_id: Id, wanted: Settle
) -> ExceptionRead:
    """Say what it was. Nobody settles what is about themselves."""
    row = deciding.settle(
        session, row_id, now=now, user=user, settled_as=wanted.settled_as, comment=wanted.comment
    )
    return control.read_exceptions(session, [row])[0]


@router.get("/patrol/contests", response_model=Page[ContestRead])
def list_contests(_user: Engineer, session: ReadSession) -> Page[ContestRead]:
    """Missed points that somebody contests, undecided ones first."""
    rows = session.scalars(
        select(Contest).order_by(Contest.decided_at.is_not(None), Contest.at.desc()).limit(500)
    )
    items = control.read_contests(session, rows.all())
    return Page(items=items, total=len(items), next=None)


@router.post("/patrol/contests/{contest_id}/decide", response_model=ContestRead)
def decide_contest(
    user: Engineer,
    session: WriteSession,
    now: Now,
    contest_id: Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")],
    wanted: Decide,
) -> ContestRead:
    """Grant it, and the point is excused; or not, with a reason. Not one's own."""
    row = deciding.decide(
        session, contest_id, now=now, user=user, is_granted=wanted.is_granted, comment=wanted.comment
    )
    return control.read_contests(session, [row])[0]


@router.get("/patrol/findings", response_model=Page[FindingRead])
def list_findings(
    *,
    _user: Engineer,
    session: ReadSession,
    state: Annotated[str, Query(pattern="^(open|all)$")] = "open",
    site: SiteQuery = None,
) -> Page[FindingRead]:
    """Defects that were found, newest first."""
    wanted = select(Finding).order_by(Finding.at.desc()).limit(500)
    if state == "open":
        wanted = wanted.where(Finding.fixed_at.is_(None))
    if site is not None:
        wanted = wanted.where(Finding.site_id == site)
    items = [finding_read(row) for row in session.scalars(wanted)]
    return Page(items=items, total=len(items), next=None)


@router.post("/patrol/findings/{finding_id}/ticket", response_model=FindingRead)
def make_finding_ticket(
    user: Engineer,
    session: WriteSession,
    now: Now,
    finding_id: Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")],
    asset_id: Annotated[RowId | None, Query()] = None,
) -> FindingRead:
    """Make it a ticket; the one it has, if it has one."""
    row = session.get(Finding, finding_id, with_for_update=True)
    if row is None:
        raise NotFound("There is no such finding.", "没有此隐患记录。")
    row.asset_id = row.asset_id or asset_id
    if row.asset_id is None:
        raise Conflict("Say which equipment it is about.", "请选择相关设备。", code="asset_needed")
    findings.make_ticket(session, row, now=now, actor=user.actor)
    return finding_read(row)


@router.get("/patrol/fire-watches", response_model=Page[FireWatchRead])
def list_fire_watches(
    _user: Guard, session: ReadSession, state: Annotated[str, Query(pattern="^(open|all)$")] = "open"
) -> Page[FireWatchRead]:
    """Fire zones that are switched off and walked."""
    wanted = select(FireWatch).order_by(FireWatch.id.desc()).limit(500)
    if state == "open":
        wanted = wanted.where(FireWatch.ended_at.is_(None))
    items = [FireWatchRead.model_validate(row) for row in session.scalars(wanted)]
    return Page(items=items, total=len(items), next=None)


@router.get("/patrol/fire-watches/{row_id}", response_model=FireWatchDetail)
def read_fire_watch(_user: Engineer, session: ReadSession, row_id: Id) -> FireWatchDetail:
    """One fire watch with all of its rounds: the log that is printed."""
    return _watch(session, find(session, FireWatch, row_id))


@router.post("/patrol/fire-watches", response_model=FireWatchDetail, status_code=201)
def begin_fire_watch(user: Engineer, session: WriteSession, now: Now, wanted: FireWatchIn) -> FireWatchDetail:
    """Begin one by hand: a zone without a signal is switched off."""
    row = fire_watch.begin(
        session,
        now=now,
        by=user.actor,
        asset_id=wanted.asset_id,
        point_id=None,
        reason=Label(en=wanted.reason, zh=wanted.reason),
        every_s=wanted.every_s,
    )
    fire_watch.make_rounds(session, now=now)
    return _watch(session, row)


@router.post("/patrol/fire-watches/{row_id}/end", response_model=FireWatchDetail)
def end_fire_watch(user: Engineer, session: WriteSession, now: Now, row_id: Id) -> FireWatchDetail:
    """The zone is on again. One that a panel began ends by the panel."""
    row = fire_watch.get_watch(session, row_id)
    if row.point_id is not None and row.ended_at is None:
        raise Conflict(
            "The panel still says that the zone is switched off.",
            "控制器显示该区域仍被屏蔽。",
            code="still_off",
        )
    return _watch(session, fire_watch.end(session, row, now=now, by=user.actor))


def _watch(session: Session, row: FireWatch) -> FireWatchDetail:
    found = session.scalars(
        select(Round).where(Round.fire_watch_id == row.id).order_by(Round.starts_at, Round.id)
    ).all()
    return FireWatchDetail(
        **FireWatchRead.model_validate(row).model_dump(), rounds=control.read_rounds(session, found)
    )


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
