"""Tables of alarms and their events."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, BigId, UtcDateTime
from server.errors import Label


class StoredFact(TypedDict):
    """Which point stood where against which limit, when the alarm was raised last."""

    point: int
    relation: str
    """above, below, is, is_not, has_bit, silent."""
    value: float | int | str | None
    limit: float | list[int | str] | None
    """A number in the point's unit; codes; bit numbers; seconds for silent."""
    deadband: float


class Alarm(Base):
    """One rule on one asset, from the first time it was raised until it is over and seen."""

    __tablename__ = "alarms"
    __table_args__ = (
        CheckConstraint(
            "state IN ('normal', 'unacknowledged', 'acknowledged', 'returned')", name="state_is_known"
        ),
        CheckConstraint("severity IN ('critical', 'high', 'medium', 'low')", name="severity_is_known"),
        CheckConstraint("occurrences >= 1", name="it_occurred"),
        Index("ix_alarms_rule_id_asset_id_id", "rule_id", "asset_id", "id"),
        Index("ix_alarms_state_id", "state", "id"),
        Index("ix_alarms_asset_id_id", "asset_id", "id"),
        # a second open alarm of the same rule and asset would be a second ticket and a second call at night
        Index(
            "uq_alarms_open",
            "rule_id",
            "asset_id",
            unique=True,
            sqlite_where=text("state <> 'normal'"),
            postgresql_where=text("state <> 'normal'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("rules.id"))
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"))
    rule_key: Mapped[str] = mapped_column(String(64))
    rule_name: Mapped[Label] = mapped_column(JSON)
    """As the rule was called then."""
    severity: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    """First crossing of the latest occurrence."""
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When its on-delay ended, in event time."""
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    in_band_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when the condition is not met, delays left aside; null while it is met."""
    occurrences: Mapped[int] = mapped_column(default=1)
    facts: Mapped[list[StoredFact]] = mapped_column(JSON)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by: Mapped[str | None] = mapped_column(String(120))
    acknowledge_comment: Mapped[str | None] = mapped_column(Text)
    ticket_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("tickets.id"), index=True)
    mark: Mapped[int] = mapped_column(BigInteger)
    """Of the last transition that was applied: one that comes again changes nothing."""
    flap_hour: Mapped[int] = mapped_column(BigInteger, default=0)
    """Hour (since 1970) in which flap events are being counted."""
    flap_events: Mapped[int] = mapped_column(default=0)


class AlarmEvent(Base):
    """One change of an alarm. Rows are added and never changed."""

    __tablename__ = "alarm_events"
    __table_args__ = (Index("ix_alarm_events_alarm_id_id", "alarm_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    alarm_id: Mapped[int] = mapped_column(BigId, ForeignKey("alarms.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it happened, event time."""
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(24))
    """raised, raised_again, returned, withdrawn, acknowledged, chattering."""
    from_state: Mapped[str] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor: Mapped[str] = mapped_column(String(120))
    comment: Mapped[str | None] = mapped_column(Text)
    facts: Mapped[list[StoredFact]] = mapped_column(JSON)
