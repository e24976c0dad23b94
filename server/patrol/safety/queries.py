"""Calls for help as they are shown."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.identity.models import User
from server.patrol.safety.models import Sos
from server.patrol.safety.schemas import SosRead

MOST = 500


def calls(session: Session, *, is_open: bool) -> list[SosRead]:
    """Calls for help, the newest first."""
    rows = (
        select(Sos, User.display_name).join(User, User.id == Sos.user_id).order_by(Sos.id.desc()).limit(MOST)
    )
    if is_open:
        rows = rows.where(Sos.closed_at.is_(None), Sos.cancelled_at.is_(None))
    return [sos_read(row, name) for row, name in session.execute(rows)]


def call_read(session: Session, row: Sos) -> SosRead:
    """One call."""
    person = session.get(User, row.user_id)
    return sos_read(row, person.display_name if person else "?")


def sos_read(row: Sos, name: str) -> SosRead:
    fields = {column: getattr(row, column) for column in SosRead.model_fields if column != "person"}
    return SosRead.model_validate({**fields, "person": name})
