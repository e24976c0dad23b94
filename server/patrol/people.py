"""People as the patrol room shows them: number and name."""

from __future__ import annotations

from collections.abc import Collection

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.identity.models import User


class PersonRead(BaseModel):
    id: int
    display_name: str


def people_of(session: Session, ids: Collection[int]) -> dict[int, PersonRead]:
    """By number; who is not there any more is left out."""
    rows = session.execute(select(User.id, User.display_name).where(User.id.in_(sorted(ids))))
    return {row.id: PersonRead(id=row.id, display_name=row.display_name) for row in rows}
