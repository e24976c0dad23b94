"""What every simulated machine offers, whatever it is."""

from __future__ import annotations

import math
import random
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from device_sim.site_time import SiteClock

Value = float | int | str
Sample = dict[str, Value]


class PointSpec(NamedTuple):
    """How a machine's controller reports one point."""

    interval_s: float
    """It is sent at least this often; the same number stands in the profile."""
    on_change: bool = False
    """States, flags and counters of events are also sent the moment they change."""


def seeded(*parts: object) -> random.Random:
    """A generator of its own for each machine and purpose; the same parts give the same numbers."""
    return random.Random("/".join(str(part) for part in parts))  # noqa: S311 - a simulation, not a secret


class Wander:
    """A value that strays around 0 and always comes back (Ornstein-Uhlenbeck process).

    Its update is exact for any step, so the spread is the same at 1 s and at 5 min.
    """

    def __init__(self, rng: random.Random, *, spread: float, tau_s: float) -> None:
        self._rng = rng
        self._spread = spread
        self._tau_s = tau_s
        self.value = rng.gauss(0.0, spread)

    def step(self, dt_s: float) -> float:
        """Go on by ``dt_s`` and give the new value."""
        keep = math.exp(-dt_s / self._tau_s)
        self.value = self.value * keep + self._spread * math.sqrt(1.0 - keep * keep) * self._rng.gauss(
            0.0, 1.0
        )
        return self.value


def toward(value: float, target: float, dt_s: float, tau_s: float) -> float:
    """First-order lag, exact for any step: how far ``value`` has come to ``target`` after ``dt_s``."""
    return target + (value - target) * math.exp(-dt_s / tau_s)


class Machine(ABC):
    """One machine. Time is epoch seconds; ``levels`` says how far each fault has developed, 0 to 1."""

    PROFILE: ClassVar[str]
    POINTS: ClassVar[Mapping[str, PointSpec]]

    def __init__(self, key: str, *, seed: int, clock: SiteClock, start_s: float) -> None:
        self.key = key
        self.clock = clock
        self.now_s = start_s
        self.levels: dict[str, float] = {}
        self.struck: dict[str, int] = {}
        """Which part a running fault has hit, e.g. the pump that was on duty when its bearing began to wear."""
        self._rng = seeded(seed, key, "events")
        self._noise = seeded(seed, key, "noise")
        self._parts = seeded(seed, key, "parts")

    def level(self, fault: str) -> float:
        """How far a fault has developed, 0 to 1; 0 while there is none."""
        return self.levels.get(fault, 0.0)

    def set_level(self, fault: str, level: float) -> None:
        """Tell the machine how far a fault has developed now; 0 takes the fault away (repaired)."""
        if level <= 0.0:
            self.levels.pop(fault, None)
            self.struck.pop(fault, None)
            return
        if fault not in self.levels:
            self.struck[fault] = self.part_for(fault)
        self.levels[fault] = level

    def part_for(self, _fault: str) -> int:
        """The part that a fault beginning now strikes; machines with several parts say which."""
        return 1

    @abstractmethod
    def step(self, dt_s: float, now_s: float) -> None:
        """Go on by ``dt_s`` seconds, up to the moment ``now_s``."""

    @abstractmethod
    def sample(self) -> Sample:
        """What the controller would report now, every point, rounded as its display rounds."""

    @abstractmethod
    def state(self) -> dict[str, float]:
        """What must survive a restart: counters and slow quantities."""

    @abstractmethod
    def restore(self, state: Mapping[str, float]) -> None:
        """Take over what ``state`` gave; missing entries keep their first values."""
