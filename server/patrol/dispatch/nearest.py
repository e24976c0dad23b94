"""Who is nearest to a checkpoint: people at work on the site, by the usual ways from where they scanned last."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import inf
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.identity.roles import Role
from server.patrol.planning.ways import usual_s
from server.patrol.proof.book import load
from server.patrol.rounds.lateness import RoundState
from server.patrol.rounds.models import Round
from server.patrol.safety.whereabouts import last_checkpoint
from server.shifts.queries import on_shift


class Candidate(NamedTuple):
    """Somebody who could go."""

    user_id: int
    round: Round | None
    """What they walk now: a job they were sent to already, else their round; None: they are on shift only."""
    is_on_shift: bool
    last_id: int | None
    """The checkpoint where they were proven last."""
    way_s: float
    """From there, seconds; infinite where it is not known."""

    @property
    def is_sent(self) -> bool:
        """Whether another alarm sent them already."""
        return self.round is not None and self.round.kind == "dispatch"


def candidates(session: Session, site_id: int, checkpoint_id: int, *, now: datetime) -> list[Candidate]:
    """All who could go, the best first.

    Whoever another alarm has sent comes last, whoever walks outside of their shift before them; then
    the nearest first, and of those at an unknown place whoever is on a round already.
    """
    on_duty = {row.user_id for row in on_shift(session, at=now, site_id=site_id, role=Role.GUARD)}
    walking = _walking(session, site_id)
    found = [
        _candidate(
            session,
            user_id,
            checkpoint_id,
            found=walking.get(user_id),
            is_on_shift=user_id in on_duty,
            now=now,
        )
        for user_id in sorted(on_duty | walking.keys())
    ]
    return sorted(found, key=lambda one: (one.is_sent, not one.is_on_shift, one.way_s, one.round is None))


def _walking(session: Session, site_id: int) -> dict[int, Round]:
    """What people of the site walk now; a job they were sent to stands before the round that waits for it."""
    under_way = session.scalars(
        select(Round).where(
            Round.site_id == site_id,
            Round.user_id.is_not(None),
            (Round.state == RoundState.STARTED)
            | ((Round.kind == "dispatch") & (Round.state == RoundState.DUE)),
        )
    )
    return {row.user_id or 0: row for row in _jobs_last(under_way)}


def _jobs_last(found: Iterable[Round]) -> list[Round]:
    return sorted(found, key=lambda row: (row.kind == "dispatch", row.id))


def _candidate(
    session: Session,
    user_id: int,
    checkpoint_id: int,
    *,
    found: Round | None,
    is_on_shift: bool,
    now: datetime,
) -> Candidate:
    last = last_checkpoint(session, user_id, at=now)
    return Candidate(user_id, found, is_on_shift, last, _way_s(session, last, checkpoint_id, now=now))


def _way_s(session: Session, last: int | None, checkpoint_id: int, *, now: datetime) -> float:
    if last is None:
        return inf
    if last == checkpoint_id:
        return 0.0
    book = load(
        session,
        checkpoint_ids=(last, checkpoint_id),
        round_ids=(),
        user_ids=(),
        since=now,
        until=now,
    )
    return usual_s(book, last, checkpoint_id, book.policy(book.checkpoints[checkpoint_id].site_id))
