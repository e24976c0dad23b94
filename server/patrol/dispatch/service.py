"""An alarm sends the nearest person: their round is suspended with its cause, or gets one more checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.alarms.models import Alarm
from server.assets.models import Asset, Space
from server.audit.service import SYSTEM, Actor
from server.db import insert_ignoring, note_change
from server.errors import Conflict, Label, NotFound
from server.patrol.checkpoints.models import Checkpoint
from server.patrol.checkpoints.nearby import checkpoint_near
from server.patrol.checkpoints.policy import Policy, policies, policy_of
from server.patrol.dispatch.models import Dispatch
from server.patrol.dispatch.nearest import Candidate, candidates
from server.patrol.evidence import log
from server.patrol.rounds import making
from server.patrol.rounds import service as rounds
from server.patrol.rounds.lateness import LegState, RoundState
from server.patrol.rounds.models import Round, RoundLeg, RouteLeg

RECENT = timedelta(minutes=30)
"""An alarm older than this sends nobody by itself: somebody has seen to it, or will say so."""
_NOBODY = Label(en="Nobody is at work who could go.", zh="当前没有可派的在岗人员。")
_NOBODY_WALKS = Label(en="Nobody is on a round.", zh="当前没有人员在巡更。")
_NO_CHECKPOINT = Label(en="There is no checkpoint near it.", zh="附近没有巡更点。")


def unanswered(session: Session, *, now: datetime) -> Sequence[int]:
    """New alarms that call for somebody by their site's policy, where there is anywhere to send people to."""
    known = policies(session)
    wanted = {severity for policy in (Policy(), *known.values()) for severity in policy.dispatch_severities}
    if not wanted:
        return ()
    rows = session.execute(
        select(Alarm.id, Alarm.site_id, Alarm.severity)
        .outerjoin(Dispatch, Dispatch.alarm_id == Alarm.id)
        .where(
            Alarm.state.in_(("unacknowledged", "acknowledged")),
            Alarm.severity.in_(sorted(wanted)),
            Alarm.availability == "in_service",
            Alarm.raised_at > now - RECENT,
            Dispatch.alarm_id.is_(None),
            Alarm.site_id.in_(select(Checkpoint.site_id).where(Checkpoint.retired_at.is_(None))),
        )
        .order_by(Alarm.id)
    )
    return [row.id for row in rows if row.severity in known.get(row.site_id, Policy()).dispatch_severities]


def answer(session: Session, alarm_id: int, *, now: datetime) -> bool:
    """Send somebody to an alarm of ``unanswered``, unless another server has meanwhile; whether there was anybody."""
    if session.get(Dispatch, alarm_id) is not None:
        return False
    return send(session, session.get_one(Alarm, alarm_id), now=now, by=SYSTEM).round_id is not None


def send(
    session: Session,
    alarm: Alarm,
    *,
    now: datetime,
    by: Actor,
    checkpoint_id: int | None = None,
    user_id: int | None = None,
) -> Dispatch:
    """Send the nearest person at work, or the one who is named, to where the alarm is.

    An alarm sends nobody twice while who was sent is still to come. Raises NotFound for the checkpoint,
    Conflict where the person who is named is not at work.
    """
    if checkpoint_id is not None and session.get(Checkpoint, checkpoint_id) is None:
        raise NotFound(f"There is no checkpoint {checkpoint_id}.", f"没有编号为 {checkpoint_id} 的巡更点。")
    row = _claim(session, alarm, now, by)
    if is_under_way(session, row):
        return row
    target = checkpoint_id or checkpoint_near(session, alarm.asset_id)
    row.at, row.by, row.checkpoint_id, row.text = now, by.name, target, alarm.rule_name
    if target is None:
        row.why = _NO_CHECKPOINT
        return row
    people = candidates(session, session.get_one(Checkpoint, target).site_id, target, now=now)
    chosen = _choose(people, user_id, is_by_itself=by == SYSTEM)
    if chosen is None:
        row.why = _NOBODY_WALKS if by == SYSTEM else _NOBODY
        return row
    row.user_id, row.why = chosen.user_id, _why(session, chosen, people)
    _give(session, row, chosen, target, alarm, now=now, by=by)
    _note(session, row, now=now)
    return row


def is_under_way(session: Session, row: Dispatch) -> bool:
    """Whether who was sent is still to come."""
    found = session.get(Round, row.round_id) if row.round_id is not None else None
    if (
        found is None
        or found.closed_at is not None
        or found.state in (RoundState.FINISHED, RoundState.MISSED)
    ):
        return False
    wanted = select(RoundLeg.state).where(
        RoundLeg.round_id == found.id, RoundLeg.checkpoint_id == row.checkpoint_id
    )
    return LegState.PENDING in set(session.scalars(wanted))


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


def _claim(session: Session, alarm: Alarm, now: datetime, by: Actor) -> Dispatch:
    """The alarm's one row, locked: two who send at once send one person."""
    values = {"alarm_id": alarm.id, "at": now, "by": by.name, "text": alarm.rule_name, "why": _NOBODY}
    insert_ignoring(session, Dispatch, [values])
    return session.scalars(select(Dispatch).where(Dispatch.alarm_id == alarm.id).with_for_update()).one()


def _choose(people: Sequence[Candidate], user_id: int | None, *, is_by_itself: bool) -> Candidate | None:
    """The nearest, or the one who is named. By itself an alarm takes only people who walk a round: whoever
    sits at a desk or is on a break is asked by a person. Raises Conflict."""
    if user_id is not None:
        named = next((one for one in people if one.user_id == user_id), None)
        if named is None:
            raise Conflict(
                "They are not at work now; choose somebody else.",
                "该人员当前不在岗，请另选他人。",
                code="not_at_work",
            )
        return named
    able = [one for one in people if not is_by_itself or (one.round is not None and not one.is_sent)]
    return able[0] if able else None


def _give(
    session: Session,
    row: Dispatch,
    chosen: Candidate,
    target: int,
    alarm: Alarm,
    *,
    now: datetime,
    by: Actor,
) -> None:
    """A round of its own, for which the round they walk waits; or one more checkpoint in that round."""
    site_id = session.get_one(Checkpoint, target).site_id
    policy = policy_of(session, site_id)
    cause, within = _cause(alarm), timedelta(seconds=policy.answer_within_s)
    row.suspended_id = None
    walked = chosen.round
    if walked is not None and (chosen.is_sent or not policy.alarm_suspends):
        rounds.insert_checkpoint(
            session, walked.id, now=now, by=by, checkpoint_id=target, cause=cause, within=within
        )
        row.round_id = walked.id
        return
    made = _own_round(session, site_id, chosen.user_id, target, cause, now=now, within=within, policy=policy)
    row.round_id = made.id
    if walked is not None:
        rounds.suspend(session, walked.id, now=now, by=by, cause=cause)
        row.suspended_id = walked.id


def _why(session: Session, chosen: Candidate, people: Sequence[Candidate]) -> Label:
    """Why this one: where they were last, how far that is, of how many."""
    place = session.get(Checkpoint, chosen.last_id) if chosen.last_id is not None else None
    count = len(people)
    if place is None:
        return Label(
            en=f"One of {count} at work; where they are is not known.",
            zh=f"{count} 名在岗人员之一，当前位置未知。",
        )
    minutes = max(1, round(chosen.way_s / 60))
    first = "The nearest" if chosen == people[0] else "One"
    return Label(
        en=f"{first} of {count} at work: last at {place.name['en']}, about {minutes} min away.",
        zh=f"{count} 名在岗人员中{'距离最近' if chosen == people[0] else '由人工指定'}："
        f"最后出现在{place.name['zh']}，步行约 {minutes} 分钟。",
    )


def _note(session: Session, row: Dispatch, *, now: datetime) -> None:
    detail: dict[str, object] = {
        "alarm": row.alarm_id,
        "round": row.round_id,
        "suspended": row.suspended_id,
        "to": row.user_id,
        "by": row.by,
    }
    log.note(session, now=now, kind="dispatched", detail=detail, round_id=row.round_id, user_id=row.user_id)
    note_change(session, "patrol")


def _own_round(
    session: Session,
    site_id: int,
    user_id: int,
    checkpoint_id: int,
    cause: dict[str, object],
    *,
    now: datetime,
    within: timedelta,
    policy: Policy,
) -> Round:
    made = Round(
        kind="dispatch",
        site_id=site_id,
        name=_named(cause),
        walk="free",
        starts_at=now,
        window_ends_at=now + within,
        user_id=user_id,
        state=RoundState.DUE,
        cause=cause,
    )
    legs: Sequence[RouteLeg] = ()
    making.add_round(session, made, legs, policy)
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


def site_of(session: Session, alarm: Alarm) -> int:
    """The site an alarm is on."""
    space = session.get_one(Space, session.get_one(Asset, alarm.asset_id).space_id)
    while space.parent_id is not None:
        space = session.get_one(Space, space.parent_id)
    return space.id
