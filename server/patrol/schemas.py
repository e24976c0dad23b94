"""What crosses HTTP between the phone and the patrol room."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from server.errors import Label
from server.forms.items import Item
from server.identity.roles import Role
from server.patrol.policy import Policy, Strength

MOST_EVENTS = 200
_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
UuidText = Annotated[str, Field(pattern=_UUID)]


class FormRead(BaseModel):
    id: int
    key: str
    name: Label
    version: int
    items: list[Item]


class BundlePerson(BaseModel):
    id: int
    name: str
    display_name: str
    role: Role


class BundleSite(BaseModel):
    id: int
    name: Label
    time_zone: str
    policy: Policy
    emergency: list[dict[str, str]]


class LegRead(BaseModel):
    position: int
    checkpoint_id: int
    due_at: datetime | None
    tolerance_s: int
    state: str
    """pending, done, late, missed, excused."""
    is_overdue: bool
    done: bool
    done_at: datetime | None
    scan_id: str | None
    strength: str | None
    cause: dict[str, JsonValue] | None
    """Why it was inserted: {kind: alarm|person, id, text}."""


class BundleRound(BaseModel):
    id: int
    kind: str
    """patrol, fire_watch, dispatch."""
    site_id: int
    route_id: int | None
    name: Label
    starts_at: datetime
    window_ends_at: datetime
    order: str
    """ordered, free, random."""
    state: str
    """due, started, suspended, finished, incomplete, missed."""
    user_id: int | None
    started_at: datetime | None
    finished_at: datetime | None
    cause: dict[str, JsonValue] | None
    legs: list[LegRead]


class PlanSpot(BaseModel):
    id: int
    x: int
    y: int


class BundleCheckpoint(BaseModel):
    id: int
    key: str
    name: Label
    site_id: int
    space: list[Label]
    floor: int | None
    lat_e7: int | None
    lng_e7: int | None
    plan: PlanSpot | None
    asset_id: int | None
    photo_url: str | None
    instructions: Label
    form: FormRead | None
    dwell_s: int
    least_tag: str
    tag_codes: list[str]
    """Codes of its tags, so that the phone can say offline which checkpoint was scanned. Not secret."""


class BundlePlan(BaseModel):
    id: int
    name: Label
    image_url: str
    width: int
    height: int


class BundleHandover(BaseModel):
    id: str
    site_id: int
    at: datetime
    by: str
    text: str
    photo_ids: list[str]


class FindingRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    site_id: int | None
    round_id: int | None
    checkpoint_id: int | None
    asset_id: int | None
    user_id: int
    at: datetime
    text: str
    standard: str | None
    severity: str
    photo_ids: list[str]
    owner_id: int | None
    deadline: datetime | None
    ticket_id: int | None
    fixed_at: datetime | None
    rechecks: list[dict[str, JsonValue]]


class BundleCall(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    round_id: int
    at: datetime
    by: str
    text: str


class BundleRead(BaseModel):
    server_ms: int
    user: BundlePerson
    sites: list[BundleSite]
    rounds: list[BundleRound]
    checkpoints: list[BundleCheckpoint]
    plans: list[BundlePlan]
    handover: list[BundleHandover]
    findings: list[FindingRead]
    calls: list[BundleCall]
    """The control room calls, and the person has not answered on a phone yet."""


class SentClock(BaseModel):
    """The phone's clocks when it sends."""

    wall_ms: Annotated[int, Field(ge=0, le=4_102_444_800_000)]
    mono_ms: Annotated[int, Field(ge=0, le=2**53 - 1)]
    boot: UuidText


class SyncIn(BaseModel):
    """Events are read one by one: a broken one does not keep the others from being taken."""

    device_id: UuidText
    app: Annotated[str, Field(max_length=40)]
    events: Annotated[list[dict[str, JsonValue]], Field(max_length=MOST_EVENTS)]
    sent: SentClock | None = None


class ReasonRead(BaseModel):
    code: str
    text: Label


class SyncResult(BaseModel):
    id: str
    status: str
    """accepted, duplicate, refused. Any of them: the server has it, the phone may forget it."""
    code: str
    message: Label | None
    strength: Strength | None
    reasons: list[ReasonRead]


class SyncOut(BaseModel):
    server_ms: int
    results: list[SyncResult]


class PhotoIn(BaseModel):
    """Which photo it is of which a piece comes, and where the piece begins."""

    model_config = ConfigDict(extra="forbid")

    offset: Annotated[int, Field(ge=0, le=8 * 1024 * 1024)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=1, le=8 * 1024 * 1024)]
    media_type: Annotated[str, Field(pattern=r"^image/(jpeg|png|webp)$")]


class PhotoOffset(BaseModel):
    offset: int
    """From which byte on to send; the size: it is all there."""


class SosRead(BaseModel):
    id: int
    event_id: str
    kind: str
    """sos, lone_worker."""
    site_id: int | None
    user_id: int
    person: str
    at: datetime
    received_at: datetime
    message: str | None
    place: dict[str, JsonValue] | None
    checkpoint_id: int | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    cancelled_at: datetime | None
    closed_at: datetime | None


class MyScan(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    at: datetime
    received_at: datetime
    round_id: int | None
    checkpoint_id: int | None
    how: str
    strength: Strength
    reasons: list[str]
    lat_e7: int | None
    lng_e7: int | None
    accuracy_m: int | None


class MyException(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    code: str
    round_id: int | None
    checkpoint_id: int | None
    detail: Label
    settled_as: str | None


class MyContest(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    round_id: int
    checkpoint_id: int
    at: datetime
    reason: str
    decided_at: datetime | None
    is_granted: bool | None
    comment: str | None


class MyPhone(BaseModel):
    id: str
    app: str
    first_seen: datetime
    last_seen: datetime


class MyPlace(BaseModel):
    at: datetime
    lat_e7: int
    lng_e7: int


class MineRead(BaseModel):
    """All that the patrol room keeps about whoever asks."""

    events: int
    """How many rows of the log of evidence are theirs."""
    places_kept_days: int
    photos_kept_days: int
    phones: list[MyPhone]
    scans: list[MyScan]
    """Newest first, 500 at most."""
    exceptions: list[MyException]
    contests: list[MyContest]
    findings: list[FindingRead]
    sos: list[SosRead]
    photos: int
