"""What crosses HTTP about the inbox and devices."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from server.assets.profiles import Finite, Interval, Key, Name
from server.assets.site_file import DeviceId, Source
from server.db import RowId
from server.errors import Label
from telemetry.messages import Kind


class GuessRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    key: str
    name: Label
    kind: Kind
    quantity: str
    unit: str | None
    interval_s: float
    scale: float
    """Stored value = value as sent * scale."""
    in_profile: bool
    """Whether it is a point of the guessed profile, or one beyond it."""
    why: Label


class UnknownSourceRead(BaseModel):
    id: int
    source: str
    recent: list[tuple[int, bool | int | float | str | None]]
    """(event time in milliseconds since 1970-01-01 UTC, value as sent), in order of arrival."""
    count: int
    first_seen: datetime
    last_seen: datetime
    guess: GuessRead


class KnownAsset(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    key: str
    name: Label


class UnknownDeviceRead(BaseModel):
    device: str
    gateway: str
    last_seen: datetime
    profile: str | None
    why: Label
    """Why this profile, or why none."""
    asset: KnownAsset | None
    """Where the device's known points are."""
    sources: list[UnknownSourceRead]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SourceChoice(_Body):
    """One source to take in; what is not given is as guessed."""

    source: Source
    key: Key | None = None
    name: Name | None = None
    kind: Kind | None = None
    quantity: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    unit: Annotated[str, Field(max_length=24)] | None = None
    """Empty: it has none."""
    interval_s: Interval | None = None
    scale: Finite | None = None


class NewAsset(_Body):
    key: Key
    name: Name
    profile: Key
    space_id: RowId


class DeviceChoice(_Body):
    device: DeviceId
    asset_id: RowId | None = None
    new_asset: NewAsset | None = None
    sources: list[SourceChoice] | None = None
    """None: all that wait, as guessed."""
    take_over: bool = False
    """Points that the asset has already change their source to this device and keep their history."""

    @model_validator(mode="after")
    def _one_asset(self) -> Self:
        if (self.asset_id is None) == (self.new_asset is None):
            raise ValueError("give either asset_id or new_asset")
        return self


class Assignment(_Body):
    devices: Annotated[list[DeviceChoice], Field(min_length=1, max_length=500)]


class Assigned(BaseModel):
    assets: list[int]
    """Ids of the assets, in the order of the devices."""
    points: int


class Dismissal(_Body):
    ids: Annotated[list[RowId], Field(min_length=1, max_length=5000)]
    dismissed: bool = True
    """False: bring them back."""


class Dismissed(BaseModel):
    count: int


class Replacement(_Body):
    new_device: DeviceId


class Replaced(BaseModel):
    points: list[int]
    """Ids of the points that now come from the new device."""


class IdentityRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    issued_at: datetime
    issued_by: str


class DeviceRead(BaseModel):
    id: str
    name: str | None
    """What people call it."""
    assets: list[KnownAsset]
    points: list[int]
    """Ids of the points that come from it."""
    identity: IdentityRead | None
    """Its own user at the broker; None: it has none, or shares one."""


class DeviceUpdate(_Body):
    name: Annotated[str, Field(max_length=120)] | None
    """None or empty: no name."""


class IssuedIdentity(BaseModel):
    """Shown this once: the password is kept nowhere."""

    username: str
    client_id: str
    password: str
    topic: str
    """Where the device publishes its readings."""
