"""What is recorded about one person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import SQLColumnExpression, func, select
from sqlalchemy.orm import Session

from server.identity.models import User
from server.identity.person import CurrentUser
from server.patrol.checkpoints.policy import policy_of
from server.patrol.evidence.models import PatrolEvent, PatrolException, Phone, PhoneUser, Scan
from server.patrol.on_site.models import Finding, Photo
from server.patrol.on_site.schemas import FindingRead
from server.patrol.phone.schemas import MineRead, MyContest, MyException, MyPhone, MyScan
from server.patrol.rounds.models import Contest
from server.patrol.safety.models import Sos
from server.patrol.safety.queries import sos_read
from server.patrol.safety.schemas import SosRead
from server.patrol.safety.whereabouts import site_of

MOST = 500
T = TypeVar("T", Scan, PatrolException, Contest, Finding)


def read(session: Session, *, user: CurrentUser, now: datetime, most: int | None = MOST) -> MineRead:
    """All of it, newest first; at most ``most`` of each kind (None: every one)."""
    policy = policy_of(session, site_of(session, user.id, at=now))

    def newest(table: type[T], *order: SQLColumnExpression[object]) -> Iterable[T]:
        return session.scalars(select(table).where(table.user_id == user.id).order_by(*order).limit(most))

    return MineRead(
        events=_count(session, PatrolEvent, user.id),
        places_kept_days=policy.place_days,
        photos_kept_days=policy.photo_days,
        phones=_phones(session, user.id),
        scans=[MyScan.model_validate(row) for row in newest(Scan, Scan.at.desc(), Scan.id)],
        exceptions=[
            MyException.model_validate(row) for row in newest(PatrolException, PatrolException.id.desc())
        ],
        contests=[MyContest.model_validate(row) for row in newest(Contest, Contest.at.desc())],
        findings=[FindingRead.model_validate(row) for row in newest(Finding, Finding.at.desc())],
        sos=_calls(session, user.id, most),
        photos=_count(session, Photo, user.id),
    )


def _phones(session: Session, user_id: int) -> list[MyPhone]:
    rows = session.scalars(
        select(Phone).join(PhoneUser, PhoneUser.phone_id == Phone.id).where(PhoneUser.user_id == user_id)
    )
    return [
        MyPhone(id=row.id, app=row.app, first_seen=row.first_seen, last_seen=row.last_seen) for row in rows
    ]


def _calls(session: Session, user_id: int, most: int | None) -> list[SosRead]:
    rows = session.execute(
        select(Sos, User.display_name)
        .join(User, User.id == Sos.user_id)
        .where(Sos.user_id == user_id)
        .order_by(Sos.id.desc())
        .limit(most)
    )
    return [sos_read(row, name) for row, name in rows]


def _count(session: Session, table: type[PatrolEvent] | type[Photo], user_id: int) -> int:
    return session.scalar(select(func.count()).select_from(table).where(table.user_id == user_id)) or 0
