"""An alarm sends the nearest person: their round is suspended with its cause, or gets one more checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.alarms.models import Alarm
from server.assets.models import Asset, Space
from server.audit.service import SYSTEM, Actor
from server.db import note_change
from server.errors import Label, NotFound
from server.patrol import log, rounds
from server.patrol.book import load, policies, policy_of
from server.patrol.doubts import usual_s
from server.patrol.lateness import LegState, RoundState
from server.patrol.models import Checkpoint, Dispatch, Round, RoundLeg, RouteLeg
from server.patrol.policy import Policy
from server.patrol.safety import last_checkpoint
from server.shifts.queries import on_shift

RECENT = timedelta(minutes=30)
"""An alarm older than this sends nobody by itself: somebody has seen to it, or will say so."""
_NOBODY = Label(en="Nobody is on a round.", zh="当前没有人员在巡更。")
_NO_CHECKPOINT = Label(en="There is no checkpoint near it.", zh="附近没有巡更点。")


def watch_alarms(session: Session, *, now: datetime) -> int:
    """Send somebody to each new alarm that calls for it by its site's policy; gives how many were sent."""
    known = policies(session)
    wanted = {severity for policy in (Policy(), *known.values()) for severity in policy.dispatch_severities}
    if not wanted:
        return 0
    alarms = session.scalars(
        select(Alarm)
        .outerjoin(Dispatch, Dispatch.alarm_id == Alarm.id)
        .where(
            Alarm.state.in_(("unacknowledged", "acknowledged")),
            Alarm.severity.in_(sorted(wanted)),
            Alarm.availability == "in_service",
            Alarm.raised_at > now - RECENT,
            Dispatch.alarm_id.is_(None),
        )
        .order_by(Alarm.id)
    ).all()
    sent = 0
    for alarm in alarms:
        site_id = _site_of(session, alarm)
        policy = known.get(site_id, Policy())
        if alarm.severity in policy.dispatch_severities and has_checkpoints(session, site_id):
            sent += send(session, alarm, now=now, by=SYSTEM).round_id is not None
    return sent


def send(
    session: Session, alarm: Alarm, *, now: datetime, by: Actor, checkpoint_id: int | None = None
) -> Dispatch:
    """Send the nearest person on a round to where the alarm is; once an alarm. Raises NotFound for the checkpoint."""
    if checkpoint_id is not None and session.get(Checkpoint, checkpoint_id) is None:
        raise NotFound(f"There is no checkpoint {checkpoint_id}.", f"没有编号为 {checkpoint_id} 的巡更点。")
    row, is_new = _claim(session, alarm, now)
    if not is_new and row.round_id is not None:
        return row
    target = checkpoint_id or checkpoint_near(session, alarm.asset_id)
    if target is None:
        row.text = _NO_CHECKPOINT
        return row
    site_id = session.get_one(Checkpoint, target).site_id
    nearest = nearest_round(session, site_id, target, now=now)
    if nearest is None:
        row.text = _NOBODY
        return row
    cause = _cause(alarm)
    policy = policy_of(session, site_id)
    within = timedelta(seconds=policy.answer_within_s)
    row.user_id, row.text = nearest.user_id, alarm.rule_name
    if policy.alarm_suspends:
        made = _own_round(session, nearest, target, cause, now=now, within=within, policy=policy)
        rounds.suspend(session, nearest.id, now=now, by=by, cause=cause)
        row.round_id, row.suspended_id = made.id, nearest.id
    else:
        rounds.insert_checkpoint(
            session, nearest.id, now=now, by=by, checkpoint_id=target, cause=cause, within=within
        )
        row.round_id = nearest.id
    detail: dict[str, object] = {
        "alarm": alarm.id,
        "round": row.round_id,
        "suspended": row.suspended_id,
        "to": row.user_id,
    }
    log.note(session, now=now, kind="dispatched", detail=detail, round_id=row.round_id, user_id=row.user_id)
    note_change(session, "patrol")
    return row


def resume_after(session: Session, *, now: datetime) -> int:
    """Rounds that waited go on when what they waited for is over; gives how many."""
    done = session.execute(
        select(Dispatch.suspended_id)
        .join(Round, Round.id == Dispatch.round_id)
        .where(
            Dispatch.suspended_id.is_not(None),
            (Round.state.in_((RoundState.FINISHED, RoundState.MISSED))) | Round.closed_at.is_not(None),
        )
    ).scalars()
    resumed = 0
    for round_id in set(done):
        found = session.get(Round, round_id)
        if found is not None and found.suspended_at is not None:
            rounds.resume(session, found.id, now=now, by=SYSTEM)
            resumed += 1
    return resumed


def nearest_round(session: Session, site_id: int, checkpoint_id: int, *, now: datetime) -> Round | None:
    """The round under way whose person is nearest, by the usual ways from where they scanned last.

    People on shift come before people who walk a round outside of it.
    """
    under_way = session.scalars(
        select(Round).where(
            Round.site_id == site_id, Round.state == RoundState.STARTED, Round.user_id.is_not(None)
        )
    ).all()
    on_duty = {row.user_id for row in on_shift(session, at=now, site_id=site_id)}
    ranked = sorted(
        (
            (
                found.user_id not in on_duty,
                _way_s(session, found.user_id or 0, checkpoint_id, now=now),
                found.id,
            )
            for found in under_way
        ),
    )
    return session.get(Round, ranked[0][2]) if ranked else None


def checkpoint_near(session: Session, asset_id: int) -> int | None:
    """The checkpoint at an asset, else the first in its space, else further up the tree."""
    own = session.scalar(_in_use().where(Checkpoint.asset_id == asset_id).limit(1))
    if own is not None:
        return own
    space: Space | None = session.get_one(Space, session.get_one(Asset, asset_id).space_id)
    while space is not None:
        found = session.scalar(_in_use().where(Checkpoint.space_id.in_(below(session, space.id))).limit(1))
        if found is not None:
            return found
        space = session.get(Space, space.parent_id) if space.parent_id is not None else None
    return None


def below(session: Session, space_id: int) -> set[int]:
    """A space and all that lies in it."""
    found, edge = {space_id}, [space_id]
    while edge:
        edge = list(session.scalars(select(Space.id).where(Space.parent_id.in_(edge))))
        found |= set(edge)
    return found


def has_checkpoints(session: Session, site_id: int) -> bool:
    """Whether there is anywhere to send people to."""
    return session.scalar(_in_use().where(Checkpoint.site_id == site_id).limit(1)) is not None


def _in_use() -> Select[int]:
    return select(Checkpoint.id).where(Checkpoint.retired_at.is_(None)).order_by(Checkpoint.id)


def _claim(session: Session, alarm: Alarm, now: datetime) -> tuple[Dispatch, bool]:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    values = {"alarm_id": alarm.id, "at": now, "text": _NOBODY}
    added = session.execute(
        insert(Dispatch).values(values).on_conflict_do_nothing().returning(Dispatch.alarm_id)
    ).one_or_none()
    return session.get_one(Dispatch, alarm.id), added is not None


def _way_s(session: Session, user_id: int, checkpoint_id: int, *, now: datetime) -> float:
    last = last_checkpoint(session, user_id, at=now)
    if last is None:
        return float("inf")
    if last == checkpoint_id:
        return 0.0
    book = load(
        session,
        codes=(),
        checkpoint_ids=(last, checkpoint_id),
        round_ids=(),
        user_ids=(),
        since=now,
        until=now,
    )
    return usual_s(book, last, checkpoint_id, book.policy(book.checkpoints[checkpoint_id].site_id))


def _own_round(
    session: Session,
    nearest: Round,
    checkpoint_id: int,
    cause: dict[str, object],
    *,
    now: datetime,
    within: timedelta,
    policy: Policy,
) -> Round:
    made = Round(
        kind="dispatch",
        site_id=nearest.site_id,
        name=_named(cause),
        walk="free",
        starts_at=now,
        window_ends_at=now + within,
        user_id=nearest.user_id,
        state=RoundState.DUE,
        cause=cause,
    )
    legs: Sequence[RouteLeg] = ()
    rounds.add_round(session, made, legs, policy)
    session.add(
        RoundLeg(
            round_id=made.id,
            position=0,
            checkpoint_id=checkpoint_id,
            tolerance_s=policy.tolerance_s,
            state=LegState.PENDING,
            cause=cause,
        )
    )
    session.flush()
    return made


def _named(cause: dict[str, object]) -> Label:
    text = cause["text"]
    assert isinstance(text, dict)
    return Label(en=f"Alarm: {text['en']}", zh=f"告警处置：{text['zh']}")


def _cause(alarm: Alarm) -> dict[str, object]:
    return {"kind": "alarm", "id": alarm.id, "text": alarm.rule_name}


def _site_of(session: Session, alarm: Alarm) -> int:
    space = session.get_one(Space, session.get_one(Asset, alarm.asset_id).space_id)
    while space.parent_id is not None:
        space = session.get_one(Space, space.parent_id)
    return space.id
