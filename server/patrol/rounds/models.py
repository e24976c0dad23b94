"""Tables of routes, timetables and rounds, and of what is said about a round."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, BigId, UtcDateTime
from server.errors import Label


class Route(Base):
    """Checkpoints that belong to one walk."""

    __tablename__ = "patrol_routes"
    __table_args__ = (CheckConstraint("walk IN ('ordered', 'free', 'random')", name="walk_is_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[Label] = mapped_column(JSON)
    site_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"), index=True)
    walk: Mapped[str] = mapped_column(String(16))
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RouteLeg(Base):
    """One checkpoint of a route."""

    __tablename__ = "patrol_route_legs"

    route_id: Mapped[int] = mapped_column(ForeignKey("patrol_routes.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoints.id"))
    after_s: Mapped[int | None]
    """When it is due, seconds after the round's start; null: any time within the round."""
    tolerance_s: Mapped[int | None]
    """Null: as the site says."""


class Schedule(Base):
    """When a route is walked, and by whom."""

    __tablename__ = "patrol_schedules"
    __table_args__ = (
        CheckConstraint("window_s > 0", name="window_is_positive"),
        CheckConstraint("days IN ('any', 'work', 'off')", name="days_are_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    route_id: Mapped[int] = mapped_column(ForeignKey("patrol_routes.id"), index=True)
    rrule: Mapped[str] = mapped_column(String(500))
    """RFC 5545 without DTSTART, in the site's zone."""
    starts: Mapped[list[str]] = mapped_column(JSON)
    """HH:MM in the site's zone, each a round, of the days the rule names."""
    window_s: Mapped[int]
    """From start to the end of the window; it may cross midnight."""
    days: Mapped[str] = mapped_column(String(8), default="any")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """The last day, inclusive."""
    team_id: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    enabled: Mapped[bool] = mapped_column(default=True)
    generated_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Rounds exist for all times before this one."""


class Round(Base):
    """One due occurrence of a route, or one that something else called for."""

    __tablename__ = "rounds"
    __table_args__ = (
        CheckConstraint(
            "state IN ('due', 'started', 'suspended', 'finished', 'incomplete', 'missed')",
            name="state_is_known",
        ),
        CheckConstraint("kind IN ('patrol', 'fire_watch', 'dispatch')", name="kind_is_known"),
        UniqueConstraint("schedule_id", "starts_at"),
        Index("ix_rounds_site_id_starts_at", "site_id", "starts_at"),
        Index("ix_rounds_state_window_ends_at", "state", "window_ends_at"),
        Index("ix_rounds_user_id_starts_at", "user_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), default="patrol")
    site_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    route_id: Mapped[int | None] = mapped_column(ForeignKey("patrol_routes.id"), index=True)
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey("patrol_schedules.id"))
    fire_watch_id: Mapped[int | None] = mapped_column(ForeignKey("fire_watches.id"), index=True)
    name: Mapped[Label] = mapped_column(JSON)
    walk: Mapped[str] = mapped_column(String(16))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    window_ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    team_id: Mapped[int | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Whose it is: planned for, or who started it. Null: whoever of the team comes first."""
    planned_id: Mapped[int | None]
    """Whom the timetable and the shifts' substitutions gave it to last; while it is still theirs, a new
    substitution moves it. What a person gave away stays where it was given."""
    state: Mapped[str] = mapped_column(String(16), default="due")
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the server called it missed or incomplete."""
    is_late: Mapped[bool] = mapped_column(default=False)
    """Something of it is late, or was."""
    late_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """While its alarm stands: since when it is behind its times."""
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    suspended_s: Mapped[int] = mapped_column(default=0)
    """How long it was suspended in all; its due times move by as much."""
    cause: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    """Why it was suspended or called for: {kind: alarm|person|fire_zone, id, text: Label}."""
    signature_id: Mapped[str | None] = mapped_column(String(36))
    is_learned: Mapped[bool] = mapped_column(default=False)
    """Its travel times were taken over."""


class RoundLeg(Base):
    """One checkpoint of a round."""

    __tablename__ = "round_legs"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'done', 'late', 'missed', 'excused')", name="state_is_known"),
        Index("ix_round_legs_checkpoint_id_done_at", "checkpoint_id", "done_at"),
    )

    round_id: Mapped[int] = mapped_column(BigId, ForeignKey("rounds.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoints.id"))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tolerance_s: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), default="pending")
    is_overdue: Mapped[bool] = mapped_column(default=False)
    """It is known to be late although nobody came yet."""
    event_id: Mapped[str | None] = mapped_column(String(36))
    """The scan that did it."""
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    strength: Mapped[str | None] = mapped_column(String(8))
    cause: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    """Why it was inserted."""


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
