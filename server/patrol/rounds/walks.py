"""Rounds with their checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.patrol.rounds.models import Round, RoundLeg


@dataclass
class Walk:
    """A round with its checkpoints in order."""

    round: Round
    legs: list[RoundLeg]


def walks_of(session: Session, found: Sequence[Round]) -> list[Walk]:
    """These rounds with their checkpoints."""
    walks = {row.id: Walk(row, []) for row in found}
    legs = session.scalars(
        select(RoundLeg)
        .where(RoundLeg.round_id.in_(list(walks)))
        .order_by(RoundLeg.round_id, RoundLeg.position)
    )
    for leg in legs:
        walks[leg.round_id].legs.append(leg)
    return list(walks.values())


def walk_of(session: Session, round_: Round) -> Walk:
    """One round with its checkpoints."""
    return walks_of(session, [round_])[0]
