"""The table of the audit chain."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, BigId, UtcDateTime


class AuditEvent(Base):
    """One act of a person or of Plantroom itself. Rows are only ever added."""

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_id: Mapped[int | None]
    """Id of the user; no foreign key, the record outlives what it speaks of. None: nobody was logged in."""
    actor: Mapped[str] = mapped_column(String(120))
    """The actor's name at that time."""
    action: Mapped[str] = mapped_column(String(60), index=True)
    """noun.verb, e.g. ``session.created``, ``ticket.overridden``."""
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(120))
    detail: Mapped[dict[str, object]] = mapped_column(JSON)
    """What changed; never a secret."""
    previous_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Unique: the chain cannot fork."""
    hash: Mapped[str] = mapped_column(String(64), unique=True)
