"""The ways of a route: how long each usually takes, and whether the time planned for it can work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.patrol.checkpoints.models import TravelTime
from server.patrol.checkpoints.policy import Policy, policy_of
from server.patrol.planning.schemas import Way
from server.patrol.proof.book import Book, load
from server.patrol.rounds.models import Route, RouteLeg

WALKING_M_S = 1.2
"""An ordinary pace; used where nothing was learned yet."""
UNKNOWN_WAY_S = 60.0


def book_of(session: Session, legs: Sequence[RouteLeg], *, now: datetime) -> Book:
    """What is known of a route's checkpoints."""
    ids = {leg.checkpoint_id for leg in legs}
    return load(session, checkpoint_ids=ids, round_ids=(), user_ids=(), since=now, until=now)


def usual_s(book: Book, a: int, b: int, policy: Policy) -> float:
    """How long the way usually takes: learned, else by distance at an ordinary pace and by floors."""
    learned = _learned(book, a, b)
    if learned is not None:
        return float(learned.median_s)
    least = book.least_travel_s(a, b, policy)
    ordinary = least * policy.fastest_m_s / WALKING_M_S
    return ordinary if ordinary > policy.least_travel_s * policy.fastest_m_s / WALKING_M_S else UNKNOWN_WAY_S


def of_route(session: Session, route: Route, *, now: datetime) -> list[Way]:
    """Each way of the route as it is now, in order."""
    legs = session.scalars(
        select(RouteLeg).where(RouteLeg.route_id == route.id).order_by(RouteLeg.position)
    ).all()
    policy = policy_of(session, route.site_id)
    book = book_of(session, legs, now=now)
    is_timed = route.walk == "ordered"
    return [_way(book, before, leg, policy, is_timed=is_timed) for before, leg in pairwise(legs)]


def planned_s(before: RouteLeg, leg: RouteLeg) -> int | None:
    """From due time to due time; None where one of them has none."""
    if before.after_s is None or leg.after_s is None:
        return None
    return leg.after_s - before.after_s


def slack_s(leg: RouteLeg, policy: Policy) -> int:
    """One may come late to the first and early to the second, each by the tolerance."""
    return (leg.tolerance_s if leg.tolerance_s is not None else policy.tolerance_s) * 2


def doubt_about(book: Book, before: RouteLeg, leg: RouteLeg, policy: Policy) -> str | None:
    """Why the time planned between two checkpoints does not work; None: it does, or none is planned."""
    gap = planned_s(before, leg)
    if gap is None:
        return None
    if gap < 0:
        return "out_of_order"
    a, b = before.checkpoint_id, leg.checkpoint_id
    stay, there_by = book.checkpoints[a].dwell_s, gap + slack_s(leg, policy)
    if there_by < book.least_travel_s(a, b, policy) + stay:
        return "cannot_be_reached"
    return "hardly_reached" if there_by < usual_s(book, a, b, policy) + stay else None


def _learned(book: Book, a: int, b: int) -> TravelTime | None:
    return book.travel.get((a, b)) or book.travel.get((b, a))


def _way(book: Book, before: RouteLeg, leg: RouteLeg, policy: Policy, *, is_timed: bool) -> Way:
    a, b = before.checkpoint_id, leg.checkpoint_id
    learned = _learned(book, a, b)
    recent = learned.recent_s if learned is not None else []
    return Way(
        from_id=a,
        to_id=b,
        planned_s=planned_s(before, leg) if is_timed else None,
        stay_s=book.checkpoints[a].dwell_s,
        usual_s=round(usual_s(book, a, b, policy)),
        count=learned.count if learned is not None else 0,
        quickest_s=min(recent, default=None),
        slowest_s=max(recent, default=None),
        slack_s=slack_s(leg, policy),
        doubt=doubt_about(book, before, leg, policy) if is_timed else None,
    )
