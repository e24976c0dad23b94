"""The sites a simulator plays: the demo site, and fleets of any size with a site file to import.

The names and the feeding tree written here are what ``plantroom import FILE`` reads; how the
machines behave is said by the scenario.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

Label = dict[str, str]

_NAMES: Mapping[str, tuple[str, str]] = {
    "elevator": ("Elevator", "电梯"),
    "pump": ("Pump set", "水泵机组"),
    "fire_panel": ("Fire panel", "火灾报警控制器"),
    "energy_meter": ("Energy meter", "电能表"),
}
PROFILES = tuple(_NAMES)
KEY_PREFIX: Mapping[str, str] = {
    "elevator": "elevator", "pump": "pump", "fire_panel": "panel", "energy_meter": "meter",
}  # fmt: skip


@dataclass(frozen=True)
class SimAsset:
    """One machine of a site; its device has the same key."""

    key: str
    profile: str
    space: str = ""
    extra_points: int = 0
    """Analog points beyond the profile's, named ``extra_001`` and so on (load mode)."""


@dataclass(frozen=True)
class SimSite:
    """The machines of a site and what feeds what, as (from, to)."""

    key: str
    name: Label
    time_zone: str
    assets: tuple[SimAsset, ...]
    feeds: tuple[tuple[str, str], ...] = ()
    buildings: int = 1

    def asset(self, key: str) -> SimAsset | None:
        """The machine of that key, if the site has it."""
        return next((asset for asset in self.assets if asset.key == key), None)


def demo_site() -> SimSite:
    """Harbour Court: two towers, nine machines. Its site file ships with the server."""
    profiles = {
        "elevator-a1": "elevator", "elevator-a2": "elevator", "elevator-b1": "elevator",
        "pump-a": "pump", "pump-b": "pump", "fire-panel": "fire_panel",
        "meter-main": "energy_meter", "meter-a": "energy_meter", "meter-b": "energy_meter",
    }  # fmt: skip
    below = {
        "meter-main": ("meter-a", "meter-b"),
        "meter-a": ("elevator-a1", "elevator-a2", "pump-a", "fire-panel"),
        "meter-b": ("elevator-b1", "pump-b"),
    }
    return SimSite(
        "demo",
        {"en": "Harbour Court", "zh": "海港苑"},
        "Asia/Shanghai",
        tuple(SimAsset(key, profile) for key, profile in profiles.items()),
        tuple((source, target) for source, targets in below.items() for target in targets),
        buildings=2,
    )


def fleet_site(
    key: str, counts: Mapping[str, int], *, per_building: int = 20, extra_points: int = 0
) -> SimSite:
    """A site with so many machines of each profile, spread over buildings.

    Meter 1 is the main one; it feeds the other meters, and those the machines of their building.
    """
    total = sum(counts.values())
    buildings = max(1, -(-total // per_building))
    assets: list[SimAsset] = []
    for profile in PROFILES:
        count = counts.get(profile, 0)
        width = max(2, len(str(count)))
        for number in range(1, count + 1):
            space = f"{key}-building-{1 + (number - 1) % buildings}"
            asset_key = f"{KEY_PREFIX[profile]}-{number:0{width}d}"
            assets.append(SimAsset(asset_key, profile, space, extra_points))
    name = {"en": f"Simulated site {key}", "zh": f"模拟项目 {key}"}
    return SimSite(key, name, "Asia/Shanghai", tuple(assets), tuple(_feeds(assets)), buildings)


def _feeds(assets: Sequence[SimAsset]) -> list[tuple[str, str]]:
    meters = [asset for asset in assets if asset.profile == "energy_meter"]
    if not meters:
        return []
    main, *others = meters
    feeds = [(main.key, meter.key) for meter in others]
    by_space: dict[str, list[str]] = {}
    for meter in others:
        by_space.setdefault(meter.space, []).append(meter.key)
    for index, asset in enumerate(asset for asset in assets if asset.profile != "energy_meter"):
        near = by_space.get(asset.space, [main.key])
        feeds.append((near[index % len(near)], asset.key))
    return feeds


def write_site_file(site: SimSite, path: Path) -> None:
    """Write a generated site as the YAML file that ``plantroom import`` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(site_file(site), allow_unicode=True, sort_keys=False, width=110)
    head = (
        f"# Site of the simulator: {len(site.assets)} machines. Load it with: plantroom import {path.name}\n"
    )
    path.write_text(head + text, encoding="utf-8")


def site_file(site: SimSite) -> dict[str, object]:
    """The content of the site file: spaces, assets, feeds."""
    buildings: list[dict[str, object]] = [
        {
            "key": f"{site.key}-building-{number}",
            "kind": "building",
            "parent": site.key,
            "name": {"en": f"Building {number}", "zh": f"{number}号楼"},
        }
        for number in range(1, site.buildings + 1)
    ]
    root: dict[str, object] = {
        "key": site.key, "kind": "site", "name": site.name, "time_zone": site.time_zone,
    }  # fmt: skip
    feeds: dict[str, list[str]] = {}
    for source, target in site.feeds:
        feeds.setdefault(source, []).append(target)
    return {
        "spaces": [root, *buildings],
        "assets": [_asset_entry(asset) for asset in site.assets],
        "feeds": [{"from": source, "to": targets} for source, targets in feeds.items()],
    }


def _asset_entry(asset: SimAsset) -> dict[str, object]:
    english, chinese = _NAMES[asset.profile]
    tail = asset.key.removeprefix(f"{KEY_PREFIX[asset.profile]}-")
    entry: dict[str, object] = {
        "key": asset.key,
        "name": {"en": f"{english} {tail}", "zh": f"{chinese}{tail}"},
        "profile": asset.profile,
        "space": asset.space,
    }
    if asset.extra_points:
        entry["points"] = [
            {
                "key": extra_key(number),
                "name": {"en": f"Extra {number}", "zh": f"附加{number}"},
                "kind": "analog",
                "quantity": "count",
                "interval_s": 60,
            }
            for number in range(1, asset.extra_points + 1)
        ]
    return entry


def extra_key(number: int) -> str:
    """Key of the nth extra point of a generated asset, counted from 1."""
    return f"extra_{number:03d}"
