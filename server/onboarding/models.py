"""Tables of the inbox (what devices send that no point takes) and of the devices' log-ins."""

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


class DeviceIdentity(Base):
    """A device has a user of its own at the broker, who keeps the password's hash. Withdrawn: no row."""

    __tablename__ = "device_identities"

    device: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Device id, user name and client id in one; the device may have no points yet."""
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_by: Mapped[str] = mapped_column(String(120))
