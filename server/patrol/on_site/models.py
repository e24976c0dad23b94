"""Tables of what people note where they are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, BigId, UtcDateTime


class Photo(Base):
    """A photo a phone announced; its bytes lie in a folder, under its id."""

    __tablename__ = "patrol_photos"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(40))
    announced_at: Mapped[datetime] = mapped_column(UtcDateTime)
    complete_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PhotoTaker(Base):
    """Whose photo it is: of the person in whose name the first event speaks that shows it. The bytes may be sent
    under another log-in, after somebody else took over the phone."""

    __tablename__ = "patrol_photo_takers"

    photo_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[int]
    event_id: Mapped[str] = mapped_column(String(36))


class FormAnswers(Base):
    """A filled-in form."""

    __tablename__ = "patrol_answers"

    event_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    round_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    checkpoint_id: Mapped[int | None]
    user_id: Mapped[int]
    form_id: Mapped[int]
    form_version: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    answers: Mapped[dict[str, object]] = mapped_column(JSON)
    problems: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    """What server.forms.check found wrong; it is kept all the same."""


class TypedReading(Base):
    """A value read off a gauge, and what the sensor said at that minute."""

    __tablename__ = "typed_readings"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event_id: Mapped[str] = mapped_column(String(36), index=True)
    item: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int]
    point_id: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    value: Mapped[float]
    unit: Mapped[str | None] = mapped_column(String(24))
    live_point_id: Mapped[int | None]
    live_value: Mapped[float | None]
    live_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tolerance: Mapped[float | None]
    compared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it went onto the bus as a reading."""


class Finding(Base):
    """A defect somebody found. It stays until a later round has seen that it is gone."""

    __tablename__ = "findings"
    __table_args__ = (
        CheckConstraint("severity IN ('critical', 'high', 'medium', 'low')", name="severity_is_known"),
        Index(
            "ix_findings_open",
            "site_id",
            sqlite_where=text("fixed_at IS NULL"),
            postgresql_where=text("fixed_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(36), index=True)
    site_id: Mapped[int | None]
    round_id: Mapped[int | None] = mapped_column(BigInteger)
    checkpoint_id: Mapped[int | None]
    asset_id: Mapped[int | None]
    user_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(Text)
    standard: Mapped[str | None] = mapped_column(Text)
    """What it should be like."""
    severity: Mapped[str] = mapped_column(String(16))
    photo_ids: Mapped[list[str]] = mapped_column(JSON)
    owner_id: Mapped[int | None]
    deadline: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ticket_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    fixed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fixed_by: Mapped[int | None]
    rechecks: Mapped[list[dict[str, object]]] = mapped_column(JSON)


class Handover(Base):
    """A note for the next shift."""

    __tablename__ = "patrol_handovers"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    site_id: Mapped[int] = mapped_column(index=True)
    user_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(Text)
    photo_ids: Mapped[list[str]] = mapped_column(JSON)
