"""Tables of back-tests and trainings, of who has seen what, and of trained models."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, BigId, UtcDateTime
from server.errors import Label


class RuleRun(Base):
    """A back-test or a training: asked for by a person, done by the server's own thread."""

    __tablename__ = "rule_runs"
    __table_args__ = (
        CheckConstraint("kind IN ('backtest', 'training')", name="kind_is_known"),
        CheckConstraint("status IN ('queued', 'running', 'done', 'failed')", name="status_is_known"),
        CheckConstraint("begin_at < end_at", name="period_is_not_empty"),
        Index("ix_rule_runs_status", "status"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    rule_id: Mapped[int] = mapped_column(ForeignKey("rules.id"), index=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"))
    begin_at: Mapped[datetime] = mapped_column(UtcDateTime)
    end_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rule_version: Mapped[int]
    body: Mapped[dict[str, object]] = mapped_column(JSON)
    """What the rule said when it was asked for: condition, delays, steps, severity."""
    change: Mapped[dict[str, object] | None] = mapped_column(JSON)
    """What to try beside it; null: nothing."""
    status: Mapped[str] = mapped_column(String(16), default="queued")
    progress: Mapped[float] = mapped_column(default=0.0)
    """0 to 1."""
    result: Mapped[dict[str, object] | None] = mapped_column(JSON)
    error: Mapped[Label | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(120))
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BacktestSeen(Base):
    """A person looked at what a rule, saying exactly this, would have raised. Rows are only added."""

    __tablename__ = "backtests_seen"
    __table_args__ = (UniqueConstraint("rule_id", "fingerprint", "user_id", "run_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("rules.id"))
    fingerprint: Mapped[str] = mapped_column(String(64))
    """Of condition, delays and steps: what decides about alarms."""
    run_id: Mapped[int] = mapped_column(ForeignKey("rule_runs.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LearnedModel(Base):
    """A trained model of one learned condition of a rule on one asset. Only ``active`` ever changes."""

    __tablename__ = "learned_models"
    __table_args__ = (UniqueConstraint("rule_id", "asset_id", "name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("rules.id"), index=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"))
    name: Mapped[str] = mapped_column(Text)
    """As the condition calls it: type and points."""
    version: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    facts: Mapped[dict[str, object]] = mapped_column(JSON)
    """What people read about it."""
    active: Mapped[bool] = mapped_column(default=False)
    """The rules process judges by it."""
    from_at: Mapped[datetime] = mapped_column(UtcDateTime)
    to_at: Mapped[datetime] = mapped_column(UtcDateTime)
    trained_at: Mapped[datetime] = mapped_column(UtcDateTime)
    trained_by: Mapped[str] = mapped_column(String(120))
    activated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    activated_by: Mapped[str | None] = mapped_column(String(120))
