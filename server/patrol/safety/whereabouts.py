"""Where somebody works, and where they were last."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.patrol.evidence.models import Scan
from server.patrol.rounds.models import Round
from server.shifts.models import Team, TeamMember


def site_of(session: Session, user_id: int, *, at: datetime) -> int | None:
    """Where a person works: the site of the round they walk, else of their team."""
    site = session.scalar(
        select(Round.site_id)
        .where(
            Round.user_id == user_id, Round.started_at.is_not(None), Round.starts_at > at - timedelta(days=1)
        )
        .order_by(Round.started_at.desc())
        .limit(1)
    )
    if site is not None:
        return site
    return session.scalar(
        select(Team.site_id)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.user_id == user_id)
        .limit(1)
    )


def last_checkpoint(session: Session, user_id: int, *, at: datetime) -> int | None:
    """Where the person was last, within half a day."""
    return session.scalar(
        select(Scan.checkpoint_id)
        .where(
            Scan.user_id == user_id,
            Scan.at.between(at - timedelta(hours=12), at),
            Scan.checkpoint_id.is_not(None),
            Scan.strength != "refused",
        )
        .order_by(Scan.at.desc())
        .limit(1)
    )
