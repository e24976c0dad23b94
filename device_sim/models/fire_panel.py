"""A fire alarm control panel with two loops of five components, mains supply and a 24 V battery.

Flags follow GB/T 26875.3 (see the profile). Fire and fault latch: they stay after their cause has
gone, until somebody resets the panel; the model resets it when the fault ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, Final

from device_sim.models.base import Machine, PointSpec, Sample, Wander, toward
from device_sim.site_time import SiteClock

NORMAL, FIRE, FAULT, DISABLED = 1 << 0, 1 << 1, 1 << 2, 1 << 3
STARTED, MAINS_FAULT, BATTERY_FAULT, BUS_FAULT, RESET = 1 << 5, 1 << 8, 1 << 9, 1 << 10, 1 << 13
RESET_SHOWN_S = 15.0
"""How long the panel reports that it has been reset."""

COMPONENTS: Final = tuple(f"loop_{loop}_{number:02d}" for loop in (1, 2) for number in range(1, 6))
SMOKE_DETECTORS: Final = ("loop_1_01", "loop_1_02", "loop_2_01", "loop_2_02")
DIRTY_FAULT_PERCENT = 100.0
"""A chamber this dirty reports a fault of its own."""

# Open-circuit-like voltage of a 24 V lead-acid battery under standby load, by state of charge.
_DISCHARGE: Final = ((0.0, 21.0), (0.1, 22.8), (0.25, 23.7), (0.5, 24.5), (0.75, 25.0), (1.0, 25.6))


@dataclass(frozen=True)
class PanelSpec:
    """Battery and its load."""

    capacity_ah: float = 24.0
    standby_a: float = 0.8
    alarm_a: float = 2.4
    charge_a: float = 2.4
    float_v: float = 27.3
    battery_fault_v: float = 24.0


_INTERVALS: Final[dict[str, float]] = {
    "system_status": 10, "mains_voltage": 30, "battery_voltage": 30, "fire_count": 10, "fault_count": 10,
    "disabled_count": 10, "loop_1_contamination": 60, "loop_2_contamination": 60,
    **dict.fromkeys(COMPONENTS, 30.0),
}  # fmt: skip


class FirePanel(Machine):
    """See the module; ``sample`` gives the points of the profile ``fire_panel``."""

    PROFILE = "fire_panel"
    POINTS: ClassVar[Mapping[str, PointSpec]] = {
        key: PointSpec(interval_s, key not in {"mains_voltage", "battery_voltage"})
        for key, interval_s in _INTERVALS.items()
    }

    def __init__(
        self, key: str, *, seed: int, clock: SiteClock, start_s: float, spec: PanelSpec | None = None
    ) -> None:
        super().__init__(key, seed=seed, clock=clock, start_s=start_s)
        self.spec = spec or PanelSpec()
        self.status = dict.fromkeys(COMPONENTS, NORMAL)
        self.dirt = {name: self._rng.uniform(8.0, 35.0) for name in SMOKE_DETECTORS}
        """Contamination of the measuring chamber, % of the maker's limit."""
        self.charge = 1.0
        self.battery_v = self.spec.float_v
        self.mains_v = 220.0
        self._supply = Wander(self._rng, spread=1.2, tau_s=900.0)
        self._reset_until_s = 0.0
        self._latched: set[str] = set()

    def part_for(self, fault: str) -> int:
        """Index into SMOKE_DETECTORS of the detector that is struck."""
        return self._parts.randrange(len(SMOKE_DETECTORS)) if fault in {"smoke", "blocked_detector"} else 0

    def step(self, dt_s: float, now_s: float) -> None:
        """See Machine."""
        self.now_s = now_s
        self._supply.step(dt_s)
        self._age_chambers(dt_s)
        self._latch()
        self._reset_when_over()
        self._supply_power(dt_s)

    def set_level(self, fault: str, level: float) -> None:
        """See Machine. A dirty chamber is cleaned when its fault ends."""
        if level <= 0.0 and fault == "blocked_detector" and fault in self.levels:
            self.dirt[SMOKE_DETECTORS[self.struck[fault]]] = 6.0
        super().set_level(fault, level)

    def _age_chambers(self, dt_s: float) -> None:
        for name in SMOKE_DETECTORS:
            self.dirt[name] = min(
                40.0, self.dirt[name] + 0.01 * dt_s / 86_400.0
            )  # a third of the limit in years
        if "blocked_detector" in self.levels:
            name = SMOKE_DETECTORS[self.struck["blocked_detector"]]
            self.dirt[name] = max(self.dirt[name], 20.0 + 95.0 * self.level("blocked_detector"))

    def _latch(self) -> None:
        """Set the flags whose cause is there now; none is taken away here."""
        if self.level("smoke") >= 0.5:
            self._flag(SMOKE_DETECTORS[self.struck["smoke"]], FIRE, "smoke")
        if "blocked_detector" in self.levels:
            name = SMOKE_DETECTORS[self.struck["blocked_detector"]]
            if self.dirt[name] >= DIRTY_FAULT_PERCENT:
                self._flag(name, FAULT, "blocked_detector")
        if "loop_open" in self.levels:
            for name in ("loop_2_03", "loop_2_04", "loop_2_05"):
                self._flag(name, FAULT, "loop_open")
        if "zone_disabled" in self.levels:
            for name in ("loop_1_01", "loop_1_02"):
                self._flag(name, DISABLED, "zone_disabled")

    def _flag(self, name: str, flag: int, cause: str) -> None:
        self.status[name] = (self.status[name] & ~NORMAL) | flag
        self._latched.add(cause)

    def _reset_when_over(self) -> None:
        """Somebody resets the panel once a latched cause has gone; what is still true latches again."""
        if all(cause in self.levels for cause in self._latched):
            return
        self._latched.clear()
        self.status = dict.fromkeys(COMPONENTS, NORMAL)
        self._reset_until_s = self.now_s + RESET_SHOWN_S
        self._latch()

    def _supply_power(self, dt_s: float) -> None:
        spec = self.spec
        ageing = self.level("battery_ageing")
        has_mains = "mains_lost" not in self.levels
        self.mains_v = 220.0 + self._supply.value if has_mains else 0.0
        capacity = spec.capacity_ah * (1.0 - 0.7 * ageing)
        if has_mains:
            self.charge = min(1.0, self.charge + spec.charge_a * dt_s / 3600.0 / capacity)
            full_v = spec.float_v - 4.0 * ageing  # cells that have lost their capacity pull the chain down
            target = full_v - 1.2 * (1.0 - self.charge)
        else:
            drain_a = spec.alarm_a if self._count(FIRE) else spec.standby_a
            self.charge = max(0.0, self.charge - drain_a * dt_s / 3600.0 / capacity)
            target = _battery_v(self.charge) - 3.0 * ageing
        self.battery_v = toward(self.battery_v, target, dt_s, 60.0)

    def _count(self, flag: int) -> int:
        return sum(1 for status in self.status.values() if status & flag)

    def _system_status(self, fires: int, faults: int, disabled: int) -> int:
        status = FIRE | STARTED if fires else 0
        status |= FAULT if faults else 0
        status |= DISABLED if disabled else 0
        status |= MAINS_FAULT if "mains_lost" in self.levels else 0
        status |= BATTERY_FAULT if self.battery_v < self.spec.battery_fault_v else 0
        status |= BUS_FAULT if "loop_open" in self.levels else 0
        status |= RESET if self.now_s < self._reset_until_s else 0
        return status if status & ~RESET else status | NORMAL

    def sample(self) -> Sample:
        """See Machine."""
        fires, faults, disabled = self._count(FIRE), self._count(FAULT), self._count(DISABLED)
        mains_v = self.mains_v + self._noise.gauss(0.0, 0.2) if self.mains_v else 0.0
        return {
            "system_status": self._system_status(fires, faults, disabled),
            "mains_voltage": round(mains_v, 1),
            "battery_voltage": round(self.battery_v + self._noise.gauss(0.0, 0.01), 2),
            "fire_count": fires,
            "fault_count": faults,
            "disabled_count": disabled,
            "loop_1_contamination": round(max(self.dirt["loop_1_01"], self.dirt["loop_1_02"])),
            "loop_2_contamination": round(max(self.dirt["loop_2_01"], self.dirt["loop_2_02"])),
            **self.status,
        }

    def state(self) -> dict[str, float]:
        """See Machine."""
        return {"charge": self.charge, **{f"dirt_{name}": dirt for name, dirt in self.dirt.items()}}

    def restore(self, state: Mapping[str, float]) -> None:
        """See Machine."""
        self.charge = state.get("charge", self.charge)
        for name in self.dirt:
            self.dirt[name] = state.get(f"dirt_{name}", self.dirt[name])


def _battery_v(charge: float) -> float:
    for (low, low_v), (high, high_v) in pairwise(_DISCHARGE):
        if charge <= high:
            return low_v + (high_v - low_v) * (charge - low) / (high - low)
    return _DISCHARGE[-1][1]
