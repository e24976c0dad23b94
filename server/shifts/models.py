"""Tables of teams, shifts, substitutions and of the work calendar."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime
from server.errors import Label


class Team(Base):
    """People who cover for one another: the engineers of a site, its guards."""

    __tablename__ = "teams"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[Label] = mapped_column(JSON)
    site_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"), index=True)


class TeamMember(Base):
    __tablename__ = "team_members"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Shift(Base):
    """Hours of work that recur: from when to when on which days, in the time of the team's site."""

    __tablename__ = "shifts"
    __table_args__ = (
        CheckConstraint("days IN ('any', 'work', 'off')", name="days_are_known"),
        CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="it_ends_after_it_begins"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), index=True)
    name: Mapped[Label] = mapped_column(JSON)
    starts: Mapped[str] = mapped_column(String(5))
    """HH:MM on the site's clocks."""
    ends: Mapped[str] = mapped_column(String(5))
    """HH:MM; not later than ``starts``: on the day after."""
    rrule: Mapped[str] = mapped_column(Text)
    """RFC 5545, of whole days: FREQ=DAILY, or FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU."""
    days: Mapped[str] = mapped_column(String(8), default="any")
    """any; work, off: of those days only the ones that the site's work calendar calls so."""
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    """The last day on which it begins; null: until it is ended."""


class ShiftMember(Base):
    """Who has this shift; they are members of its team."""

    __tablename__ = "shift_members"

    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Substitution(Base):
    """One person stands in for another on one day of a shift. Replaced by null: they are away, nobody stands in."""

    __tablename__ = "substitutions"
    __table_args__ = (
        UniqueConstraint("shift_id", "on", "user_id"),
        CheckConstraint("replaced_by IS NULL OR replaced_by <> user_id", name="nobody_replaces_themselves"),
        Index("ix_substitutions_on", "on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shifts.id", ondelete="CASCADE"))
    on: Mapped[date] = mapped_column(Date)
    """The day on which the shift begins."""
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    replaced_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(120))


class CalendarDay(Base):
    """A day that is not what its weekday says: a holiday, or a weekend day that is worked."""

    __tablename__ = "calendar_days"
    __table_args__ = (CheckConstraint("kind IN ('work', 'off')", name="kind_is_known"),)

    site_id: Mapped[int] = mapped_column(ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[Label] = mapped_column(JSON)
