"""Tables of what is recorded: phones, the log of evidence, scans, and what supervisors should see."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, BigId, UtcDateTime
from server.errors import Label


class Phone(Base):
    """One installation of the phone app, and where its chain ends."""

    __tablename__ = "phones"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    """Who used it first."""
    app: Mapped[str] = mapped_column(String(40))
    first_seen: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    last_hash: Mapped[str] = mapped_column(String(64))
    last_stamp: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    """Clock of its last event, as server.patrol.proof.clock.Stamp."""
    offset_ms: Mapped[int | None] = mapped_column(BigInteger)
    """True time less its wall clock, as last estimated."""
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PhoneUser(Base):
    """A person who was logged in on a phone."""

    __tablename__ = "phone_users"

    phone_id: Mapped[str] = mapped_column(ForeignKey("phones.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)


class PatrolEvent(Base):
    """A row of the log of evidence: what a phone sent, or what the server decided. Only ever added."""

    __tablename__ = "patrol_events"
    __table_args__ = (
        Index("ix_patrol_events_phone_id_seq", "phone_id", "seq"),
        Index("ix_patrol_events_user_id_number", "user_id", "number"),
        Index("ix_patrol_events_round_id_number", "round_id", "number"),
    )

    number: Mapped[int] = mapped_column(BigId, primary_key=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    origin: Mapped[str] = mapped_column(String(8))
    """phone or server."""
    kind: Mapped[str] = mapped_column(String(24))
    phone_id: Mapped[str | None] = mapped_column(String(36))
    seq: Mapped[int | None] = mapped_column(BigInteger)
    user_id: Mapped[int | None]
    round_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it happened, as far as the server can tell."""
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    body: Mapped[str] = mapped_column(Text)
    """Canonical JSON of all of it: the event as sent, and what the server made of it. This is what is hashed."""
    answer: Mapped[dict[str, object]] = mapped_column(JSON)
    """What the phone was told, and is told again when it asks again."""
    hash: Mapped[str] = mapped_column(String(64))
    """Over ``body`` and the hash of the row before."""


class Scan(Base):
    """One scan as screens ask for it; the evidence is the event of the same id."""

    __tablename__ = "patrol_scans"
    __table_args__ = (
        CheckConstraint("strength IN ('strong', 'fair', 'weak', 'refused')", name="strength_is_known"),
        Index("ix_patrol_scans_checkpoint_id_at", "checkpoint_id", "at"),
        Index("ix_patrol_scans_user_id_at", "user_id", "at"),
        Index("ix_patrol_scans_round_id", "round_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    phone_id: Mapped[str] = mapped_column(String(36))
    seq: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[int]
    site_id: Mapped[int | None]
    round_id: Mapped[int | None] = mapped_column(BigInteger)
    checkpoint_id: Mapped[int | None]
    tag_id: Mapped[int | None]
    how: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    uncertain_s: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    strength: Mapped[str] = mapped_column(String(8))
    counts: Mapped[bool]
    reasons: Mapped[list[str]] = mapped_column(JSON)
    lat_e7: Mapped[int | None]
    lng_e7: Mapped[int | None]
    accuracy_m: Mapped[int | None]
    photo_ids: Mapped[list[str]] = mapped_column(JSON)


class PatrolException(Base):
    """Something a supervisor should see. It is shown until somebody says what it was."""

    __tablename__ = "patrol_exceptions"
    __table_args__ = (
        Index("ix_patrol_exceptions_site_id_id", "site_id", "id"),
        Index("ix_patrol_exceptions_round_id", "round_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    code: Mapped[str] = mapped_column(String(32), index=True)
    site_id: Mapped[int | None]
    user_id: Mapped[int | None]
    phone_id: Mapped[str | None] = mapped_column(String(36))
    round_id: Mapped[int | None] = mapped_column(BigInteger)
    checkpoint_id: Mapped[int | None]
    event_id: Mapped[str | None] = mapped_column(String(36), index=True)
    detail: Mapped[Label] = mapped_column(JSON)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[str | None] = mapped_column(String(120))
    settled_as: Mapped[str | None] = mapped_column(String(16))
    """By a person: innocent, confirmed, excused. By the system: evidence (a late scan did it); of a late round
    returned, suspended, missed."""
    comment: Mapped[str | None] = mapped_column(Text)
