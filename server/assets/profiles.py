"""Types of assets as data: the points one has, and the rules it starts with."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from server.assets.yaml_file import BrokenFile, read
from server.errors import Label
from telemetry.messages import Kind

FOLDER = Path(__file__).parent / "profiles"

Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""A name for programs: 1 to 64 letters, digits, _ . -"""


def _is_readable(label: Label) -> Label:
    for text in (label["en"], label["zh"]):
        if not text.strip() or len(text) > 200:
            raise ValueError("a name has 1 to 200 characters in both languages")
    return label


def _is_band(band: tuple[float, float]) -> tuple[float, float]:
    if band[0] > band[1]:
        raise ValueError("the low end stands first")
    return band


Name = Annotated[Label, AfterValidator(_is_readable)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Band = Annotated[tuple[Finite, Finite], AfterValidator(_is_band)]
Interval = Annotated[float, Field(gt=0, le=86_400 * 31)]


class PointSpec(BaseModel):
    """One point as a profile (or a site file) describes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    name: Name
    kind: Kind
    quantity: Annotated[str, Field(min_length=1, max_length=40)]
    unit: Annotated[str, Field(min_length=1, max_length=24)] | None = None
    interval_s: Interval
    normal: Band | None = None
    physical: Band | None = None
    decimals: Annotated[int, Field(ge=0, le=6)] | None = None
    states: dict[int, Name] | None = None
    bits: dict[Annotated[int, Field(ge=0, le=62)], Name] | None = None
    scale: Finite = 1.0
    offset: Finite = 0.0

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.states is not None and self.kind != "state":
            raise ValueError("only a state point has states")
        if self.bits is not None and self.kind != "flags":
            raise ValueError("only a flags point has bits")
        if self.kind in {"state", "flags"} and (self.normal or self.physical):
            raise ValueError("only analog and counter points have bands")
        return self


class Profile(BaseModel):
    """A type of asset. ``rules`` are checked by the room of the rules, which knows what they mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Key
    version: Annotated[int, Field(ge=1)]
    name: Name
    discipline: Annotated[str, Field(min_length=1, max_length=40)]
    points: Annotated[list[PointSpec], Field(min_length=1)]
    rules: list[dict[str, object]]

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        seen: set[str] = set()
        for point in self.points:
            if point.key in seen:
                raise ValueError(f"the point {point.key} stands here twice")
            seen.add(point.key)
        return self


def load_folder(folder: Path) -> Mapping[str, Profile]:
    """All profiles of a folder by key. Raises BrokenFile naming the first file and line that is wrong."""
    profiles: dict[str, Profile] = {}
    for path in sorted(folder.glob("*.yaml")):
        profile = read(path, Profile)
        if profile.key in profiles:
            raise BrokenFile(path, 1, f"another file has the profile {profile.key} already")
        profiles[profile.key] = profile
    return profiles


@cache
def shipped_profiles() -> Mapping[str, Profile]:
    """The profiles that come with the product, by key."""
    return load_folder(FOLDER)
