"""Who a step of an escalation means, and by which ways each of them can be reached."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db import ask_once
from server.identity.models import User
from server.identity.roles import Role
from server.notifications.models import Channel, Preferences, PushSubscription
from server.notifications.policy import ByRole, OnCall, Person, Step, Who
from server.notifications.quiet import quiet_until
from server.shifts.calendar import parse_time
from server.shifts.queries import on_shift

PERSONAL = ("push", "email")


@dataclass(frozen=True)
class Reach:
    """How one person can be reached."""

    user_id: int
    ways: frozenset[str]
    """Of push and email those that have an address."""
    muted: frozenset[str]
    preferences: Preferences | None

    def quiet_until(self, now: datetime) -> datetime | None:
        """When this person's quiet is over; None while it is not quiet."""
        wish = self.preferences
        if wish is None or wish.quiet_from is None or wish.quiet_to is None:
            return None
        zone = ZoneInfo(wish.time_zone)
        return quiet_until(parse_time(wish.quiet_from), parse_time(wish.quiet_to), zone, now=now)


def people_of(session: Session, step: Step, *, now: datetime, site_id: int | None) -> tuple[list[int], bool]:
    """(ids of the people a step means, whether somebody stands in because nobody was on call).

    With nobody on shift the engineers are told, with no engineer the admins: never nobody at all.
    """
    found = dict.fromkeys(user for who in step.who for user in _people(session, who, now, site_id))
    if found:
        return list(found), False
    for role in (Role.ENGINEER, Role.ADMIN):
        found = dict.fromkeys(_with_role(session, role))
        if found:
            break
    return list(found), True


def reach(session: Session, users: Collection[int]) -> dict[int, Reach]:
    """How each of these people can be reached."""
    wanted = tuple(sorted(users))
    return ask_once(session, ("reach", wanted), lambda: _reaches(session, wanted))


def _reaches(session: Session, wanted: tuple[int, ...]) -> dict[int, Reach]:
    wishes = {
        wish.user_id: wish
        for wish in session.scalars(select(Preferences).where(Preferences.user_id.in_(wanted)))
    }
    with_push = set(
        session.scalars(select(PushSubscription.user_id).where(PushSubscription.user_id.in_(wanted)))
    )
    has_mail = session.scalar(select(Channel.id).where(Channel.kind == "email", Channel.enabled).limit(1))
    return {
        user: _reach(user, wishes.get(user), has_push=user in with_push, has_mail=has_mail is not None)
        for user in wanted
    }


def group_channels(session: Session, wanted: Sequence[int] | str) -> list[Channel]:
    """The group channels of a step that are enabled, in its order."""
    enabled = select(Channel).where(Channel.kind != "email", Channel.enabled).order_by(Channel.id)
    rows = ask_once(session, "group channels", lambda: session.scalars(enabled).all())
    if wanted == "all":
        return list(rows)
    by_id: Mapping[int, Channel] = {row.id: row for row in rows}
    return [by_id[int(one)] for one in wanted if int(one) in by_id]


def _reach(user: int, wish: Preferences | None, *, has_push: bool, has_mail: bool) -> Reach:
    ways = {"push"} if has_push else set()
    if has_mail and wish is not None and wish.email:
        ways.add("email")
    return Reach(user, frozenset(ways), frozenset(wish.muted if wish else ()), wish)


def _people(session: Session, who: Who, now: datetime, site_id: int | None) -> Iterable[int]:
    match who:
        case OnCall(team_id=team_id):
            where = None if team_id else site_id
            return ask_once(
                session, ("on shift", now, where, team_id), lambda: _on_shift(session, now, where, team_id)
            )
        case ByRole(role=role):
            return _with_role(session, role)
        case Person(user_id=user_id):
            return session.scalars(select(User.id).where(User.id == user_id, User.disabled_at.is_(None)))


def _on_shift(session: Session, now: datetime, site_id: int | None, team_id: int | None) -> list[int]:
    return [one.user_id for one in on_shift(session, at=now, site_id=site_id, team_id=team_id)]


def _with_role(session: Session, role: Role) -> Iterable[int]:
    able = select(User.id).where(User.role == role, User.disabled_at.is_(None)).order_by(User.id)
    return ask_once(session, ("with role", role), lambda: session.scalars(able).all())
