"""Machines and days for the tests of this folder."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import yaml

from device_sim.fleet import build_machine
from device_sim.models.base import Machine, Sample
from device_sim.site import SimAsset
from device_sim.site_time import SiteClock

SHANGHAI = "Asia/Shanghai"
WEDNESDAY = datetime(2026, 3, 4, tzinfo=ZoneInfo(SHANGHAI))
MIDNIGHT_S = WEDNESDAY.timestamp()
HOUR_S = 3600.0
DAY_S = 86_400.0

M = TypeVar("M", bound=Machine)


def machine(kind: type[M], *, seed: int = 1, start_s: float = MIDNIGHT_S, **options: float | str | bool) -> M:
    """One machine of a model, as a fleet would build it."""
    built = build_machine(
        SimAsset("m", kind.PROFILE), options, seed=seed, clock=SiteClock(SHANGHAI), start_s=start_s
    )
    assert isinstance(built, kind)
    return built


def live(subject: Machine, seconds: float, *, dt_s: float = 1.0) -> Iterator[Sample]:
    """Its samples over that time, one a step."""
    end_s = subject.now_s + seconds
    while subject.now_s < end_s - 1e-6:
        subject.step(dt_s, subject.now_s + dt_s)
        yield subject.sample()


def last(samples: Iterator[Sample]) -> Sample:
    """The last of them."""
    return deque(samples, maxlen=1)[0]


def number(sample: Mapping[str, object], key: str) -> float:
    """A value as a number."""
    value = sample[key]
    assert isinstance(value, int | float)
    return float(value)


def shipped_profile(key: str) -> dict[str, dict[str, object]]:
    """The points of a shipped profile by key."""
    path = Path(__file__).parents[2] / "server" / "assets" / "profiles" / f"{key}.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {point["key"]: point for point in content["points"]}


def shipped_rules(key: str) -> set[str]:
    """The keys of the default rules of a shipped profile."""
    path = Path(__file__).parents[2] / "server" / "assets" / "profiles" / f"{key}.yaml"
    return {rule["key"] for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]}


def band(point: Mapping[str, object]) -> tuple[float, float] | None:
    """The normal band of a profile's point."""
    normal = point.get("normal")
    if normal is None:
        return None
    assert isinstance(normal, list)
    return float(normal[0]), float(normal[1])


def states(point: Mapping[str, object]) -> set[int] | None:
    """The codes a profile's state point can have."""
    known = point.get("states")
    if known is None:
        return None
    assert isinstance(known, dict)
    return set(known)
