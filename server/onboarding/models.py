"""Table of the inbox: what devices send that no point takes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, BigId, UtcDateTime
from telemetry.reading import Value


class UnknownSource(Base):
    """One source of one device, as its gateway last told of it."""

    __tablename__ = "unknown_points"
    __table_args__ = (UniqueConstraint("device", "source"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    gateway: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(64))
    recent: Mapped[list[tuple[int, bool | Value]]] = mapped_column(JSON)
    """(event time in milliseconds since 1970-01-01 UTC, value as it was sent), in order of arrival."""
    count: Mapped[int] = mapped_column(BigId)
    """Values since the gateway's start."""
    first_seen: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    dismissed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Somebody said it is not wanted: kept, so that it does not come up again."""
