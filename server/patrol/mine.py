"""What is recorded about one person, and the calls for help."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.identity.models import User
from server.identity.person import CurrentUser
from server.patrol.book import policy_of
from server.patrol.bundle import finding_read
from server.patrol.records import (
    Contest,
    Finding,
    PatrolEvent,
    PatrolException,
    Phone,
    PhoneUser,
    Photo,
    Scan,
    Sos,
)
from server.patrol.safety import site_of
from server.patrol.schemas import MineRead, MyContest, MyException, MyPhone, MyScan, SosRead

MOST = 500


def read(session: Session, *, user: CurrentUser, now: datetime, most: int | None = MOST) -> MineRead:
    """All of it, newest first; at most ``most`` of each kind (None: every one)."""
    policy = policy_of(session, site_of(session, user.id, at=now))
    phones = session.scalars(
        select(Phone).join(PhoneUser, PhoneUser.phone_id == Phone.id).where(PhoneUser.user_id == user.id)
    )
    scans = session.scalars(
        select(Scan).where(Scan.user_id == user.id).order_by(Scan.at.desc(), Scan.id).limit(most)
    )
    exceptions = session.scalars(
        select(PatrolException)
        .where(PatrolException.user_id == user.id)
        .order_by(PatrolException.id.desc())
        .limit(most)
    )
    contests = session.scalars(
        select(Contest).where(Contest.user_id == user.id).order_by(Contest.at.desc()).limit(most)
    )
    findings = session.scalars(
        select(Finding).where(Finding.user_id == user.id).order_by(Finding.at.desc()).limit(most)
    )
    own_calls = (
        select(Sos, User.display_name).join(User, User.id == Sos.user_id).where(Sos.user_id == user.id)
    )
    return MineRead(
        events=_count(session, PatrolEvent, user.id),
        places_kept_days=policy.place_days,
        photos_kept_days=policy.photo_days,
        phones=[
            MyPhone(id=row.id, app=row.app, first_seen=row.first_seen, last_seen=row.last_seen)
            for row in phones
        ],
        scans=[MyScan.model_validate(row) for row in scans],
        exceptions=[MyException.model_validate(row) for row in exceptions],
        contests=[MyContest.model_validate(row) for row in contests],
        findings=[finding_read(row) for row in findings],
        sos=[
            _read(row, name) for row, name in session.execute(own_calls.order_by(Sos.id.desc()).limit(most))
        ],
        photos=_count(session, Photo, user.id),
    )


def calls(session: Session, *, is_open: bool) -> list[SosRead]:
    """Calls for help, the newest first."""
    rows = (
        select(Sos, User.display_name).join(User, User.id == Sos.user_id).order_by(Sos.id.desc()).limit(MOST)
    )
    if is_open:
        rows = rows.where(Sos.closed_at.is_(None), Sos.cancelled_at.is_(None))
    return [_read(row, name) for row, name in session.execute(rows)]


def call_read(session: Session, row: Sos) -> SosRead:
    """One call."""
    person = session.get(User, row.user_id)
    return _read(row, person.display_name if person else "?")


def _read(row: Sos, name: str) -> SosRead:
    fields = {column: getattr(row, column) for column in SosRead.model_fields if column != "person"}
    return SosRead.model_validate({**fields, "person": name})


def _count(session: Session, table: type[PatrolEvent] | type[Photo], user_id: int) -> int:
    return session.scalar(select(func.count()).select_from(table).where(table.user_id == user_id)) or 0
