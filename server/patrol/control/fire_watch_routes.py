"""HTTP of fire watches."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db import RowId
from server.errors import Conflict, Label
from server.identity.access import Engineer, Guard
from server.patrol.control import queries as control
from server.patrol.control.schemas import FireWatchDetail, FireWatchIn, FireWatchRead
from server.patrol.planning.rows import find
from server.patrol.rounds.models import Round
from server.patrol.safety import fire_watch
from server.patrol.safety.models import FireWatch
from server.web.paging import Page
from server.web.requests import Now, ReadSession, WriteSession

router = APIRouter(tags=["patrol control room"])

Id = Annotated[RowId, Path()]


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
