"""Scenarios: which site is played and what goes wrong there, as a YAML file.

name: demo                         # for people and for the ground truth
description: one sentence
site: demo                         # or  {elevator: 5, pump: 2, ...}: a generated fleet
machines:                          # optional: how single machines differ (fields of their spec)
  pump-a: {alternates: false}
faults:
  - fault: bearing_wear            # a key of device_sim.faults
    asset: pump-a                  # or  assets: [a, b]  or  assets: all  or  assets: {profile: pump}
    after: 40s                     # since the start; or  at: "13:30"  local time, its first coming
    lasts: 8min                    # optional; without it the fault stays
    develops: 20s                  # optional: time to develop fully
    severity: 0.9                  # optional, 0 to 1
    spread: 3s                     # optional: several assets begin within this time of one another
    point: tank_level              # sensor faults only: which point
    offset: -20                    # drifting_sensor: in the point's unit; clock_wrong: seconds
    expect: [tank_low]             # sensor faults only: the rules meant to see it
later:                             # optional: then from time to time one of these, in turn, for ever
  after: 25min
  every: [20min, 30min]
  in_turn: [{fault: ..., asset: ..., lasts: ...}]
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from device_sim.faults import KEYS, KINDS, ON_THE_DEVICE
from device_sim.fleet import MODELS, SPECS, OptionValue, option_names
from device_sim.site import SimAsset, SimSite, demo_site, fleet_site

_UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:d|h|min|s))+")


class ScenarioError(Exception):
    """A scenario that cannot be played; the text names file and line."""


def _duration(value: object) -> float:
    text = str(value).replace(" ", "")
    if isinstance(value, bool) or not _DURATION.fullmatch(text):
        raise ValueError(f"{value!r} is not a duration; write it as 40s, 8min, 1h30min or 2d")
    return sum(float(n) * _UNITS[unit] for n, unit in re.findall(r"([\d.]+)(d|h|min|s)", text))


def _time_of_day(value: object) -> float:
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", str(value))
    if not match:
        raise ValueError(f'{value!r} is not a time of day; write it in quotes, as "13:30"')
    hours, minutes, seconds = match.groups()
    return int(hours) * 3600.0 + int(minutes) * 60.0 + int(seconds or 0)


def _known_fault(value: str) -> str:
    if value not in KEYS:
        raise ValueError(f"there is no fault {value!r}; known: {', '.join(KEYS)}")
    return value


Duration = Annotated[float, BeforeValidator(_duration)]
TimeOfDay = Annotated[float, BeforeValidator(_time_of_day)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OfProfile(_Strict):
    """All assets of one profile."""

    profile: Literal["elevator", "pump", "fire_panel", "energy_meter"]


class FaultSpec(_Strict):
    """One entry of ``faults`` or ``in_turn``; see the module."""

    fault: Annotated[str, AfterValidator(_known_fault)]
    asset: str | None = None
    assets: list[str] | Literal["all"] | OfProfile | None = None
    after: Duration | None = None
    at: TimeOfDay | None = None
    lasts: Duration | None = None
    develops: Duration | None = None
    severity: float = Field(default=1.0, gt=0.0, le=1.0)
    spread: Duration = 0.0
    point: str | None = None
    offset: float | None = None
    expect: list[str] | None = None


class Later(_Strict):
    """Faults from time to time, one after the other."""

    after: Duration
    every: tuple[Duration, Duration]
    in_turn: list[FaultSpec] = Field(min_length=1)


class _File(_Strict):
    name: str = Field(pattern=r"^[a-z0-9_-]{1,40}$")
    description: str = ""
    site: Literal["demo"] | dict[Literal["elevator", "pump", "fire_panel", "energy_meter"], int] = "demo"
    machines: dict[str, dict[str, OptionValue]] = Field(default_factory=dict)
    faults: list[FaultSpec] = Field(default_factory=list)
    later: Later | None = None


@dataclass(frozen=True)
class Scenario:
    """A checked scenario and the site it is played on."""

    name: str
    description: str
    site: SimSite
    machines: Mapping[str, Mapping[str, OptionValue]]
    faults: tuple[FaultSpec, ...]
    later: Later | None


def shipped() -> list[str]:
    """Names of the scenarios that come with the product."""
    folder = resources.files("device_sim").joinpath("scenarios")
    return sorted(
        entry.name.removesuffix(".yaml") for entry in folder.iterdir() if entry.name.endswith(".yaml")
    )


def load(name_or_path: str | Path) -> Scenario:
    """A shipped scenario by name, or any by its path. Raises ScenarioError naming file and line."""
    name = str(name_or_path)
    if name in shipped():
        file = resources.files("device_sim").joinpath("scenarios", f"{name}.yaml")
        return parse(file.read_text(encoding="utf-8"), f"{name}.yaml")
    path = Path(name)
    if not path.is_file():
        raise ScenarioError(f"{name}: no such scenario; shipped are {', '.join(shipped())}, or give a file")
    return parse(path.read_text(encoding="utf-8"), str(path))


def parse(text: str, origin: str) -> Scenario:
    """Read and check a scenario; ``origin`` is what errors call the file."""
    lines = _Lines(origin, text)
    try:
        file = _File.model_validate(lines.content)
    except ValidationError as error:
        problem = error.errors()[0]
        raise lines.error(problem["loc"], problem["msg"].removeprefix("Value error, ")) from None
    site = demo_site() if file.site == "demo" else fleet_site(file.name, dict(file.site.items()))
    scenario = Scenario(file.name, file.description, site, file.machines, tuple(file.faults), file.later)
    _check_machines(scenario, lines)
    for index, spec in enumerate(file.faults):
        _check_fault(scenario, spec, ("faults", index), lines)
        if (spec.after is None) == (spec.at is None):
            raise lines.error(("faults", index), "give either 'after' or 'at'")
    for index, spec in enumerate(file.later.in_turn if file.later else []):
        _check_fault(scenario, spec, ("later", "in_turn", index), lines)
        if spec.after is not None or spec.at is not None:
            raise lines.error(("later", "in_turn", index), "'later' says when: leave out 'after' and 'at'")
    return scenario


def _check_machines(scenario: Scenario, lines: _Lines) -> None:
    for key, options in scenario.machines.items():
        asset = scenario.site.asset(key)
        if asset is None:
            raise lines.error(("machines", key), f"the site has no asset {key!r}")
        for option in options:
            if option not in option_names(asset.profile):
                known = ", ".join(option_names(asset.profile))
                raise lines.error(
                    ("machines", key, option), f"{option!r} is no option of {asset.profile}: {known}"
                )
        try:
            msgspec.convert(dict(options), SPECS[asset.profile])
        except msgspec.ValidationError as error:
            raise lines.error(("machines", key), str(error)) from None


def _check_fault(scenario: Scenario, spec: FaultSpec, where: tuple[str | int, ...], lines: _Lines) -> None:
    if (spec.asset is None) == (spec.assets is None):
        raise lines.error(where, "give either 'asset' or 'assets'")
    named = [spec.asset] if spec.asset else spec.assets if isinstance(spec.assets, list) else []
    for key in named:
        if scenario.site.asset(key) is None:
            raise lines.error((*where, "asset"), f"the site has no asset {key!r}")
    hit = struck(scenario.site, spec)
    if not hit:
        raise lines.error((*where, "assets"), "the site has no such assets")
    for asset in hit:
        kind = KINDS.get((asset.profile, spec.fault))
        if kind is None:
            known = ", ".join(sorted(key for profile, key in KINDS if profile == asset.profile))
            raise lines.error(
                (*where, "fault"), f"{asset.profile} cannot have {spec.fault!r}; it can have: {known}"
            )
        _check_sensor_fault(spec, asset, where, lines)


def _check_sensor_fault(
    spec: FaultSpec, asset: SimAsset, where: tuple[str | int, ...], lines: _Lines
) -> None:
    if spec.fault not in ON_THE_DEVICE:
        for name in ("point", "offset", "expect"):
            if getattr(spec, name) is not None:
                raise lines.error((*where, name), f"{name!r} is for sensor faults only")
    elif spec.point is not None:
        if spec.point not in _points(asset.profile):
            raise lines.error((*where, "point"), f"{asset.profile} has no point {spec.point!r}")
        if spec.expect is None:
            raise lines.error(
                (*where, "point"), "with a point of your own also say which rules to 'expect' ([] for none)"
            )


def _points(profile: str) -> list[str]:
    return list(MODELS[profile].POINTS)


def struck(site: SimSite, spec: FaultSpec) -> list[SimAsset]:
    """The assets that an entry strikes."""
    if isinstance(spec.assets, OfProfile):
        return [asset for asset in site.assets if asset.profile == spec.assets.profile]
    if spec.assets == "all":
        return list(site.assets)
    keys = [spec.asset] if spec.asset else spec.assets or []
    return [asset for asset in site.assets if asset.key in keys]


class _Lines:
    """A YAML text with the line of each of its parts."""

    def __init__(self, origin: str, text: str) -> None:
        self._origin = origin
        try:
            self._root = yaml.compose(text, Loader=yaml.SafeLoader)
            self.content: object = yaml.safe_load(text)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise ScenarioError(f"{origin}:{line}: {error.problem or error}") from None

    def error(self, where: tuple[str | int, ...], message: str) -> ScenarioError:
        """An error at this place of the document (or the nearest part above it that exists)."""
        node, name = self._root, ""
        for step in where:
            inner = self._child(node, step)
            if inner is None:
                continue
            node = inner
            name = f"{name}.{step}" if name else str(step)
        line = node.start_mark.line + 1 if node is not None else 1
        return ScenarioError(f"{self._origin}:{line}: {name + ': ' if name else ''}{message}")

    @staticmethod
    def _child(node: yaml.Node | None, step: str | int) -> yaml.Node | None:
        if isinstance(node, yaml.MappingNode):
            return next((value for key, value in node.value if key.value == str(step)), None)
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            child: yaml.Node = node.value[step]
            return child
        return None
