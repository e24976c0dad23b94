"""Tables of alarms and their events."""

from __future__ import annotations

from datetime import datetime
from typing import NotRequired, TypedDict

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
    words: NotRequired[Label]
    """What is said in place of a value."""


class Alarm(Base):
    """One rule on one asset, from the first time it was raised until it is over and seen."""

    __tablename__ = "alarms"
    __table_args__ = (
        CheckConstraint(
            "state IN ('normal', 'unacknowledged', 'acknowledged', 'returned')", name="state_is_known"
        ),
        CheckConstraint("severity IN ('critical', 'high', 'medium', 'low')", name="severity_is_known"),
        CheckConstraint("occurrences >= 1", name="it_occurred"),
        CheckConstraint(
            "availability IN ('in_service', 'shelved', 'suppressed', 'out_of_service')",
            name="availability_is_known",
        ),
        Index("ix_alarms_availability_state_id", "availability", "state", "id"),
        Index("ix_alarms_severity_state_id", "severity", "state", "id"),
        Index("ix_alarms_site_id_state_id", "site_id", "state", "id"),
        Index("ix_alarms_raised_at", "raised_at"),
        Index("ix_alarms_acknowledged_at_answered_s", "acknowledged_at", "answered_s"),
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
    site_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"))
    """Where its asset stood when it was raised."""
    discipline: Mapped[str] = mapped_column(String(40), default="")
    """Of its asset's profile: elevator, water, fire, power."""
    life_safety: Mapped[bool] = mapped_column(default=False)
    latched: Mapped[bool] = mapped_column(default=False)
    """Over only once a person has reset it, even where the condition is long gone."""
    opens_ticket: Mapped[bool] = mapped_column(default=True)
    verify_s: Mapped[float] = mapped_column(default=0.0)
    """As its rule said then: needed when the ticket is opened later than the alarm came."""
    availability: Mapped[str] = mapped_column(String(16), default="in_service")
    """What was acted on last. ``availability.availability_of`` says what it is now."""
    explained: Mapped[Label | None] = mapped_column(JSON(none_as_null=True))
    """Which running alarm it follows from; null: it stands for itself."""
    # no foreign key: an incident names its cause, and two tables cannot both come first
    incident_id: Mapped[int | None] = mapped_column(BigId, index=True)
    ticket_wait_until: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """Its ticket is held back until then: its cause may be about to report."""
    answered_s: Mapped[float | None]
    """From raised to acknowledged, seconds; of the latest acknowledgement."""
    raised_ms: Mapped[list[int]] = mapped_column(JSON, default=list)
    """When it came, the last few times, epoch milliseconds: three within a minute are chatter."""
    chattered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When it chattered last."""
    flap_hour: Mapped[int] = mapped_column(BigInteger, default=0)
    """Hour (since 1970) in which flap events are being counted."""
    flap_events: Mapped[int] = mapped_column(default=0)


class AlarmEvent(Base):
    """One change of an alarm. Rows are added and never changed."""

    __tablename__ = "alarm_events"
    __table_args__ = (
        Index("ix_alarm_events_alarm_id_id", "alarm_id", "id"),
        Index("ix_alarm_events_kind_at", "kind", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    alarm_id: Mapped[int] = mapped_column(BigId, ForeignKey("alarms.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it happened, event time."""
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(24))
    """raised, raised_again, returned, withdrawn, acknowledged, reset, severity_raised, severity_lowered,
    chattering, quietened (too many to write each), shelved, unshelved, suppressed, out_of_service,
    came_through, folded, parted."""
    from_state: Mapped[str] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor: Mapped[str] = mapped_column(String(120))
    comment: Mapped[str | None] = mapped_column(Text)
    facts: Mapped[list[StoredFact]] = mapped_column(JSON)
    data: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    """What belongs to this kind: severities before and after, until when and why it is shelved."""


class Shelf(Base):
    """A rule on an asset that a person put aside, for a time and with a reason. Rows end and are never deleted."""

    __tablename__ = "alarm_shelves"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="it_ends_after_it_begins"),
        Index("ix_alarm_shelves_rule_id_asset_id", "rule_id", "asset_id"),
        Index("ix_alarm_shelves_ends_at", "ends_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("rules.id"))
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"))
    reason: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    by: Mapped[str] = mapped_column(String(120))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a person took it off the shelf before its end."""
    ended_by: Mapped[str | None] = mapped_column(String(120))


class AlarmTally(Base):
    """How often a rule spoke up on an asset within ten minutes: the health of the alarm system is counted from it.

    One row for all comings of ten minutes: a chattering alarm does not fill the disk, and a year is read quickly.
    """

    __tablename__ = "alarm_tallies"
    __table_args__ = (
        # all that the health page counts stands in the index: no row is looked up
        Index(
            "ix_alarm_tallies_bucket",
            "bucket",
            "site_id",
            "severity",
            "rule_id",
            "asset_id",
            "announced",
            "quiet",
        ),
    )

    bucket: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    """Its ten minutes, counted from 1970."""
    rule_id: Mapped[int] = mapped_column(ForeignKey("rules.id"), primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"), primary_key=True)
    severity: Mapped[str] = mapped_column(String(16), primary_key=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"))
    announced: Mapped[int] = mapped_column(default=0)
    """Presented to people."""
    quiet: Mapped[int] = mapped_column(default=0)
    """Shelved, suppressed or out of service."""
