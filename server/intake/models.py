"""Tables of dead letters, gateways and heartbeats."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, BigId, UtcDateTime


class DeadLetterRow(Base):
    """A copy of a message that a gateway could not read; the gateway's own store is the primary one."""

    __tablename__ = "dead_letters"
    __table_args__ = (Index("ix_dead_letters_gateway_letter", "gateway", "letter", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    gateway: Mapped[str] = mapped_column(String(64))
    letter: Mapped[str] = mapped_column(String(64))
    """The gateway's own id of it: the same letter delivered twice is one row."""
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    topic: Mapped[str] = mapped_column(Text)
    payload: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(String(64), index=True)
    detail: Mapped[str] = mapped_column(Text)


class Gateway(Base):
    """The last that was heard of a gateway."""

    __tablename__ = "gateways"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    online: Mapped[bool]
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    health: Mapped[dict[str, object]] = mapped_column(JSON)
    """telemetry.messages.GatewayHealth as it came."""


class Heartbeat(Base):
    """The last sign of life of a process or loop."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    detail: Mapped[dict[str, object]] = mapped_column(JSON)
