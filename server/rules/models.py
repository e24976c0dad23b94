"""Tables of rules, their versions, and the engine's memory."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, BigId, UtcDateTime
from server.errors import Label


class Rule(Base):
    """A condition on points, its delays, and the alarm it raises; on all assets of a profile or on one."""

    __tablename__ = "rules"
    __table_args__ = (
        UniqueConstraint("profile", "key", "asset_id"),
        CheckConstraint("severity IN ('critical', 'high', 'medium', 'low')", name="severity_is_known"),
        CheckConstraint(
            "on_delay_s >= 0 AND off_delay_s >= 0 AND verify_s >= 0 AND remind_s >= 0",
            name="delays_are_not_negative",
        ),
        # a fire that waits for its on-delay is a fire that nobody knows of
        CheckConstraint("NOT life_safety OR on_delay_s = 0", name="life_safety_never_waits"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    profile: Mapped[str] = mapped_column(String(64))
    asset_id: Mapped[int | None] = mapped_column(ForeignKey("assets.id"), index=True)
    """Null: every asset of the profile."""
    name: Mapped[Label] = mapped_column(JSON)
    severity: Mapped[str] = mapped_column(String(16))
    condition: Mapped[dict[str, object]] = mapped_column(JSON)
    on_delay_s: Mapped[float]
    off_delay_s: Mapped[float]
    verify_s: Mapped[float]
    """How long the sensor must be back in band before the ticket may be closed."""
    steps: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)
    """Severities that an alarm reaches: {severity, when or null, after_s}."""
    remind_s: Mapped[float] = mapped_column(default=0.0)
    """While raised, its alarm asks to be seen again after so long; 0: never."""
    latched: Mapped[bool] = mapped_column(default=False)
    """Its alarms are over only once a person has reset them."""
    life_safety: Mapped[bool] = mapped_column(default=False)
    """A life may hang on it: it never waits."""
    enabled: Mapped[bool] = mapped_column(default=True)
    opens_ticket: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    customised: Mapped[bool] = mapped_column(default=False)
    """A person changed it: newer profiles leave it alone."""
    problem: Mapped[Label | None] = mapped_column(JSON(none_as_null=True))
    """Why the rules process cannot use it, or on which asset it cannot judge."""
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Taken away by a person; kept because alarms refer to it."""
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by: Mapped[str] = mapped_column(String(120))


class RuleVersion(Base):
    """What a rule said at some time. Rows are added and never changed."""

    __tablename__ = "rule_versions"
    __table_args__ = (UniqueConstraint("rule_id", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("rules.id"))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(120))
    body: Mapped[dict[str, object]] = mapped_column(JSON)


class EngineState(Base):
    """The memory of the rules process, a row a slice. Written with what it led to, or before."""

    __tablename__ = "rule_engine"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Up to where time was known for this slice: replay begins a little before the oldest."""
    state: Mapped[bytes] = mapped_column(LargeBinary)
