"""Tables of tickets and their events."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, BigId, UtcDateTime
from server.errors import Label

FIRST_NUMBER = 1000
"""Numbers look the same from the first day on."""


class Ticket(Base):
    """One job. A ticket with a rule closes on the evidence of its sensor, one without by hand."""

    __tablename__ = "tickets"
    __table_args__ = (
        CheckConstraint(
            "status IN ('open', 'accepted', 'on_site', 'on_hold', 'verifying', 'closed')",
            name="status_is_known",
        ),
        CheckConstraint("severity IN ('critical', 'high', 'medium', 'low')", name="severity_is_known"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_has_a_time"),
        CheckConstraint("(closed_at IS NULL) = (close_kind IS NULL)", name="closed_has_a_kind"),
        CheckConstraint(
            "status NOT IN ('accepted', 'on_site') OR assignee_id IS NOT NULL", name="work_has_an_owner"
        ),
        Index("ix_tickets_rule_id_asset_id_id", "rule_id", "asset_id", "id"),
        Index("ix_tickets_status_id", "status", "id"),
        Index("ix_tickets_assignee_id_status", "assignee_id", "status"),
        Index("ix_tickets_asset_id_id", "asset_id", "id"),
        # however often the alarm comes back, it is one job
        Index(
            "uq_tickets_open",
            "rule_id",
            "asset_id",
            unique=True,
            sqlite_where=text("status <> 'closed'"),
            postgresql_where=text("status <> 'closed'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[Label] = mapped_column(JSON)
    description: Mapped[str | None] = mapped_column(Text)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"))
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("rules.id"))
    """The rule that opened it; null: a person did."""
    severity: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    respond_by: Mapped[datetime] = mapped_column(UtcDateTime)
    on_site_by: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    on_site_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its owner said it is done."""
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(120))
    close_kind: Mapped[str | None] = mapped_column(String(16))
    merged_into_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("tickets.id"), index=True)
    """The ticket of the common cause, where this one was merged into it."""
    verify_s: Mapped[float]
    """How long the sensor must have been in band, seconds."""
    recurrences: Mapped[int] = mapped_column(default=0)
    """How often the alarm came back since the ticket was opened."""
    flap_hour: Mapped[int] = mapped_column(BigInteger, default=0)

    @property
    def number(self) -> str:
        """What people call it."""
        return f"T-{FIRST_NUMBER + self.id}"


class TicketEvent(Base):
    """One thing that happened to a ticket. Rows are added and never changed."""

    __tablename__ = "ticket_events"
    __table_args__ = (Index("ix_ticket_events_ticket_id_id", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(BigId, ForeignKey("tickets.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(24))
    """reported, recurred, reopened, accepted, assigned, arrived, held, resumed, verifying, closed, commented,
    merged, took_over (another ticket was merged into this one), severity_changed."""
    from_status: Mapped[str] = mapped_column(String(16))
    to_status: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor: Mapped[str] = mapped_column(String(120))
    comment: Mapped[str | None] = mapped_column(Text)
    data: Mapped[dict[str, object]] = mapped_column(JSON)
    """What belongs to this kind of event: the evidence, who it was given to, how often it came back."""
