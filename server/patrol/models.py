"""Tables of what is planned: checkpoints, tags, floor plans, routes, schedules, rounds."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, BigId, UtcDateTime
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


class TravelTime(Base):
    """How long people take from one checkpoint to the next, learned from finished rounds."""

    __tablename__ = "travel_times"

    from_id: Mapped[int] = mapped_column(ForeignKey("checkpoints.id"), primary_key=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("checkpoints.id"), primary_key=True)
    median_s: Mapped[int]
    count: Mapped[int]
    recent_s: Mapped[list[int]] = mapped_column(JSON)
    """The newest observations, oldest first."""


class Dispatch(Base):
    """An alarm sent somebody. One an alarm: it sends nobody twice while they are on their way."""

    __tablename__ = "patrol_dispatches"
    __table_args__ = (Index("ix_patrol_dispatches_at", "at"),)

    alarm_id: Mapped[int] = mapped_column(BigId, ForeignKey("alarms.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(120))
    """Who sent them; the system's name where the alarm did by itself."""
    checkpoint_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoints.id"))
    round_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("rounds.id"), index=True)
    """Where the checkpoint was inserted, or the round made for it; null: there was nobody, or no checkpoint."""
    suspended_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("rounds.id"))
    """The round that waits meanwhile."""
    user_id: Mapped[int | None]
    text: Mapped[Label] = mapped_column(JSON)
    """What the alarm says."""
    why: Mapped[Label] = mapped_column(JSON)
    """Why this person, or why nobody."""


class FireWatch(Base):
    """A fire zone is switched off, and is walked until it is on again."""

    __tablename__ = "fire_watches"
    __table_args__ = (
        Index(
            "uq_fire_watches_open",
            "point_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("spaces.id"), index=True)
    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id"))
    point_id: Mapped[int | None] = mapped_column(ForeignKey("points.id"))
    """The zone's signal; null: a person began it."""
    every_s: Mapped[int]
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    began_by: Mapped[str] = mapped_column(String(120))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(120))
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the next round is due."""
    reason: Mapped[Label] = mapped_column(JSON)
