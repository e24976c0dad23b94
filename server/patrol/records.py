"""Tables of what happened: what phones sent, how far it was believed, findings, photos, calls for help."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
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
    """Clock of its last event, as server.patrol.clock.Stamp."""
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


class GuardCall(Base):
    """The control room calls somebody who walks a round. It stands on that person's phone until answered there."""

    __tablename__ = "patrol_calls"
    __table_args__ = (
        Index(
            "ix_patrol_calls_open",
            "user_id",
            sqlite_where=text("answered_at IS NULL"),
            postgresql_where=text("answered_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """Of the row of the log that says so."""
    round_id: Mapped[int] = mapped_column(BigInteger, index=True)
    user_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


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


class Contest(Base):
    """Somebody says that a checkpoint was called missed wrongly."""

    __tablename__ = "patrol_contests"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    round_id: Mapped[int] = mapped_column(BigInteger, index=True)
    checkpoint_id: Mapped[int]
    user_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(120))
    is_granted: Mapped[bool | None]
    comment: Mapped[str | None] = mapped_column(Text)
