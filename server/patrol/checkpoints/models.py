"""Tables of what there is to visit: checkpoints, tags, floor plans, ways, what a site decided."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, UtcDateTime
from server.errors import Label


class PatrolSite(Base):
    """What a site decided about its rounds; a site without a row has the defaults."""

    __tablename__ = "patrol_sites"

    site_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"), primary_key=True)
    policy: Mapped[dict[str, object]] = mapped_column(JSON)


class FloorPlan(Base):
    """The picture of a floor, on which checkpoints have a place."""

    __tablename__ = "floor_plans"
    __table_args__ = (CheckConstraint("width > 0 AND height > 0", name="it_has_a_size"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"), index=True)
    name: Mapped[Label] = mapped_column(JSON)
    media_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    """Pixels of the picture, in which x and y of checkpoints are given."""
    millimetres_a_pixel: Mapped[int | None]
    sha256: Mapped[str] = mapped_column(String(64))
    image: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Checkpoint(Base):
    """A place to be visited."""

    __tablename__ = "checkpoints"
    __table_args__ = (
        CheckConstraint("(lat_e7 IS NULL) = (lng_e7 IS NULL)", name="a_place_has_two_numbers"),
        CheckConstraint("(x IS NULL) = (y IS NULL)", name="a_spot_has_two_numbers"),
        CheckConstraint("dwell_s >= 0", name="dwell_is_not_negative"),
        CheckConstraint("least_tag IN ('qr', 'nfc', 'ntag424')", name="tag_kind_is_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[Label] = mapped_column(JSON)
    site_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"), index=True)
    space_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"))
    asset_id: Mapped[int | None] = mapped_column(ForeignKey("assets.id"), index=True)
    floor: Mapped[int | None]
    """Number of the floor, for the way between floors; 0 is the ground floor."""
    lat_e7: Mapped[int | None]
    lng_e7: Mapped[int | None]
    """Degrees times ten million (WGS 84)."""
    radius_m: Mapped[int | None]
    """Null: as the site says."""
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("floor_plans.id"))
    x: Mapped[int | None]
    y: Mapped[int | None]
    photo_id: Mapped[str | None] = mapped_column(ForeignKey("pictures.id"))
    """What it looks like; one of the pictures of planners (server.forms.pictures)."""
    instructions: Mapped[Label] = mapped_column(JSON)
    form_id: Mapped[int | None] = mapped_column(ForeignKey("forms.id"))
    dwell_s: Mapped[int] = mapped_column(default=0)
    """How long one has to stay, seconds."""
    least_tag: Mapped[str] = mapped_column(String(16), default="qr")
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Tag(Base):
    """A QR label or NFC tag. Its code stands in its address; keys never leave the server."""

    __tablename__ = "tags"
    __table_args__ = (
        CheckConstraint("kind IN ('qr', 'nfc', 'ntag424')", name="kind_is_known"),
        CheckConstraint("kind <> 'ntag424' OR uid IS NOT NULL", name="a_secure_tag_has_a_uid"),
        CheckConstraint("(file_key IS NULL) = (meta_key IS NULL)", name="keys_come_in_pairs"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoints.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    uid: Mapped[str | None] = mapped_column(String(14), unique=True)
    """14 hex digits, upper case."""
    meta_key: Mapped[str | None] = mapped_column(String(120))
    file_key: Mapped[str | None] = mapped_column(String(120))
    """Sealed with the installation's key; null: both are derived from it."""
    mac_covers: Mapped[str] = mapped_column(String(16), default="nothing")
    """Text of the address that the tag signs: nothing, message (from the encrypted part on), data."""
    last_counter: Mapped[int] = mapped_column(default=-1)
    """The highest counter that was accepted."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_reason: Mapped[str | None] = mapped_column(Text)


class TagCounter(Base):
    """A read counter of a tag that was used. A second use breaks the key, and is refused."""

    __tablename__ = "tag_counters"
    __table_args__ = (Index("ix_tag_counters_tag_id_at", "tag_id", "at"),)

    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id"), primary_key=True)
    counter: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it was tapped, as far as we know."""


class TravelTime(Base):
    """How long people take from one checkpoint to the next, learned from finished rounds."""

    __tablename__ = "travel_times"

    from_id: Mapped[int] = mapped_column(ForeignKey("checkpoints.id"), primary_key=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("checkpoints.id"), primary_key=True)
    median_s: Mapped[int]
    count: Mapped[int]
    recent_s: Mapped[list[int]] = mapped_column(JSON)
    """The newest observations, oldest first."""
