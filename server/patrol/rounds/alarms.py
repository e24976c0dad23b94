"""A round that is late or missed, as an alarm: it comes once, waits while the round does, and returns or becomes worse.

Each alarm is an exception that the control room shows and a notice that tells people. A round has one at a
time: ``late`` turns to ``missed``, and the notice rises with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

from sqlalchemy import Select, Table, insert, select, update
from sqlalchemy.orm import Session

from server.audit.service import SYSTEM
from server.db import note_change
from server.errors import Label
from server.notifications import service as notifications
from server.notifications.service import Notice
from server.patrol.checkpoints.models import Checkpoint
from server.patrol.checkpoints.policy import Policy
from server.patrol.evidence import log
from server.patrol.evidence.log import Entry
from server.patrol.evidence.models import PatrolException
from server.patrol.rounds.lateness import LegState, RoundState
from server.patrol.rounds.models import Round, RoundLeg
from server.patrol.rounds.walking import missed_at, refresh
from server.patrol.rounds.walks import Walk

LATE, MISSED = "late", "missed"
CODES = (LATE, MISSED)
_EXCEPTIONS = cast("Table", PatrolException.__table__)
_OVER = ("returned", "suspended")
"""How the system itself settles ``late`` for a while; what a person said of it stays."""


class Turn(StrEnum):
    RAISED = "raised"
    SUSPENDED = "suspended"
    RETURNED = "returned"
    MISSED = "missed"


@dataclass(frozen=True)
class Change:
    """A round brought up to date, and what became of its alarm by that."""

    walk: Walk
    missed: Sequence[RoundLeg]
    turn: Turn | None
    entries: Sequence[Entry] = ()
    """What the log of evidence keeps of it."""


def bring_up_to_date(session: Session, walk: Walk, *, policy: Policy, now: datetime) -> Change:
    """Settle a round by the time and keep what became of its alarm; tells nobody, and leaves the log to the caller."""
    was_late = walk.round.late_since is not None
    missed = refresh(walk, policy=policy, now=now)
    turn = _turn(walk.round, was_late=was_late, has_missed=bool(missed))
    match turn:
        case Turn.MISSED:
            if was_late:
                _settle_late(session, walk.round, now=now, settled_as="missed")
            _note_missed(session, walk, missed, now=now)
        case Turn.RAISED if not _raise_late(session, walk, now=now):
            turn = None
        case Turn.RETURNED | Turn.SUSPENDED:
            _settle_late(session, walk.round, now=now, settled_as=turn)
    if turn is None:
        return Change(walk, missed, turn)
    note_change(session, "patrol")
    return Change(walk, missed, turn, [_entry(walk.round, turn, missed, now=now)])


def tell(session: Session, change: Change, *, now: datetime) -> None:
    """Have people told, or told that it is over."""
    match change.turn:
        case Turn.RAISED | Turn.MISSED:
            notifications.notify(session, now=now, notice=_notice(session, change))
        case Turn.RETURNED:
            notifications.ended(session, now=now, subject=subject_of(change.walk.round.id))
        case Turn.SUSPENDED:
            notifications.withdrawn(session, now=now, subject=subject_of(change.walk.round.id))


def settle_evidence(session: Session, walk: Walk, *, now: datetime) -> None:
    """Scans that came late did what was called missed: the exceptions are settled, the notice ends."""
    done = [leg.checkpoint_id for leg in walk.legs if leg.state in {LegState.DONE, LegState.LATE}]
    session.execute(
        update(PatrolException)
        .where(
            PatrolException.round_id == walk.round.id,
            PatrolException.code == MISSED,
            PatrolException.checkpoint_id.in_(done),
            PatrolException.settled_at.is_(None),
        )
        .values(settled_at=now, settled_as="evidence", settled_by=SYSTEM.name)
    )
    if walk.round.state == RoundState.FINISHED:
        notifications.ended(session, now=now, subject=subject_of(walk.round.id))


def subject_of(round_id: int) -> str:
    """As notices name it."""
    return f"round:{round_id}"


def _turn(found: Round, *, was_late: bool, has_missed: bool) -> Turn | None:
    if has_missed:
        return Turn.MISSED
    if (found.late_since is not None) == was_late:
        return None
    if not was_late:
        return Turn.RAISED
    return Turn.SUSPENDED if found.suspended_at is not None else Turn.RETURNED


def _raise_late(session: Session, walk: Walk, *, now: datetime) -> bool:
    """Whether it is news: what a person has decided about this round is not asked again."""
    found = walk.round
    row = session.scalar(_late_of(found.id).with_for_update())
    if row is not None and row.settled_as not in _OVER:
        return False
    waited = next((leg for leg in walk.legs if leg.state == LegState.PENDING and leg.is_overdue), None)
    why = _why_late(session, waited)
    if row is None:
        row = PatrolException(
            at=found.late_since, recorded_at=now, code=LATE, site_id=found.site_id, round_id=found.id
        )
    row.user_id, row.detail = found.user_id, why
    row.checkpoint_id = waited.checkpoint_id if waited else None
    row.settled_at = row.settled_as = row.settled_by = None
    session.add(row)
    session.flush()
    return True


def _why_late(session: Session, waited: RoundLeg | None) -> Label:
    place = session.get(Checkpoint, waited.checkpoint_id) if waited is not None else None
    if place is None:
        return Label(en="Nobody has begun this round.", zh="该巡更任务尚未开始。")
    return Label(
        en=f"Overdue, and nobody has come yet: {place.name['en']}.",
        zh=f"已超时，尚未到达：{place.name['zh']}。",
    )


def _settle_late(session: Session, found: Round, *, now: datetime, settled_as: str) -> None:
    row = session.scalar(_late_of(found.id).where(PatrolException.settled_at.is_(None)).with_for_update())
    if row is None:
        return
    row.settled_at, row.settled_as, row.settled_by = now, settled_as, SYSTEM.name
    if settled_as == Turn.SUSPENDED:
        cause = cast("Label", (found.cause or {}).get("text") or Label(en="by hand", zh="人工暂停"))
        row.detail = Label(
            en=f"Late, and suspended since: {cause['en']}", zh=f"迟到后任务暂停：{cause['zh']}"
        )


def _late_of(round_id: int) -> Select[PatrolException]:
    return select(PatrolException).where(PatrolException.round_id == round_id, PatrolException.code == LATE)


def _note_missed(session: Session, walk: Walk, missed: Sequence[RoundLeg], *, now: datetime) -> None:
    ids = [leg.checkpoint_id for leg in missed]
    names = {
        row.id: row.name
        for row in session.execute(select(Checkpoint.id, Checkpoint.name).where(Checkpoint.id.in_(ids)))
    }
    rows = [_missed(walk.round, leg, names[leg.checkpoint_id], now=now) for leg in missed]
    session.execute(insert(_EXCEPTIONS), rows)  # one statement, not one for each


def _missed(found: Round, leg: RoundLeg, place: Label, *, now: datetime) -> dict[str, object]:
    return {
        "at": missed_at(found, leg),
        "recorded_at": now,
        "code": MISSED,
        "site_id": found.site_id,
        "user_id": found.user_id,
        "round_id": found.id,
        "checkpoint_id": leg.checkpoint_id,
        "detail": Label(en=f"Nobody came: {place['en']}.", zh=f"无人到达：{place['zh']}。"),
    }


_KINDS = {
    Turn.RAISED: "round_late",
    Turn.SUSPENDED: "round_late_suspended",
    Turn.RETURNED: "round_late_returned",
    Turn.MISSED: "round_closed",
}


def _entry(found: Round, turn: Turn, missed: Sequence[RoundLeg], *, now: datetime) -> Entry:
    detail: dict[str, object] = {"round": found.id}
    if turn is Turn.MISSED:
        detail |= {"missed": [leg.checkpoint_id for leg in missed], "state": found.state}
    return log.decision(_KINDS[turn], detail, now=now, round_id=found.id)


def _notice(session: Session, change: Change) -> Notice:
    found, legs = change.walk.round, change.walk.legs
    name = found.name
    if change.turn is Turn.MISSED:
        count = len(change.missed)
        title = Label(
            en=f"{name['en']}: {count} of {len(legs)} checkpoints missed",
            zh=f"{name['zh']}：{len(legs)} 个巡更点中漏检 {count} 个",
        )
        body = Label(en="See the round for what is missing.", zh="请查看该次巡更的详情。")
    else:
        title = Label(en=f"{name['en']}: late", zh=f"{name['zh']}：迟到")
        row = session.scalars(_late_of(found.id)).one()
        body = row.detail
    return Notice(
        subject=subject_of(found.id),
        severity="medium" if change.turn is Turn.MISSED else "low",
        site_id=found.site_id,
        life_safety=False,
        title=title,
        body=body,
        path=f"/patrol/rounds/{found.id}",
    )
