"""Tables of the tree: spaces, assets, devices, points, feeds."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base
from server.errors import Label
from telemetry.messages import Kind


class Space(Base):
    """A node of the tree site > building > floor > space."""

    __tablename__ = "spaces"
    __table_args__ = (
        CheckConstraint("kind IN ('site', 'building', 'floor', 'space')", name="kind_is_known"),
        # schedules and deadlines are kept in the site's own time
        CheckConstraint("kind <> 'site' OR time_zone IS NOT NULL", name="site_has_a_time_zone"),
        CheckConstraint("(kind = 'site') = (parent_id IS NULL)", name="only_sites_are_roots"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[Label] = mapped_column(JSON)
    time_zone: Mapped[str | None] = mapped_column(String(64))
    """IANA name; sites only."""
    position: Mapped[int] = mapped_column(default=0)
    """Order among the siblings."""


class Asset(Base):
    """A piece of equipment."""

    __tablename__ = "assets"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[Label] = mapped_column(JSON)
    profile: Mapped[str] = mapped_column(String(64), index=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"), index=True)
    drill: Mapped[bool] = mapped_column(default=False)
    """Simulated equipment for exercises: everything about it is marked DRILL."""


class Device(Base):
    """What speaks MQTT. ``id`` is the name in its topic."""

    __tablename__ = "devices"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str | None] = mapped_column(String(120))
    """What people call it: make, place, serial number."""


class Point(Base):
    """One measured signal of an asset."""

    __tablename__ = "points"
    __table_args__ = (
        UniqueConstraint("asset_id", "key"),
        UniqueConstraint("device_id", "source"),
        CheckConstraint("kind IN ('analog', 'state', 'flags', 'counter')", name="kind_is_known"),
        CheckConstraint("interval_s > 0", name="interval_is_positive"),
        # one end alone would be a band that is nowhere drawn
        CheckConstraint("(normal_low IS NULL) = (normal_high IS NULL)", name="band_has_two_ends"),
        CheckConstraint("normal_low <= normal_high", name="band_is_not_upside_down"),
        Index("ix_points_device_id", "device_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"), index=True)
    device_id: Mapped[str] = mapped_column(ForeignKey("devices.id"))
    source: Mapped[str] = mapped_column(String(64))
    """What the device calls it in its payload."""
    key: Mapped[str] = mapped_column(String(64))
    kind: Mapped[Kind] = mapped_column(String(16))
    quantity: Mapped[str] = mapped_column(String(40))
    unit: Mapped[str | None] = mapped_column(String(24))
    name: Mapped[Label] = mapped_column(JSON)
    interval_s: Mapped[float]
    """How often a value is expected, seconds."""
    normal_low: Mapped[float | None]
    normal_high: Mapped[float | None]
    physical_low: Mapped[float | None]
    physical_high: Mapped[float | None]
    scale: Mapped[float] = mapped_column(default=1.0)
    offset: Mapped[float] = mapped_column(default=0.0)
    decimals: Mapped[int | None]
    states: Mapped[dict[str, Label] | None] = mapped_column(JSON(none_as_null=True))
    """Code (as text) to its name; state points only."""
    bits: Mapped[dict[str, Label] | None] = mapped_column(JSON(none_as_null=True))
    """Bit number (as text) to its name; flags points only."""
    position: Mapped[int] = mapped_column(default=0)
    """Order on the asset's page, as in the profile."""


class Feed(Base):
    """One asset supplies another: a meter feeds the pumps behind it."""

    __tablename__ = "feeds"

    from_asset: Mapped[int] = mapped_column(ForeignKey("assets.id"), primary_key=True)
    to_asset: Mapped[int] = mapped_column(ForeignKey("assets.id"), primary_key=True, index=True)


class CatalogueRevision(Base):
    """One row: counts the changes of points, so that publishers see when there is something new."""

    __tablename__ = "catalogue_revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int]
