"""HTTP of what supervisors settle: exceptions, and contests of what was called missed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import StringConstraints
from sqlalchemy import select

from server.db import RowId
from server.identity.access import Engineer
from server.patrol.control import deciding
from server.patrol.control import queries as control
from server.patrol.control.schemas import ContestRead, Decide, ExceptionRead, Settle
from server.patrol.rounds.models import Contest
from server.web.paging import Cursor, Limit, Page, cut
from server.web.requests import Now, ReadSession, WriteSession

router = APIRouter(tags=["patrol control room"])

Id = Annotated[RowId, Path()]
SiteQuery = Annotated[RowId | None, Query(description="Only of this site")]

Codes = Annotated[
    list[Annotated[str, StringConstraints(max_length=32)]] | None,
    Query(alias="code", max_length=20, description="Of these kinds only, as late or missed"),
]


@router.get("/patrol/exceptions", response_model=Page[ExceptionRead])
def list_patrol_exceptions(
    *,
    _user: Engineer,
    session: ReadSession,
    state: Annotated[str, Query(pattern="^(open|all)$")] = "open",
    site: SiteQuery = None,
    codes: Codes = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ExceptionRead]:
    """What a supervisor should see, newest first."""
    found, total = control.exceptions(
        session, is_open=state == "open", site_id=site, codes=codes, before_id=cursor, limit=limit + 1
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
