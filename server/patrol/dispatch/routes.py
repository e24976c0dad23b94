"""HTTP of sending people to alarms: who would go, who was sent and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import isfinite
from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.alarms.models import Alarm
from server.assets.models import Asset
from server.db import RowId
from server.errors import NotFound
from server.identity.access import Engineer
from server.patrol.checkpoints.nearby import checkpoint_near
from server.patrol.checkpoints.policy import policy_of
from server.patrol.dispatch import nearest
from server.patrol.dispatch import service as dispatching
from server.patrol.dispatch.models import Dispatch
from server.patrol.dispatch.schemas import CandidateRead, DispatchOutlook, DispatchRead, SendTo
from server.patrol.people import people_of
from server.patrol.rounds.models import RoundLeg
from server.web.paging import Page
from server.web.requests import Now, ReadSession, WriteSession

router = APIRouter(tags=["patrol control room"])

RECENT = timedelta(hours=24)
MOST = 50


@router.get("/patrol/dispatches", response_model=Page[DispatchRead])
def list_dispatches(_user: Engineer, session: ReadSession, now: Now) -> Page[DispatchRead]:
    """Who was sent to alarms within the last day, newest first."""
    rows = session.scalars(
        select(Dispatch)
        .where(Dispatch.at > now - RECENT, Dispatch.round_id.is_not(None))
        .order_by(Dispatch.at.desc())
        .limit(MOST)
    ).all()
    items = _read(session, rows)
    return Page(items=items, total=len(items), next=None)


@router.get("/patrol/dispatches/{alarm_id}", response_model=DispatchOutlook)
def read_dispatch_outlook(
    _user: Engineer, session: ReadSession, now: Now, alarm_id: Annotated[RowId, Path()]
) -> DispatchOutlook:
    """Who was sent to an alarm, and who could be."""
    alarm = _alarm(session, alarm_id)
    sent = session.get(Dispatch, alarm_id)
    target = checkpoint_near(session, alarm.asset_id)
    site_id = dispatching.site_of(session, alarm)
    return DispatchOutlook(
        sent=_read(session, [sent])[0] if sent is not None else None,
        checkpoint_id=target,
        is_suspending=policy_of(session, site_id).alarm_suspends,
        people=_candidates(session, site_id, target, now) if target is not None else [],
    )


@router.post("/patrol/dispatches", response_model=DispatchRead)
def send_to_alarm(user: Engineer, session: WriteSession, now: Now, wanted: SendTo) -> DispatchRead:
    """Send the nearest person at work, or the one who is named, to an alarm."""
    row = dispatching.send(
        session,
        _alarm(session, wanted.alarm_id),
        now=now,
        by=user.actor,
        checkpoint_id=wanted.checkpoint_id,
        user_id=wanted.user_id,
    )
    session.flush()
    return _read(session, [row])[0]


def _alarm(session: Session, alarm_id: int) -> Alarm:
    alarm = session.get(Alarm, alarm_id)
    if alarm is None:
        raise NotFound(f"There is no alarm {alarm_id}.", f"没有编号为 {alarm_id} 的告警。")
    return alarm


def _candidates(session: Session, site_id: int, target: int, now: datetime) -> list[CandidateRead]:
    found = nearest.candidates(session, site_id, target, now=now)
    people = people_of(session, {one.user_id for one in found})
    return [
        CandidateRead(
            person=people[one.user_id],
            is_on_shift=one.is_on_shift,
            round_id=one.round.id if one.round is not None else None,
            round_name=one.round.name if one.round is not None else None,
            is_sent=one.is_sent,
            last_id=one.last_id,
            way_s=round(one.way_s) if isfinite(one.way_s) else None,
        )
        for one in found
    ]


def _read(session: Session, rows: Sequence[Dispatch]) -> list[DispatchRead]:
    people = people_of(session, {row.user_id for row in rows if row.user_id is not None})
    about = {
        alarm.id: (alarm.severity, asset)
        for alarm, asset in session.execute(
            select(Alarm, Asset)
            .join(Asset, Asset.id == Alarm.asset_id)
            .where(Alarm.id.in_([row.alarm_id for row in rows]))
        )
    }
    return [
        DispatchRead(
            alarm_id=row.alarm_id,
            text=row.text,
            severity=about[row.alarm_id][0],
            asset_id=about[row.alarm_id][1].id,
            asset_name=about[row.alarm_id][1].name,
            at=row.at,
            by=row.by,
            person=people.get(row.user_id or 0),
            why=row.why,
            checkpoint_id=row.checkpoint_id,
            round_id=row.round_id,
            suspended_id=row.suspended_id,
            is_under_way=dispatching.is_under_way(session, row),
            arrived_at=_arrived(session, row),
        )
        for row in rows
    ]


def _arrived(session: Session, row: Dispatch) -> datetime | None:
    if row.round_id is None:
        return None
    return session.scalar(
        select(RoundLeg.done_at)
        .where(RoundLeg.round_id == row.round_id, RoundLeg.checkpoint_id == row.checkpoint_id)
        .order_by(RoundLeg.position.desc())
        .limit(1)
    )
