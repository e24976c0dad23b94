"""What crosses HTTP about planning: checkpoints, tags, plans, routes, schedules."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from server.assets.profiles import Key, Name
from server.db import RowId
from server.errors import Label
from server.patrol.checkpoints.policy import Policy, TagKind

Walking = Literal["ordered", "free", "random"]
_EMPTY = Label(en="", zh="")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Read(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class SitePolicy(BaseModel):
    site_id: int
    name: Label
    policy: Policy


class PolicyChange(BaseModel):
    """What somebody changed, by field: [before, after]."""

    at: datetime
    by: str
    changes: dict[str, JsonValue]


class TagRead(_Read):
    id: int
    code: str
    checkpoint_id: int
    kind: TagKind
    uid: str | None
    mac_covers: str
    last_counter: int
    created_at: datetime
    revoked_at: datetime | None
    revoked_reason: str | None


class TagIn(_Body):
    checkpoint_id: RowId
    kind: TagKind
    uid: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{14}$")] | None = None
    """Of the chip; NTAG 424 only."""
    mac_covers: Literal["nothing", "message", "data"] = "nothing"

    @model_validator(mode="after")
    def _uid_belongs_to_chips(self) -> Self:
        if (self.kind is TagKind.NTAG424) != (self.uid is not None):
            raise ValueError("an NTAG 424 has a uid, other tags have none")
        return self


class RevokeTag(_Body):
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class CheckpointRead(_Read):
    id: int
    key: str
    name: Label
    site_id: int
    space_id: int
    asset_id: int | None
    floor: int | None
    lat_e7: int | None
    lng_e7: int | None
    radius_m: int | None
    plan_id: int | None
    x: int | None
    y: int | None
    photo_id: str | None
    instructions: Label
    form_id: int | None
    dwell_s: int
    least_tag: TagKind
    retired_at: datetime | None


class CheckpointDetail(CheckpointRead):
    place: list[Label]
    tags: list[TagRead]


class CheckpointIn(_Body):
    key: Key
    name: Name
    space_id: RowId
    asset_id: RowId | None = None
    floor: Annotated[int, Field(ge=-50, le=300)] | None = None
    lat_e7: Annotated[int, Field(ge=-900_000_000, le=900_000_000)] | None = None
    lng_e7: Annotated[int, Field(ge=-1_800_000_000, le=1_800_000_000)] | None = None
    radius_m: Annotated[int, Field(ge=1, le=5000)] | None = None
    plan_id: RowId | None = None
    x: Annotated[int, Field(ge=0, le=100_000)] | None = None
    y: Annotated[int, Field(ge=0, le=100_000)] | None = None
    photo_id: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")] | None = None
    instructions: Label = _EMPTY
    form_id: RowId | None = None
    dwell_s: Annotated[int, Field(ge=0, le=7200)] = 0
    least_tag: TagKind = TagKind.QR

    @model_validator(mode="after")
    def _places_are_whole(self) -> Self:
        if (self.lat_e7 is None) != (self.lng_e7 is None):
            raise ValueError("a place has a latitude and a longitude")
        if (self.x is None) != (self.y is None) or (self.x is not None and self.plan_id is None):
            raise ValueError("a spot has x, y and a plan")
        return self


class PlanRead(_Read):
    id: int
    space_id: int
    name: Label
    image_url: str
    width: int
    height: int
    millimetres_a_pixel: int | None


class RouteLegIn(_Body):
    checkpoint_id: RowId
    after_s: Annotated[int, Field(ge=0, le=7 * 86_400)] | None = None
    tolerance_s: Annotated[int, Field(ge=0, le=86_400)] | None = None


class RouteIn(_Body):
    key: Key
    name: Name
    site_id: RowId
    walk: Walking = "ordered"
    legs: Annotated[list[RouteLegIn], Field(min_length=1, max_length=500)]


class RouteRead(BaseModel):
    id: int
    key: str
    name: Label
    site_id: int
    walk: Walking
    legs: list[RouteLegIn]
    retired_at: datetime | None


class Doubt(BaseModel):
    """Something about a plan that cannot work, or hardly."""

    code: str
    is_certain: bool
    """True: it cannot work. False: it probably does not."""
    text: Label
    checkpoint_id: int | None = None
    at: datetime | None = None


class Way(BaseModel):
    """From one checkpoint of a route to the next, seconds."""

    from_id: int
    to_id: int
    planned_s: int | None
    """From due time to due time; null: the route does not say, or has no order."""
    stay_s: int
    """How long one has to stay at the first of the two."""
    usual_s: int
    """Walking alone: the median of past rounds, else estimated from the plan, the place and the floors."""
    count: int
    """How many past rounds it was learned from; 0: it is an estimate."""
    quickest_s: int | None
    slowest_s: int | None
    """Of the newest rounds."""
    slack_s: int
    """How much earlier or later than planned the two may be together."""
    doubt: str | None
    """out_of_order, cannot_be_reached, hardly_reached; null: it can be walked so."""


class Suggestion(BaseModel):
    """A shorter walk."""

    checkpoint_ids: list[int]
    walk_s: int
    """Walking in all, seconds, in this order."""
    now_s: int
    """In the order of the route as it is."""


class ScheduleIn(_Body):
    route_id: RowId
    rrule: Annotated[str, Field(min_length=5, max_length=200)]
    starts: Annotated[list[str], Field(min_length=1, max_length=96)]
    window_s: Annotated[int, Field(ge=60, le=7 * 86_400)]
    days: Literal["any", "work", "off"] = "any"
    valid_from: date
    valid_to: date | None = None
    team_id: RowId | None = None
    user_id: RowId | None = None
    enabled: bool = True


class ScheduleRead(_Read):
    id: int
    route_id: int
    rrule: str
    starts: list[str]
    window_s: int
    days: str
    valid_from: date
    valid_to: date | None
    team_id: int | None
    user_id: int | None
    enabled: bool


class SchedulePreview(BaseModel):
    """Of a timetable that is not kept yet."""

    next: list[datetime]
    """The starts of the next ten rounds."""
    doubts: list[Doubt]


class ScheduleDetail(ScheduleRead):
    next: list[datetime]
    """The starts of the coming rounds."""
    doubts: list[Doubt]
