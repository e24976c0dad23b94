"""What has to be known to judge a batch of events, read with a handful of queries."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import hypot

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.patrol.checkpoints.models import Checkpoint, FloorPlan, Tag, TravelTime
from server.patrol.checkpoints.policy import DEFAULTS, Policy, policies
from server.patrol.checkpoints.tags import TagText
from server.patrol.evidence.models import Scan
from server.patrol.proof.judging import distance_m
from server.patrol.rounds.models import Round
from server.patrol.rounds.walks import Walk, walks_of

NEIGHBOURHOOD = timedelta(hours=1)
"""Scans further apart say nothing about each other."""
LEARNED_ENOUGH = 5
LEARNED_SHARE = 0.2
"""Nobody needs less than this part of the usual time."""


@dataclass(frozen=True, order=True)
class Visit:
    """One scan of a person, as a neighbour of others."""

    at: datetime
    event_id: str
    checkpoint_id: int = field(compare=False)
    phone_id: str = field(compare=False)
    uncertain: timedelta = field(compare=False)


@dataclass
class Book:
    """All of it. Grows while a batch is judged."""

    tags: dict[str, Tag]
    checkpoints: dict[int, Checkpoint]
    walks: dict[int, Walk]
    policies: dict[int, Policy]
    travel: dict[tuple[int, int], TravelTime]
    scales: dict[int, int]
    """Floor plan to millimetres a pixel."""
    visits: dict[int, list[Visit]]
    texts: Mapping[str, TagText] = field(default_factory=dict)
    """What was scanned, taken apart; a text that is no tag's is not there."""

    def policy(self, site_id: int | None) -> Policy:
        return self.policies.get(site_id or 0, DEFAULTS)

    def neighbours(self, user_id: int, at: datetime) -> list[Visit]:
        """The visit before and the one after this moment."""
        known = self.visits.get(user_id, [])
        index = bisect_left([visit.at for visit in known], at)
        around = known[max(0, index - 1) : index + 1]
        return [visit for visit in around if abs(visit.at - at) <= NEIGHBOURHOOD]

    def add_visit(self, user_id: int, visit: Visit) -> None:
        insort(self.visits.setdefault(user_id, []), visit)

    def least_travel_s(self, a: int, b: int, policy: Policy) -> float:
        """Nobody is faster from one checkpoint to another."""
        if a == b or a not in self.checkpoints or b not in self.checkpoints:
            return 0
        start, end = self.checkpoints[a], self.checkpoints[b]
        least = max(float(policy.least_travel_s), self._metres(start, end) / policy.fastest_m_s)
        if start.floor is not None and end.floor is not None:
            least = max(least, abs(start.floor - end.floor) * float(policy.seconds_a_floor))
        learned = self.travel.get((a, b))
        if learned is not None and learned.count >= LEARNED_ENOUGH:
            least = max(least, learned.median_s * LEARNED_SHARE)
        return least

    def _metres(self, start: Checkpoint, end: Checkpoint) -> float:
        metres = 0.0
        places = (start.lat_e7, start.lng_e7, end.lat_e7, end.lng_e7)
        if None not in places:
            a, b, c, d = (number or 0 for number in places)
            metres = distance_m((a, b), (c, d))
        scale = self.scales.get(start.plan_id or 0)
        spots = (start.x, start.y, end.x, end.y)
        if scale and start.plan_id == end.plan_id and None not in spots:
            x, y, to_x, to_y = (number or 0 for number in spots)
            metres = max(metres, hypot(x - to_x, y - to_y) * scale / 1000)
        return metres


_NO_TEXTS: Mapping[str, TagText] = {}


def load(
    session: Session,
    *,
    texts: Mapping[str, TagText] = _NO_TEXTS,
    checkpoint_ids: Collection[int],
    round_ids: Collection[int],
    user_ids: Collection[int],
    since: datetime,
    until: datetime,
) -> Book:
    """The book for events between ``since`` and ``until``."""
    codes = sorted({text.code for text in texts.values()})
    tags = {tag.code: tag for tag in session.scalars(select(Tag).where(Tag.code.in_(codes)))}
    walks = _walks(session, round_ids)
    visits, visited = _visits(session, user_ids, since - NEIGHBOURHOOD, until + NEIGHBOURHOOD)
    wanted = (
        set(checkpoint_ids)
        | visited
        | {tag.checkpoint_id for tag in tags.values()}
        | {leg.checkpoint_id for walk in walks.values() for leg in walk.legs}
    )
    found = session.scalars(select(Checkpoint).where(Checkpoint.id.in_(wanted)))
    checkpoints = {row.id: row for row in found}
    return Book(
        tags=tags,
        checkpoints=checkpoints,
        walks=walks,
        policies=policies(session),
        travel=_travel(session, wanted),
        scales=_scales(session, {row.plan_id for row in checkpoints.values() if row.plan_id is not None}),
        visits=visits,
        texts=texts,
    )


def _walks(session: Session, round_ids: Iterable[int]) -> dict[int, Walk]:
    wanted = sorted(set(round_ids))
    found = session.scalars(select(Round).where(Round.id.in_(wanted)).order_by(Round.id).with_for_update())
    return {walk.round.id: walk for walk in walks_of(session, found.all())}


def _scales(session: Session, plan_ids: Collection[int]) -> dict[int, int]:
    rows = session.execute(
        select(FloorPlan.id, FloorPlan.millimetres_a_pixel).where(FloorPlan.id.in_(plan_ids))
    )
    return {plan_id: scale for plan_id, scale in rows if scale is not None}


def _travel(session: Session, checkpoint_ids: Collection[int]) -> dict[tuple[int, int], TravelTime]:
    rows = session.scalars(
        select(TravelTime).where(TravelTime.from_id.in_(checkpoint_ids), TravelTime.to_id.in_(checkpoint_ids))
    )
    return {(row.from_id, row.to_id): row for row in rows}


def _visits(
    session: Session, user_ids: Collection[int], since: datetime, until: datetime
) -> tuple[dict[int, list[Visit]], set[int]]:
    rows = session.execute(
        select(Scan.at, Scan.id, Scan.checkpoint_id, Scan.phone_id, Scan.uncertain_s, Scan.user_id)
        .where(
            Scan.user_id.in_(sorted(user_ids)),
            Scan.at.between(since, until),
            Scan.strength.in_(("strong", "fair")),  # a lie is nobody's neighbour
            Scan.checkpoint_id.is_not(None),
        )
        .order_by(Scan.at, Scan.id)
    )
    visits: dict[int, list[Visit]] = {}
    seen: set[int] = set()
    for at, event_id, checkpoint_id, phone_id, uncertain_s, user_id in rows:
        if checkpoint_id is None:
            continue
        visit = Visit(at, event_id, checkpoint_id, phone_id, timedelta(seconds=uncertain_s))
        visits.setdefault(user_id, []).append(visit)
        seen.add(checkpoint_id)
    return visits, seen
