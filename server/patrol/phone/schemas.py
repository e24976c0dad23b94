"""What a phone is told."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, JsonValue

from server.errors import Label
from server.forms.items import Item
from server.identity.roles import Role
from server.patrol.checkpoints.policy import Policy, Strength
from server.patrol.on_site.schemas import FindingRead
from server.patrol.rounds.schemas import LegRead
from server.patrol.safety.schemas import SosRead


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
