"""How long people take from checkpoint to checkpoint, learned from finished rounds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from statistics import median

from sqlalchemy.orm import Session

from server.patrol.checkpoints.models import TravelTime
from server.patrol.checkpoints.policy import Strength
from server.patrol.proof.book import Book
from server.patrol.rounds.lateness import LegState
from server.patrol.rounds.walks import Walk

LONGEST = timedelta(hours=1)
KEPT = 40
"""Observations of a way that are remembered."""


def learn(session: Session, walk: Walk, book: Book) -> None:
    """Take over the times between scans that can be believed. Once a round: when it became finished."""
    if walk.round.is_learned:
        return
    walk.round.is_learned = True
    done = sorted(
        (
            (leg.done_at, leg.checkpoint_id)
            for leg in walk.legs
            if leg.done_at is not None
            and leg.state in {LegState.DONE, LegState.LATE}
            and leg.strength in {Strength.STRONG, Strength.FAIR}
        ),
    )
    for (left, from_id), (came, to_id) in pairwise(done):
        taken = came - left
        if from_id != to_id and timedelta(0) < taken <= LONGEST:
            _observe(session, book, from_id, to_id, round(taken.total_seconds()))


def usual(recent_s: Sequence[int], observed_s: int) -> tuple[list[int], int]:
    """(observations to keep, what is usual): the median of the newest, which a break for tea does not move."""
    kept = [*recent_s, observed_s][-KEPT:]
    return kept, round(median(kept))


def _observe(session: Session, book: Book, from_id: int, to_id: int, seconds: int) -> None:
    row = book.travel.get((from_id, to_id))
    if row is None:
        row = TravelTime(from_id=from_id, to_id=to_id, median_s=seconds, count=1, recent_s=[seconds])
        session.add(row)
        book.travel[from_id, to_id] = row
        return
    row.recent_s, row.median_s = usual(row.recent_s, seconds)
    row.count += 1
