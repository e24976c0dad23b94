"""How long people take from checkpoint to checkpoint, learned from finished rounds."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from sqlalchemy.orm import Session

from server.patrol.book import Book, Walk
from server.patrol.lateness import LegState
from server.patrol.models import TravelTime
from server.patrol.policy import Strength
from server.patrol.route_plan import learn as learned

LONGEST = timedelta(hours=1)


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


def _observe(session: Session, book: Book, from_id: int, to_id: int, seconds: int) -> None:
    row = book.travel.get((from_id, to_id))
    if row is None:
        row = TravelTime(from_id=from_id, to_id=to_id, median_s=seconds, count=1, recent_s=[seconds])
        session.add(row)
        book.travel[from_id, to_id] = row
        return
    row.recent_s, row.median_s = learned(row.recent_s, seconds)
    row.count += 1
