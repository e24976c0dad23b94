"""What is recorded about one person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
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
from server.patrol.safety.whereabouts import site_of

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
        findings=[FindingRead.model_validate(row) for row in findings],
        sos=[
            sos_read(row, name)
            for row, name in session.execute(own_calls.order_by(Sos.id.desc()).limit(most))
        ],
        photos=_count(session, Photo, user.id),
    )


def _count(session: Session, table: type[PatrolEvent] | type[Photo], user_id: int) -> int:
    return session.scalar(select(func.count()).select_from(table).where(table.user_id == user_id)) or 0
