"""Tables of rules, their versions, and the engine's memory."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
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
            "on_delay_s >= 0 AND off_delay_s >= 0 AND verify_s >= 0", name="delays_are_not_negative"
        ),
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
    enabled: Mapped[bool] = mapped_column(default=True)
    opens_ticket: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    customised: Mapped[bool] = mapped_column(default=False)
    """A person changed it: newer profiles leave it alone."""
    problem: Mapped[str | None] = mapped_column(Text)
    """Why the rules process cannot use it, or on which asset it cannot judge."""
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
    """The memory of the rules process, one row. Written with what it led to, or before."""

    __tablename__ = "rule_engine"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Up to where time was known: replay begins a little before."""
    state: Mapped[bytes] = mapped_column(LargeBinary)
