"""What about a plan or timetable cannot work, said before somebody is sent out to fail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import Label
from server.patrol.checkpoints.models import Checkpoint, Tag
from server.patrol.checkpoints.policy import Policy, TagKind, policy_of
from server.patrol.planning.route_plan import length, shortest_walk
from server.patrol.planning.schemas import Doubt, Suggestion
from server.patrol.planning.ways import book_of, doubt_about, usual_s
from server.patrol.proof.book import Book
from server.patrol.rounds import making
from server.patrol.rounds.models import Route, RouteLeg, Schedule
from server.patrol.rounds.schedule import due
from server.shifts.calendar import Occurrence
from server.shifts.queries import calendars_of, on_shift, zone_of

LOOK_AHEAD = timedelta(days=7)
MOST_OCCURRENCES = 60


def of_route(session: Session, route: Route, *, now: datetime) -> list[Doubt]:
    """About the route by itself."""
    legs = list(
        session.scalars(select(RouteLeg).where(RouteLeg.route_id == route.id).order_by(RouteLeg.position))
    )
    policy = policy_of(session, route.site_id)
    book = book_of(session, legs, now=now)
    return [
        *_about_tags(session, legs, book, policy),
        *_about_times(route, legs, book, policy),
    ]


def of_schedule(session: Session, schedule: Schedule, *, now: datetime) -> list[Doubt]:
    """About the timetable, and about its route within its window."""
    route = session.get_one(Route, schedule.route_id)
    legs = making.legs_of(session, route.id)
    policy = policy_of(session, route.site_id)
    book = book_of(session, legs, now=now)
    doubts = of_route(session, route, now=now)
    needed = _needed_s(legs, book, policy)
    if legs and needed > schedule.window_s:
        doubts.append(
            _doubt(
                "window_too_short",
                f"Walking and staying take about {round(needed / 60)} min; the window has {schedule.window_s // 60}.",
                f"行走和停留约需 {round(needed / 60)} 分钟，时段只有 {schedule.window_s // 60} 分钟。",
                is_certain=needed / 2 > schedule.window_s,
            )
        )
    late = [leg for leg in legs if leg.after_s is not None and leg.after_s > schedule.window_s]
    for leg in late:
        doubts.append(
            _at(
                leg,
                book,
                "due_after_window",
                ("is due after the window's end", "的到检时间晚于时段结束"),
                is_certain=True,
            )
        )
    return doubts + _about_people(session, schedule, route, now=now)


def suggest(session: Session, route: Route, *, now: datetime) -> Suggestion:
    """A shorter walk through the same checkpoints, the first one kept."""
    legs = making.legs_of(session, route.id)
    policy = policy_of(session, route.site_id)
    book = book_of(session, legs, now=now)
    ids = [leg.checkpoint_id for leg in legs]
    seconds = [[usual_s(book, a, b, policy) if a != b else 0.0 for b in ids] for a in ids]
    order = shortest_walk(seconds, fixed_start=True)
    return Suggestion(
        checkpoint_ids=[ids[index] for index in order],
        walk_s=round(length(order, seconds)),
        now_s=round(length(range(len(ids)), seconds)),
    )


def coming(session: Session, schedule: Schedule, *, now: datetime) -> list[Occurrence]:
    """The rounds of the coming week."""
    route = session.get_one(Route, schedule.route_id)
    zone = zone_of(session, route.site_id)
    calendar = calendars_of(session, [route.site_id])[route.site_id]
    found = due(making.table_of(schedule), zone, start=now, end=now + LOOK_AHEAD, calendar=calendar)
    return [when for _, when in zip(range(MOST_OCCURRENCES), found, strict=False)]


def _about_tags(session: Session, legs: Sequence[RouteLeg], book: Book, policy: Policy) -> list[Doubt]:
    ids = {leg.checkpoint_id for leg in legs}
    kinds: dict[int, int] = {}
    for checkpoint_id, kind in session.execute(
        select(Tag.checkpoint_id, Tag.kind).where(Tag.checkpoint_id.in_(ids), Tag.revoked_at.is_(None))
    ):
        kinds[checkpoint_id] = max(kinds.get(checkpoint_id, -1), TagKind(kind).rank)
    doubts: list[Doubt] = []
    for leg in legs:
        row = book.checkpoints[leg.checkpoint_id]
        if row.retired_at is not None:
            doubts.append(_at(leg, book, "retired", ("is not in use any more", "已停用"), is_certain=True))
        elif leg.checkpoint_id not in kinds:
            doubts.append(_at(leg, book, "no_tag", ("has no tag", "没有标签"), is_certain=False))
        elif kinds[leg.checkpoint_id] < max(TagKind(row.least_tag).rank, policy.least_tag.rank):
            doubts.append(
                _at(
                    leg,
                    book,
                    "tag_too_weak",
                    ("has no tag of the kind it requires", "没有达到要求等级的标签"),
                    is_certain=True,
                )
            )
    return doubts


def _about_times(route: Route, legs: Sequence[RouteLeg], book: Book, policy: Policy) -> list[Doubt]:
    doubts: list[Doubt] = []
    timed = [leg for leg in legs if leg.after_s is not None]
    if route.walk == "random" and timed:
        doubts.append(
            _doubt(
                "times_in_random_walk",
                "In a random order due times mean nothing; they are not used.",
                "随机顺序下各点的到检时间没有意义，将不使用。",
                is_certain=False,
            )
        )
    if route.walk != "ordered":
        return doubts
    for before, leg in pairwise(timed):
        code = doubt_about(book, before, leg, policy)
        if code is not None:
            said, is_certain = _TIMES[code]
            doubts.append(_at(leg, book, code, said, is_certain=is_certain))
    return doubts


_TIMES = {
    "out_of_order": (("is due before the one before it", "的到检时间早于前一个点"), True),
    "cannot_be_reached": (("cannot be reached in time", "无法按时到达"), True),
    "hardly_reached": (("is hardly reached in time", "很难按时到达"), False),
}
"""What is wrong with a time, and whether it is certain."""


def _about_people(session: Session, schedule: Schedule, route: Route, *, now: datetime) -> list[Doubt]:
    if schedule.team_id is None and schedule.user_id is None:
        return [_doubt("nobody", "Nobody is asked to walk it.", "没有指定班组或人员。", is_certain=False)]
    doubts: list[Doubt] = []
    for when in coming(session, schedule, now=now)[:14]:
        people = on_shift(session, at=when.starts_at, site_id=route.site_id, team_id=schedule.team_id)
        wanted = {row.user_id for row in people}
        if not wanted or (schedule.user_id is not None and schedule.user_id not in wanted):
            doubt = _doubt(
                "nobody_on_shift",
                "Nobody who should walk it is on shift then.",
                "该时段没有应到人员当班。",
                is_certain=False,
            )
            doubts.append(doubt.model_copy(update={"at": when.starts_at}))
            break
    if schedule.user_id is not None:
        doubts += _about_overlaps(session, schedule, now=now)
    return doubts


def _about_overlaps(session: Session, schedule: Schedule, *, now: datetime) -> list[Doubt]:
    """One person cannot walk two routes at once."""
    own = coming(session, schedule, now=now)
    others = session.scalars(
        select(Schedule).where(
            Schedule.user_id == schedule.user_id, Schedule.id != schedule.id, Schedule.enabled
        )
    )
    for other in others:
        for theirs in coming(session, other, now=now):
            for when in own:
                if theirs.starts_at < when.ends_at and when.starts_at < theirs.ends_at:
                    doubt = _doubt(
                        "two_at_once",
                        "The same person has another round at that time.",
                        "同一人员在该时间有另一巡更任务。",
                        is_certain=False,
                    )
                    return [doubt.model_copy(update={"at": when.starts_at})]
    return []


def _needed_s(legs: Sequence[RouteLeg], book: Book, policy: Policy) -> float:
    ids = [leg.checkpoint_id for leg in legs]
    walking = sum(usual_s(book, a, b, policy) for a, b in pairwise(ids))
    return walking + sum(book.checkpoints[checkpoint_id].dwell_s for checkpoint_id in ids)


def _at(leg: RouteLeg, book: Book, code: str, said: tuple[str, str], *, is_certain: bool) -> Doubt:
    row: Checkpoint = book.checkpoints[leg.checkpoint_id]
    en, zh = said
    doubt = _doubt(code, f"{row.name['en']} {en}.", f"{row.name['zh']}{zh}。", is_certain=is_certain)
    return doubt.model_copy(update={"checkpoint_id": leg.checkpoint_id})


def _doubt(code: str, en: str, zh: str, *, is_certain: bool) -> Doubt:
    return Doubt(code=code, is_certain=is_certain, text=Label(en=en, zh=zh))
