"""Whom alarms sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, BigId, UtcDateTime
from server.errors import Label


class Dispatch(Base):
    """An alarm sent somebody. One an alarm: it sends nobody twice while they are on their way."""

    __tablename__ = "patrol_dispatches"
    __table_args__ = (Index("ix_patrol_dispatches_at", "at"),)

    alarm_id: Mapped[int] = mapped_column(BigId, ForeignKey("alarms.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(120))
    """Who sent them; the system's name where the alarm did by itself."""
    checkpoint_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoints.id"))
    round_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("rounds.id"), index=True)
    """Where the checkpoint was inserted, or the round made for it; null: there was nobody, or no checkpoint."""
    suspended_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("rounds.id"))
    """The round that waits meanwhile."""
    user_id: Mapped[int | None]
    text: Mapped[Label] = mapped_column(JSON)
    """What the alarm says."""
    why: Mapped[Label] = mapped_column(JSON)
    """Why this person, or why nobody."""
