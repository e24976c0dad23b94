"""What crosses HTTP about spaces, profiles, assets and points."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from server.assets.profiles import Band, Finite, Interval, Key, Name
from server.assets.site_file import DeviceId, SpaceKind
from server.errors import Label
from telemetry.messages import Kind


class SpaceRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    key: str
    parent_id: int | None
    kind: SpaceKind
    name: Label
    time_zone: str | None


class ProfileSummary(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    key: str
    version: int
    name: Label
    discipline: str


class ProfilePoint(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    key: str
    name: Label
    kind: Kind
    quantity: str
    unit: str | None
    interval_s: float
    normal: tuple[float, float] | None
    decimals: int | None
    states: dict[int, Label] | None
    """Code to its name; state points only."""
    bits: dict[int, Label] | None
    """Bit number to its name; flags points only."""


class ProfileRead(ProfileSummary):
    points: list[ProfilePoint]


class AssetRead(BaseModel):
    id: int
    key: str
    name: Label
    profile: str
    space_id: int
    place: list[Label]
    """Names from the site down to the space it is in."""
    drill: bool


class PointRead(BaseModel):
    id: int
    asset_id: int
    key: str
    name: Label
    kind: Kind
    quantity: str
    unit: str | None
    interval_s: float
    normal: tuple[float, float] | None
    physical: tuple[float, float] | None
    decimals: int | None
    states: dict[str, Label] | None
    bits: dict[str, Label] | None
    scale: float
    offset: float
    device: str
    source: str


class AssetDetail(AssetRead):
    points: list[PointRead]
    fed_by: list[int]
    """Ids of the assets that supply this one."""
    feeds: list[int]
    """Ids of the assets that this one supplies."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AssetCreate(_Body):
    key: Key
    name: Name
    profile: Key
    space_id: int
    device: DeviceId | None = None
    """Default: as the key."""
    drill: bool = False


class AssetUpdate(_Body):
    name: Name | None = None
    space_id: int | None = None
    drill: bool | None = None


class PointUpdate(_Body):
    """Only what is given changes; a band given as null is taken away."""

    name: Name | None = None
    interval_s: Interval | None = None
    normal: Band | None = None
    physical: Band | None = None
    scale: Annotated[Finite, Field(description="Stored value = raw * scale + offset")] | None = None
    offset: Finite | None = None

    @model_validator(mode="after")
    def _nulls_only_for_bands(self) -> Self:
        for field in self.model_fields_set - {"normal", "physical"}:
            if getattr(self, field) is None:
                raise ValueError(f"{field} cannot be null")
        if self.scale == 0:
            raise ValueError("scale cannot be 0")
        return self

    def columns(self) -> dict[str, object]:
        """The columns of the point that this sets."""
        given = {field: getattr(self, field) for field in self.model_fields_set}
        for field in ("normal", "physical"):
            if field in given:
                low, high = given.pop(field) or (None, None)
                given |= {f"{field}_low": low, f"{field}_high": high}
        return given
