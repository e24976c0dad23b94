"""Rounds: watched while they run, suspended, changed and called for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.audit.service import Actor
from server.db import note_change
from server.errors import Conflict, Invalid, NotFound
from server.identity.models import User
from server.identity.roles import Role
from server.patrol.checkpoints.models import Checkpoint
from server.patrol.checkpoints.policy import Policy, policies, policy_of
from server.patrol.evidence import log
from server.patrol.evidence.models import PatrolException
from server.patrol.rounds import alarms, calling
from server.patrol.rounds.alarms import Change
from server.patrol.rounds.lateness import LegState, RoundState
from server.patrol.rounds.models import Round, RoundLeg
from server.patrol.rounds.walking import window_of
from server.patrol.rounds.walks import Walk, walk_of, walks_of

_OPEN = (RoundState.DUE, RoundState.STARTED, RoundState.SUSPENDED, RoundState.INCOMPLETE)
_STOPPED = (RoundState.FINISHED, RoundState.MISSED)


def watch(session: Session, *, now: datetime) -> int:
    """Bring rounds whose time is on up to date; late and missed ones are told. Gives how many changed."""
    changed = bring_up_to_date(session, now=now)
    for change in changed:
        alarms.tell(session, change, now=now)
    return len(changed)


def settle(session: Session, walk: Walk, *, policy: Policy, now: datetime) -> None:
    """Bring one round up to date after something happened to it; what became late, missed or good is told.

    Whoever comes first after its time is over closes a round: the loop, or a phone that sends at that moment.
    """
    change = alarms.bring_up_to_date(session, walk, policy=policy, now=now)
    log.append(session, change.entries, now=now)
    alarms.tell(session, change, now=now)


def bring_up_to_date(session: Session, *, now: datetime) -> list[Change]:
    """What changed with time alone; tells nobody."""
    known = policies(session)
    found = session.scalars(
        select(Round)
        .where(
            Round.state.in_(_OPEN),
            Round.closed_at.is_(None),
            Round.starts_at < now,
        )
        .order_by(Round.id)
        .with_for_update()
    ).all()
    changed: list[Change] = []
    for walk in walks_of(session, found):
        before = _standing(walk.round)
        policy = known.get(walk.round.site_id, Policy())
        change = alarms.bring_up_to_date(session, walk, policy=policy, now=now)
        if before != _standing(walk.round) or change.missed:
            changed.append(change)
    log.append(session, [entry for change in changed for entry in change.entries], now=now)
    if changed:
        note_change(session, "patrol")
    return changed


def _standing(found: Round) -> tuple[object, ...]:
    return found.state, found.is_late, found.late_since, found.closed_at


# -- changed by people and by what happens


def get_round(session: Session, round_id: int) -> Walk:
    """The round, locked, with its checkpoints. Raises NotFound."""
    found = session.scalar(select(Round).where(Round.id == round_id).with_for_update())
    if found is None:
        raise NotFound(f"There is no round number {round_id}.", f"没有编号为 {round_id} 的巡更任务。")
    return walk_of(session, found)


def suspend(
    session: Session, round_id: int, *, now: datetime, by: Actor, cause: Mapping[str, object]
) -> Walk:
    """Something else is more important: until it goes on, nothing of it is late. Raises Conflict, NotFound."""
    walk = get_round(session, round_id)
    found = walk.round
    if found.state in _STOPPED or found.closed_at is not None:
        raise Conflict("The round is over.", "该巡更任务已结束。", code="round_over")
    if found.suspended_at is None:
        found.suspended_at, found.cause = now, dict(cause)
        settle(session, walk, policy=policy_of(session, found.site_id), now=now)
        _record(session, walk, "suspended", now=now, by=by, detail=dict(cause))
    return walk


def resume(session: Session, round_id: int, *, now: datetime, by: Actor) -> Walk:
    """It goes on; due times move by as long as it was suspended. Raises Conflict, NotFound."""
    walk = get_round(session, round_id)
    found = walk.round
    if found.suspended_at is None:
        raise Conflict("The round is not suspended.", "该巡更任务未暂停。", code="not_suspended")
    found.suspended_s += max(0, round((now - found.suspended_at).total_seconds()))
    found.suspended_at = None
    settle(session, walk, policy=policy_of(session, found.site_id), now=now)
    _record(session, walk, "resumed", now=now, by=by, detail={"suspended_s": found.suspended_s})
    return walk


def reassign(session: Session, round_id: int, *, now: datetime, by: Actor, user_id: int | None) -> Walk:
    """Give it to somebody, or to whoever of the team comes first. Raises Conflict, Invalid, NotFound."""
    walk = get_round(session, round_id)
    if walk.round.state in _STOPPED or walk.round.closed_at is not None:
        raise Conflict("The round is over.", "该巡更任务已结束。", code="round_over")
    if user_id is not None:
        person = session.get(User, user_id)
        if person is None or person.disabled_at is not None or not person.role.includes(Role.GUARD):
            raise Invalid(
                "Only a guard, engineer or admin who is active can walk it.",
                "只能指派给在用的保安、工程师或管理员。",
                code="not_a_guard",
            )
    before, walk.round.user_id = walk.round.user_id, user_id
    _record(session, walk, "reassigned", now=now, by=by, detail={"from": before, "to": user_id})
    return walk


def insert_checkpoint(
    session: Session,
    round_id: int,
    *,
    now: datetime,
    by: Actor,
    checkpoint_id: int,
    cause: Mapping[str, object],
    within: timedelta = timedelta(minutes=15),
) -> Walk:
    """One more checkpoint, to be visited next. Raises Conflict, NotFound."""
    walk = get_round(session, round_id)
    found = walk.round
    if found.state in _STOPPED or found.closed_at is not None:
        raise Conflict("The round is over.", "该巡更任务已结束。", code="round_over")
    if session.get(Checkpoint, checkpoint_id) is None:
        raise NotFound(f"There is no checkpoint {checkpoint_id}.", f"没有编号为 {checkpoint_id} 的巡更点。")
    if not any(leg.checkpoint_id == checkpoint_id and leg.state == LegState.PENDING for leg in walk.legs):
        position = max((leg.position for leg in walk.legs), default=-1) + 1
        leg = RoundLeg(
            round_id=found.id,
            position=position,
            checkpoint_id=checkpoint_id,
            due_at=now + within - timedelta(seconds=found.suspended_s),
            tolerance_s=policy_of(session, found.site_id).tolerance_s,
            state=LegState.PENDING,
            cause=dict(cause),
        )
        session.add(leg)
        session.flush()
        walk.legs.append(leg)
        found.window_ends_at = max(found.window_ends_at, now + within)
        _record(session, walk, "inserted", now=now, by=by, detail={"checkpoint": checkpoint_id, **cause})
    return walk


def call_guard(session: Session, round_id: int, *, now: datetime, by: Actor, text: str) -> Walk:
    """Call the attention of whoever walks it: a notice to that person alone, and a line in the round's history."""
    walk = get_round(session, round_id)
    if walk.round.user_id is None:
        raise Conflict("Nobody walks this round yet.", "该巡更任务尚无人员。", code="nobody_there")
    to = walk.round.user_id
    row_id = _record(session, walk, "called", now=now, by=by, detail={"text": text, "to": to})
    calling.call(session, walk.round, call_id=row_id, user_id=to, now=now, by=by, text=text)
    return walk


def excuse(
    session: Session, round_id: int, checkpoint_id: int, *, now: datetime, by: Actor, comment: str | None
) -> Walk:
    """A missed checkpoint is excused: a contest was granted, or the supervisor knows why."""
    walk = get_round(session, round_id)
    legs = [leg for leg in walk.legs if leg.checkpoint_id == checkpoint_id]
    if not legs:
        raise NotFound("The checkpoint is no part of this round.", "该巡更点不属于本次巡更。")
    for leg in legs:
        if leg.state in {LegState.MISSED, LegState.PENDING}:
            leg.state = LegState.EXCUSED
    session.execute(
        update(PatrolException)
        .where(
            PatrolException.round_id == round_id,
            PatrolException.checkpoint_id == checkpoint_id,
            PatrolException.code == "missed",
            PatrolException.settled_at.is_(None),
        )
        .values(settled_at=now, settled_as="excused", settled_by=by.name, comment=comment)
    )
    settle(session, walk, policy=policy_of(session, walk.round.site_id), now=now)
    _record(
        session, walk, "excused", now=now, by=by, detail={"checkpoint": checkpoint_id, "comment": comment}
    )
    return walk


def closes_at(walk: Walk, policy: Policy) -> datetime:
    """When it is over whatever happens."""
    return window_of(walk.round, policy).closes_at


def _record(
    session: Session, walk: Walk, verb: str, *, now: datetime, by: Actor, detail: Mapping[str, object]
) -> str:
    note_change(session, "patrol")
    full: dict[str, object] = {"round": walk.round.id, "by": by.name, **detail}
    row_id = log.note(session, now=now, kind=f"round_{verb}", detail=full, round_id=walk.round.id)
    audit.record(
        session,
        now=now,
        actor=by,
        action=f"round.{verb}",
        subject=("round", walk.round.id),
        detail=dict(detail),
    )
    return row_id
