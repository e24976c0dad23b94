"""Tables of maintenance windows and of assets out of service. Rows end and are never deleted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, BigId, UtcDateTime


class MaintenanceWindow(Base):
    """From when to when the alarms of a space (with all that lies in it) or of an asset are expected."""

    __tablename__ = "maintenance_windows"
    __table_args__ = (
        CheckConstraint("(space_id IS NULL) <> (asset_id IS NULL)", name="it_stands_on_one_node"),
        CheckConstraint("ends_at > starts_at", name="it_ends_after_it_begins"),
        Index("ix_maintenance_windows_ends_at_starts_at", "ends_at", "starts_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    space_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"), index=True)
    asset_id: Mapped[int | None] = mapped_column(ForeignKey("assets.id"), index=True)
    disciplines: Mapped[list[str]] = mapped_column(JSON)
    """Only alarms of these (elevator, water, fire, power); empty: of all."""
    life_safety: Mapped[bool] = mapped_column(default=False)
    """Also fire, entrapment and panic: said expressly by whoever made it."""
    reason: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    """Who answers for it while it lasts."""
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(120))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a person ended it before its time."""
    ended_by: Mapped[str | None] = mapped_column(String(120))
    applied: Mapped[bool] = mapped_column(default=False)
    """The alarms that were open at its beginning have been told."""


class Outage(Base):
    """An asset that is out of service until somebody puts it back."""

    __tablename__ = "asset_outages"
    __table_args__ = (
        Index(
            "uq_asset_outages_open",
            "asset_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"))
    reason: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it is expected back. Nothing ends by itself then: somebody has to see that it works."""
    by: Mapped[str] = mapped_column(String(120))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(120))
    applied: Mapped[bool] = mapped_column(default=False)
    """The alarms that were open at its beginning have been told."""
