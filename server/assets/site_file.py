"""A site as a YAML file: its spaces, its assets, what feeds what.

spaces:
  - {key: court, kind: site, name: {en: Court, zh: 苑}, time_zone: Asia/Shanghai}
  - {key: tower, kind: building, parent: court, name: {en: Tower, zh: 塔楼}}
assets:
  - key: pump-a                # also the id of its device, unless ``device`` says otherwise
    name: {en: Pump A, zh: 水泵A}
    profile: pump
    space: tower
    points:                    # optional: changes to points of the profile, and further points
      - {key: flow, normal: [0, 40]}
feeds:
  - {from: meter-main, to: [pump-a]}
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from server.assets.profiles import Band, Finite, Interval, Key, Name
from server.assets.yaml_file import read
from telemetry.messages import Kind
from telemetry.topics import is_device_id

DEMO_SITE = Path(__file__).parent / "demo_site.yaml"

SpaceKind = Literal["site", "building", "floor", "space"]
DEPTH: dict[str, int] = {"site": 0, "building": 1, "floor": 2, "space": 3}
"""A space lies in one of a lower number."""


def _is_device(text: str) -> str:
    if not is_device_id(text):
        raise ValueError("a device id has 1 to 64 of A-Z a-z 0-9 _ . : - and begins with a letter or digit")
    return text


def _is_time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("not a time zone; they are named like Asia/Shanghai") from error
    return text


DeviceId = Annotated[str, AfterValidator(_is_device)]
TimeZone = Annotated[str, AfterValidator(_is_time_zone)]
Source = Annotated[str, Field(min_length=1, max_length=64)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SpaceEntry(_Entry):
    key: Key
    kind: SpaceKind
    parent: Key | None = None
    name: Name
    time_zone: TimeZone | None = None

    @model_validator(mode="after")
    def _site_is_the_root(self) -> Self:
        is_site = self.kind == "site"
        if is_site != (self.parent is None):
            raise ValueError("a site has no parent, everything else has one")
        if is_site != (self.time_zone is not None):
            raise ValueError("a site has a time zone, nothing else has one")
        return self


class PointEntry(_Entry):
    """A change to a point of the profile (only what is given), or a whole point beyond it."""

    key: Key
    device: DeviceId | None = None
    """Where it comes from, if not from the asset's own device."""
    source: Source | None = None
    """What that device calls it, if not ``key``."""
    name: Name | None = None
    kind: Kind | None = None
    quantity: str | None = None
    unit: str | None = None
    interval_s: Interval | None = None
    normal: Band | None = None
    physical: Band | None = None
    decimals: int | None = None
    states: dict[int, Name] | None = None
    bits: dict[int, Name] | None = None
    scale: Finite | None = None
    offset: Finite | None = None


class AssetEntry(_Entry):
    key: Key
    name: Name
    profile: Key
    space: Key
    device: DeviceId | None = None
    drill: bool = False
    points: list[PointEntry] = []
    listed_only: bool = False
    """Only these points are created, not all of the profile: a device rarely sends every one of them."""


class FeedEntry(_Entry):
    from_asset: Annotated[Key, Field(alias="from")]
    to: Annotated[list[Key], Field(min_length=1)]


class SiteFile(_Entry):
    spaces: list[SpaceEntry] = []
    assets: list[AssetEntry] = []
    feeds: list[FeedEntry] = []

    @model_validator(mode="after")
    def _keys_once(self) -> Self:
        for what, keys in (
            ("space", [space.key for space in self.spaces]),
            ("asset", [asset.key for asset in self.assets]),
        ):
            seen: set[str] = set()
            for key in keys:
                if key in seen:
                    raise ValueError(f"the {what} {key} stands here twice")
                seen.add(key)
        return self


def load_site(path: Path) -> SiteFile:
    """Read a site file. Raises server.assets.yaml_file.BrokenFile naming the line that is wrong."""
    return read(path, SiteFile)
