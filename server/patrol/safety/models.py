"""Tables of what is about the safety of people: calls for help, timers of lone workers, fire watches."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, BigId, UtcDateTime
from server.errors import Label


class FireWatch(Base):
    """A fire zone is switched off, and is walked until it is on again."""

    __tablename__ = "fire_watches"
    __table_args__ = (
        Index(
            "uq_fire_watches_open",
            "point_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"), index=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"))
    point_id: Mapped[int | None] = mapped_column(ForeignKey("points.id"))
    """The zone's signal; null: a person began it."""
    every_s: Mapped[int]
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    began_by: Mapped[str] = mapped_column(String(120))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(120))
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the next round is due."""
    reason: Mapped[Label] = mapped_column(JSON)


class Sos(Base):
    """A call for help, by a person or by a lone worker's timer that ran out."""

    __tablename__ = "sos"
    __table_args__ = (CheckConstraint("kind IN ('sos', 'lone_worker')", name="kind_is_known"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    site_id: Mapped[int | None]
    user_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    message: Mapped[str | None] = mapped_column(Text)
    place: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    checkpoint_id: Mapped[int | None]
    """Where the person scanned last."""
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by: Mapped[str | None] = mapped_column(String(120))
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(120))


class LoneWorker(Base):
    """The timer of a person who works alone; one a person."""

    __tablename__ = "lone_workers"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    every_s: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    event_id: Mapped[str] = mapped_column(String(36))
    phone_id: Mapped[str] = mapped_column(String(36))
    called_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """It ran out and help was called; the next sign of the person sets it going again."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
