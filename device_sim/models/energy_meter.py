"""A three-phase, four-wire meter, 220/380 V, on an office, residential or plant load.

Unbalance is the ratio of negative to positive sequence voltage (IEC 61000-4-30), taken from the
three phase voltages with their angles 120 degrees apart: then
V2 = sqrt(Va^2 + Vb^2 + Vc^2 - Va Vb - Vb Vc - Vc Va) / 3 and V1 = (Va + Vb + Vc) / 3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from device_sim.models.base import Machine, PointSpec, Sample, Wander
from device_sim.site_time import SiteClock, curve

Load = Literal["office", "residential", "plant"]
NOMINAL_V = 220.0
PHASES: Final = ("a", "b", "c")
INDUCED_V = 24.0
"""What a meter still sees on a phase that is open: coupling from its neighbours through the loads."""

# Load as a share of the peak at each full hour of a working day; typical shapes, no standard.
_WORKDAY: Final[dict[Load, tuple[float, ...]]] = {
    "office": (.16, .15, .15, .15, .15, .16, .22, .42, .75, .92, .97, .98, .86, .92, .99, 1., .96, .86, .6, .4, .3, .24, .2, .17),
    "residential": (.38, .32, .29, .28, .28, .32, .46, .6, .56, .48, .46, .5, .56, .5, .46, .47, .54, .7, .88, 1., .97, .86, .68, .5),
    "plant": (.55, .52, .5, .5, .52, .6, .72, .85, .92, .95, .96, .98, 1., .98, .97, .96, .95, .94, .9, .86, .8, .74, .66, .6),
}  # fmt: skip
_WEEKEND: Final[dict[Load, tuple[float, ...]]] = {
    "office": (.15, .15, .15, .15, .15, .15, .16, .18, .2, .24, .26, .26, .25, .25, .25, .24, .22, .2, .18, .17, .16, .16, .15, .15),
    "residential": (.42, .36, .31, .29, .29, .3, .36, .48, .6, .68, .7, .72, .74, .68, .64, .64, .68, .78, .9, 1., .98, .88, .72, .54),
    "plant": (.5, .48, .46, .46, .47, .52, .6, .68, .74, .78, .8, .82, .84, .82, .8, .79, .78, .78, .76, .74, .7, .65, .58, .54),
}  # fmt: skip
_POWER_FACTOR: Final[dict[Load, float]] = {"office": 0.93, "residential": 0.95, "plant": 0.90}


@dataclass(frozen=True)
class MeterSpec:
    """What hangs below the meter."""

    load: Load = "residential"
    peak_kw: float = 42.0
    phase_share: tuple[float, float, float] = (0.345, 0.33, 0.325)


_INTERVALS: Final[dict[str, float]] = {
    **{f"{quantity}_{phase}": 10.0 for quantity in ("voltage", "current") for phase in PHASES},
    **dict.fromkeys(("power", "power_factor", "thd_u", "unbalance", "frequency"), 10.0),
    "energy": 60.0,
}


class EnergyMeter(Machine):
    """See the module; ``sample`` gives the points of the profile ``energy_meter``.

    A meter with ``children`` measures its own load and theirs: they must be stepped before it.
    """

    PROFILE = "energy_meter"
    POINTS: ClassVar[Mapping[str, PointSpec]] = {
        key: PointSpec(interval_s) for key, interval_s in _INTERVALS.items()
    }

    def __init__(
        self, key: str, *, seed: int, clock: SiteClock, start_s: float, spec: MeterSpec | None = None
    ) -> None:
        super().__init__(key, seed=seed, clock=clock, start_s=start_s)
        self.spec = spec or MeterSpec()
        self.children: list[EnergyMeter] = []
        self.voltage = [NOMINAL_V] * 3
        self.current = [0.0] * 3
        self.power_kw = 0.0
        self.power_factor = _POWER_FACTOR[self.spec.load]
        self.thd = 2.0
        self.energy_kwh = self._rng.uniform(40_000.0, 400_000.0)
        self._restless = Wander(self._rng, spread=0.05, tau_s=900.0)
        self._grid = Wander(self._rng, spread=1.0, tau_s=1800.0)
        self._phase_noise = [Wander(self._rng, spread=0.35, tau_s=600.0) for _ in PHASES]
        self._share_noise = [Wander(self._rng, spread=0.012, tau_s=1200.0) for _ in PHASES]
        self._frequency = Wander(self._rng, spread=0.012, tau_s=60.0)

    def step(self, dt_s: float, now_s: float) -> None:
        """See Machine. The register takes the mean of the power before and after the step."""
        before_kw = self.power_kw
        self.now_s = now_s
        live = [self._live(index) for index in range(3)]
        load = self._load_share(now_s) * max(0.5, 1.0 + self._restless.step(dt_s))
        self._grid.step(dt_s)
        self._frequency.step(dt_s)
        self._set_voltages(dt_s, load)
        self._set_currents(dt_s, load * self.spec.peak_kw, live)
        self.thd = 1.5 + 0.9 * load + 4.2 * self.level("harmonic_filter_failed")
        self.energy_kwh += (before_kw + self.power_kw) / 2.0 * dt_s / 3600.0 if before_kw else 0.0

    def _load_share(self, now_s: float) -> float:
        table = _WEEKEND if self.clock.is_weekend(now_s) else _WORKDAY
        return curve(table[self.spec.load], self.clock.hour(now_s))

    def _live(self, index: int) -> float:
        """1 for a phase that carries load, 0 for one that is lost."""
        if "mains_lost" in self.levels:
            return 0.0
        return 0.0 if index == 0 and "phase_loss" in self.levels else 1.0

    def _set_voltages(self, dt_s: float, load: float) -> None:
        """Falls with the load, strays with the grid and with each phase of its own."""
        common = NOMINAL_V + 5.0 - 5.0 * load + self._grid.value
        common *= 1.0 - 0.15 * self.level("voltage_sag") + 0.09 * self.level("overvoltage")
        for index, noise in enumerate(self._phase_noise):
            volts = common + noise.step(dt_s)
            if not self._live(index):
                volts = 0.0 if "mains_lost" in self.levels else INDUCED_V + noise.value
            self.voltage[index] = volts

    def _set_currents(self, dt_s: float, own_kw: float, live: list[float]) -> None:
        """Spread the load over the phases; a lost phase carries nothing, its load is not served."""
        self.power_factor = max(
            0.5,
            _POWER_FACTOR[self.spec.load]
            - 0.23 * self.level("capacitor_bank_failed")
            - 0.1 * self._restless.value,
        )
        self.power_factor = min(0.99, self.power_factor)
        total_kw = own_kw + sum(child.power_kw for child in self.children)
        weights = [
            share + noise.step(dt_s)
            for share, noise in zip(self.spec.phase_share, self._share_noise, strict=True)
        ]
        scale = total_kw / sum(weights)
        self.power_kw = 0.0
        for index, weight in enumerate(weights):
            kw = weight * scale * live[index]
            self.power_kw += kw
            volts = max(self.voltage[index], 1.0)
            self.current[index] = kw * 1000.0 / (volts * self.power_factor)

    def sample(self) -> Sample:
        """See Machine."""
        v = [round(volts, 1) for volts in self.voltage]
        sample: Sample = {}
        for index, phase in enumerate(PHASES):
            sample[f"voltage_{phase}"] = v[index]
        for index, phase in enumerate(PHASES):
            sample[f"current_{phase}"] = round(self.current[index], 1)
        has_mains = "mains_lost" not in self.levels
        return sample | {
            "power": round(self.power_kw, 1),
            "power_factor": round(self.power_factor, 3) if has_mains else 1.0,
            "thd_u": round(max(0.3, self.thd + self._noise.gauss(0.0, 0.05)), 2) if has_mains else 0.0,
            "unbalance": round(unbalance_percent(*self.voltage), 2) if has_mains else 0.0,
            "frequency": round(50.0 + self._frequency.value, 2) if has_mains else 0.0,
            "energy": round(self.energy_kwh, 1),
        }

    def state(self) -> dict[str, float]:
        """See Machine."""
        return {"energy_kwh": self.energy_kwh, "power_kw": self.power_kw}

    def restore(self, state: Mapping[str, float]) -> None:
        """See Machine."""
        self.energy_kwh = state.get("energy_kwh", self.energy_kwh)
        self.power_kw = state.get("power_kw", self.power_kw)


def unbalance_percent(a: float, b: float, c: float) -> float:
    """Negative over positive sequence voltage, %, for phase voltages 120 degrees apart (see the module)."""
    positive = (a + b + c) / 3.0
    if positive <= 0.0:
        return 0.0
    squares = a * a + b * b + c * c - a * b - b * c - c * a
    return 100.0 * math.sqrt(max(squares, 0.0)) / 3.0 / positive
