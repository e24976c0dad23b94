"""Whose rounds are whose: those of a person and those their team may take, and the sites they work at."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.assets import queries as asset_queries
from server.identity.person import CurrentUser
from server.identity.roles import Role
from server.patrol.rounds.models import Round
from server.shifts.models import Team, TeamMember

BACK = timedelta(hours=12)
AHEAD = timedelta(hours=36)
MOST_ROUNDS = 200


def sites_of(session: Session, *, now: datetime, user: CurrentUser) -> set[int]:
    """Where a person works: what their bundle is about."""
    teams = teams_of(session, user.id)
    return sites_among(session, rounds_for(session, now=now, user=user, teams=teams), teams)


def teams_of(session: Session, user_id: int) -> list[int]:
    return list(session.scalars(select(TeamMember.team_id).where(TeamMember.user_id == user_id)))


def rounds_for(session: Session, *, now: datetime, user: CurrentUser, teams: Collection[int]) -> list[Round]:
    """Those of this time that are theirs, or that whoever of these teams comes first may take."""
    theirs = Round.user_id == user.id
    free = Round.user_id.is_(None) & Round.team_id.in_(teams)
    if user.role.includes(Role.ENGINEER):
        free = free | (Round.user_id.is_(None) & Round.team_id.is_(None))
    else:
        free = free | (Round.user_id.is_(None) & Round.team_id.is_(None) & (Round.kind != "dispatch"))
    found = session.scalars(
        select(Round)
        .where(Round.starts_at < now + AHEAD, Round.window_ends_at > now - BACK, or_(theirs, free))
        .order_by(Round.starts_at, Round.id)
        .limit(MOST_ROUNDS)
    )
    return list(found)


def sites_among(session: Session, rounds: Iterable[Round], teams: Collection[int]) -> set[int]:
    """Of these rounds and teams; where there is neither, the first one."""
    sites = {found.site_id for found in rounds}
    sites |= set(session.scalars(select(Team.site_id).where(Team.id.in_(teams))))
    if not sites:
        first = asset_queries.first_site(session)
        sites = {first.id} if first is not None else set()
    return sites
