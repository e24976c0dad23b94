"""Tables of incidents, their alarms and their history."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, BigId, UtcDateTime
from server.errors import Label


class Incident(Base):
    """Alarms that belong together, or an emergency that a person declared."""

    __tablename__ = "incidents"
    __table_args__ = (
        CheckConstraint("kind IN ('caused', 'inferred', 'declared')", name="kind_is_known"),
        CheckConstraint("status IN ('open', 'merged', 'ended')", name="status_is_known"),
        CheckConstraint("severity IN ('critical', 'high', 'medium', 'low')", name="severity_is_known"),
        CheckConstraint("(status = 'open') = (ended_at IS NULL)", name="ended_has_a_time"),
        Index("ix_incidents_status_id", "status", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    """caused: an alarm tells of the cause; inferred: several alarms point at a supplier that says nothing."""
    status: Mapped[str] = mapped_column(String(16))
    title: Mapped[Label] = mapped_column(JSON)
    description: Mapped[str | None] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(String(16))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"))
    cause_key: Mapped[str | None] = mapped_column(String(64))
    """Kind of failure, see causes.yaml; null: declared."""
    cause_alarm_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("alarms.id"), index=True)
    cause_asset_id: Mapped[int | None] = mapped_column(ForeignKey("assets.id"), index=True)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recovered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when the cause is over; its alarms get a while to follow."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ticket_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("tickets.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("incidents.id"))
    declared_by: Mapped[str | None] = mapped_column(String(120))


class IncidentMember(Base):
    """An alarm of an incident."""

    __tablename__ = "incident_members"
    __table_args__ = (Index("ix_incident_members_alarm_id", "alarm_id"),)

    incident_id: Mapped[int] = mapped_column(BigId, ForeignKey("incidents.id"), primary_key=True)
    alarm_id: Mapped[int] = mapped_column(BigId, ForeignKey("alarms.id"), primary_key=True)
    part: Mapped[str] = mapped_column(String(8))
    """cause or effect."""
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it went on to another incident, or turned out to stand for itself."""


class IncidentEvent(Base):
    """One thing that happened to an incident. Rows are added and never changed."""

    __tablename__ = "incident_events"
    __table_args__ = (Index("ix_incident_events_incident_id_id", "incident_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    incident_id: Mapped[int] = mapped_column(BigId, ForeignKey("incidents.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(24))
    """opened, declared, joined, parted, took_over, merged, ticket, recovered, relapsed, reopened, ended, commented."""
    actor: Mapped[str] = mapped_column(String(120))
    comment: Mapped[str | None] = mapped_column(Text)
    data: Mapped[dict[str, object]] = mapped_column(JSON)
