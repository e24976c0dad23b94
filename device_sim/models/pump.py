"""A booster set: two speed-controlled pumps on a break tank, a header with a pressure vessel.

Sources of the formulas: affinity laws (head ~ n^2, shaft power ~ n^3 at equal flow ratio), a
quadratic pump curve, Boyle's law for the vessel, hydraulic power = flow x pressure rise. The sizes
are those of a 15 kW set for a residential tower.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from device_sim.models.base import Machine, PointSpec, Sample, Wander, toward
from device_sim.site_time import DAY_S, SiteClock, curve

KPA_PER_M = 9.81
ATMOSPHERE_KPA = 101.3
LINE_VOLTS = 380.0
VAPOUR_KPA = -90.0
"""Suction cannot fall lower: the water boils."""

# Demand as a share of the peak at each full hour: nights almost nothing, mornings and evenings high.
_DEMAND: Final = (
    .08, .035, .03, .03, .035, .12, .5, .92, .85, .6, .5, .52, .6, .52, .45, .45, .52, .66, .88, 1., .95, .8, .5, .2,
)  # fmt: skip


@dataclass(frozen=True)
class PumpSpec:
    """Sizes of the set. Flows m3/h, pressures kPa (gauge), volumes m3, powers kW."""

    peak_demand: float = 32.0
    base_demand: float = 0.0
    """Drawn day and night on top, e.g. make-up water: keeps the set from sleeping."""
    set_pressure: float = 520.0
    shut_off_head: float = 720.0
    head_fall: float = 0.1086
    """Head of one pump at full speed = shut_off_head - head_fall * flow^2."""
    best_flow: float = 34.0
    efficiency: float = 0.70
    motor_efficiency: float = 0.90
    magnetising_a: float = 8.0
    sleep_flow: float = 1.5
    wake_pressure: float = 470.0
    stop_pressure: float = 560.0
    vessel_m3: float = 1.6
    vessel_fill_kpa: float = 400.0
    tank_m3: float = 40.0
    fill_flow: float = 48.0
    fill_opens: float = 0.65
    fill_closes: float = 0.85
    alternates: bool = True
    """Duty and standby change places every day at 03:00."""


@dataclass
class Unit:
    """One pump of the set."""

    running: bool = False
    speed: float = 0.0
    """Share of full speed."""
    flow: float = 0.0
    power_kw: float = 0.0
    current_a: float = 0.0
    housing_c: float = 30.0
    race_rise_k: float = 0.0
    """How much hotter the race of a worn bearing is than its housing."""
    vibration: float = 0.15
    starts: int = 0
    run_s: float = 0.0


@dataclass
class _Hydraulics:
    """One solution of the network."""

    pressure: float
    demand: float
    speed: float = 0.0
    attained: bool = True


_INTERVALS: Final[dict[str, float]] = {
    "mode": 10, "duty_pump": 10, "suction_pressure": 5, "discharge_pressure": 5, "flow": 5, "tank_level": 10,
    "power": 5, "starts_last_hour": 30,
    **{f"pump_{n}_{name}": seconds for n in (1, 2) for name, seconds in (
        ("running", 5), ("current", 5), ("bearing_temp", 10), ("vibration", 10), ("starts", 60), ("run_hours", 60))},
}  # fmt: skip
_ON_CHANGE = frozenset({"mode", "duty_pump", "pump_1_running", "pump_2_running"})


class PumpSet(Machine):
    """See the module; ``sample`` gives the points of the profile ``pump``."""

    PROFILE = "pump"
    POINTS: ClassVar[Mapping[str, PointSpec]] = {
        key: PointSpec(interval_s, key in _ON_CHANGE) for key, interval_s in _INTERVALS.items()
    }

    def __init__(
        self, key: str, *, seed: int, clock: SiteClock, start_s: float, spec: PumpSpec | None = None
    ) -> None:
        super().__init__(key, seed=seed, clock=clock, start_s=start_s)
        self.spec = spec or PumpSpec()
        self.units = {1: Unit(), 2: Unit()}
        self.pressure = self.spec.set_pressure
        self.demand = 0.0
        self.suction = 30.0
        self.tank_m3 = self.spec.tank_m3 * self._rng.uniform(0.68, 0.82)
        self.is_filling = False
        self.drawn_m3 = self.filled_m3 = self.spilled_m3 = self.returned_m3 = 0.0
        """Totals since the start: out of the tank, into it, over its edge, back through a check valve."""
        self._duty = self._duty_by_plan(start_s)
        self._small_flow_s = self._short_s = self._ample_s = 0.0
        self._is_dry = False
        self._recent_starts: deque[float] = deque()
        self._restless = Wander(self._rng, spread=0.14, tau_s=150.0)
        for number, unit in self.units.items():
            unit.starts = self._rng.randint(3_000, 20_000)
            unit.run_s = self._rng.uniform(3_000, 15_000) * 3600.0
            unit.housing_c = self._room_c(start_s) + (20.0 if number == self._duty else 0.0)
        self._switch_on(self._duty, start_s, counts=False)

    def part_for(self, _fault: str) -> int:
        """A fault strikes the pump that is on duty."""
        return self._duty

    # -- time ---------------------------------------------------------------------------------

    def step(self, dt_s: float, now_s: float) -> None:
        """See Machine. Long steps are cut into pieces of 10 s, which the vessel and the tank need."""
        pieces = max(1, math.ceil(dt_s / 10.0))
        piece_s = dt_s / pieces
        for index in range(pieces):
            self._piece(piece_s, now_s - dt_s + (index + 1) * piece_s)
        self.now_s = now_s

    def _piece(self, dt_s: float, now_s: float) -> None:
        self.demand = self._wanted(dt_s, now_s)
        self._change_over(now_s)
        if "mains_lost" in self.levels or self._runs_dry():
            self._switch_off(1)
            self._switch_off(2)
        elif not self._running():
            self._maybe_wake(now_s)
        running = self._running()
        before_m3 = self._vessel_m3()
        if running:
            self._pump(dt_s, now_s, running, before_m3)
        else:
            self._drain(dt_s, before_m3)
        self._fill_tank(dt_s)
        for unit in self.units.values():
            self._wear_and_warm(unit, dt_s, now_s)

    # -- demand and control ---------------------------------------------------------------------

    def _wanted(self, dt_s: float, now_s: float) -> float:
        """Demand at set pressure, m3/h."""
        share = curve(_DEMAND, self.clock.hour(now_s))
        weekend = 1.08 if self.clock.is_weekend(now_s) else 1.0
        restless = max(0.2, 1.0 + self._restless.step(dt_s))
        return self.spec.base_demand + self.spec.peak_demand * share * weekend * restless

    def _duty_by_plan(self, now_s: float) -> int:
        if not self.spec.alternates:
            return 1
        return 1 + int((self.clock.local_s(now_s) - 3 * 3600.0) // DAY_S) % 2

    def _change_over(self, now_s: float) -> None:
        duty = self._duty_by_plan(now_s)
        if duty == self._duty:
            return
        was_running = bool(self._running())
        self._switch_off(self._duty)
        self._duty = duty
        if was_running:
            self._switch_on(duty, now_s)

    def _running(self) -> list[Unit]:
        return [unit for unit in self.units.values() if unit.running]

    def _runs_dry(self) -> bool:
        """Dry-run protection: off below 8 % of the tank, on again above 15 %."""
        share = self.tank_m3 / self.spec.tank_m3
        self._is_dry = share < (0.15 if self._is_dry else 0.08)
        return self._is_dry

    def _maybe_wake(self, now_s: float) -> None:
        if self.pressure < self.spec.wake_pressure:
            self._switch_on(self._duty, now_s)

    def _switch_on(self, number: int, now_s: float, *, counts: bool = True) -> None:
        unit = self.units[number]
        if unit.running:
            return
        unit.running = True
        self._small_flow_s = self._short_s = self._ample_s = 0.0
        if counts:
            unit.starts += 1
            self._recent_starts.append(now_s)

    def _switch_off(self, number: int) -> None:
        unit = self.units[number]
        unit.running = False
        unit.speed = unit.flow = unit.power_kw = unit.current_a = 0.0

    # -- water ----------------------------------------------------------------------------------

    def _vessel_m3(self) -> float:
        """Water in the pressure vessel; Boyle's law, constant temperature."""
        fill = self.spec.vessel_fill_kpa + ATMOSPHERE_KPA
        return self.spec.vessel_m3 * max(0.0, 1.0 - fill / (self.pressure + ATMOSPHERE_KPA))

    def _leak(self) -> float:
        """Flow back into the tank through a check valve that does not close, m3/h."""
        return (
            3.8
            * self.level("leaking_check_valve")
            * math.sqrt(max(self.pressure, 0.0) / self.spec.set_pressure)
        )

    def _solve(self, pumps: int, target: float) -> _Hydraulics:
        """Pressure, demand and common speed of ``pumps`` equal pumps; consumers take less at less pressure.

        flow = D sqrt(p / set) meets p = suction + H0 - a (flow / pumps)^2 at full speed.
        """
        spec = self.spec
        full = self.demand + 200.0 * self.level("pipe_burst")
        fall = spec.head_fall / pumps**2
        reachable = (self.suction + spec.shut_off_head) / (1.0 + fall * full**2 / spec.set_pressure)
        pressure = min(target, reachable)
        demand = full * math.sqrt(max(pressure, 0.0) / spec.set_pressure)
        square = (pressure - self.suction + fall * demand**2) / spec.shut_off_head
        return _Hydraulics(pressure, demand, min(1.0, math.sqrt(max(square, 0.0))), reachable >= target)

    def _pump(self, dt_s: float, now_s: float, running: list[Unit], before_m3: float) -> None:
        spec = self.spec
        resting = self._small_flow_s > 30.0
        found = self._solve(len(running), spec.stop_pressure if resting else spec.set_pressure)
        tau_s = 20.0 if found.pressure > self.pressure else 4.0  # the drive ramps up gently: no water hammer
        self.pressure = toward(self.pressure, found.pressure, dt_s, tau_s)
        self.demand = found.demand
        stored = (self._vessel_m3() - before_m3) / dt_s * 3600.0
        pumped = max(0.0, found.demand + self._leak() + stored)
        for unit in running:
            unit.flow = pumped / len(running)
            square = (self.pressure - self.suction + spec.head_fall * unit.flow**2) / spec.shut_off_head
            unit.speed = min(1.0, math.sqrt(max(square, 0.04)))
            unit.power_kw = self._power_kw(unit)
            unit.current_a = math.hypot(
                spec.magnetising_a, unit.power_kw / (math.sqrt(3.0) * LINE_VOLTS / 1000.0)
            )
            unit.run_s += dt_s
        self.drawn_m3 += pumped * dt_s / 3600.0
        self.returned_m3 += self._leak() * dt_s / 3600.0
        self.tank_m3 -= (pumped - self._leak()) * dt_s / 3600.0
        self._decide(dt_s, now_s, found, resting=resting)

    def _decide(self, dt_s: float, now_s: float, found: _Hydraulics, *, resting: bool) -> None:
        """Bring the standby pump in when one cannot hold the pressure; put the set to sleep at small flow."""
        small = self.demand < self.spec.sleep_flow
        self._small_flow_s = self._small_flow_s + dt_s if small else 0.0
        both = all(unit.running for unit in self.units.values())
        self._short_s = 0.0 if found.attained else self._short_s + dt_s
        self._ample_s = self._ample_s + dt_s if both and self.demand < self.spec.best_flow else 0.0
        if self._short_s > 20.0 and not both:
            self._switch_on(3 - self._duty, now_s)
        elif self._ample_s > 60.0:
            self._switch_off(3 - self._duty)
        elif resting and small and self.pressure > self.spec.stop_pressure - 5.0:
            self._switch_off(self._duty)

    def _drain(self, dt_s: float, before_m3: float) -> None:
        """All pumps rest: the vessel alone feeds the consumers (and the leak)."""
        spec = self.spec
        full = self.demand + 200.0 * self.level("pipe_burst")
        share = math.sqrt(max(0.0, min(1.0, self.pressure / spec.set_pressure)))
        self.demand = full * share
        out_m3 = min(before_m3, (self.demand + self._leak()) * dt_s / 3600.0)
        returned_m3 = out_m3 * self._leak() / max(self.demand + self._leak(), 1e-9)
        self.returned_m3 += returned_m3
        self.tank_m3 += returned_m3
        left_m3 = before_m3 - out_m3
        if left_m3 > 1e-6:
            fill = spec.vessel_fill_kpa + ATMOSPHERE_KPA
            self.pressure = fill / (1.0 - left_m3 / spec.vessel_m3) - ATMOSPHERE_KPA
        else:
            self.pressure = toward(self.pressure, 0.0, dt_s, 60.0)
            self.demand = 0.0 if self.pressure < 5.0 else self.demand * 0.1

    def _fill_tank(self, dt_s: float) -> None:
        spec = self.spec
        share = self.tank_m3 / spec.tank_m3
        self.is_filling = share < (spec.fill_closes if self.is_filling else spec.fill_opens)
        opened = (self.is_filling and "fill_valve_stuck_closed" not in self.levels) or (
            "fill_valve_stuck_open" in self.levels
        )
        inflow_m3 = spec.fill_flow * dt_s / 3600.0 if opened else 0.0
        self.filled_m3 += inflow_m3
        full_m3 = spec.tank_m3
        after_m3 = self.tank_m3 + inflow_m3
        self.spilled_m3 += max(0.0, after_m3 - full_m3)
        self.tank_m3 = max(0.0, min(full_m3, after_m3))
        self.suction = self._suction(sum(unit.flow for unit in self.units.values()))

    def _suction(self, flow: float) -> float:
        """Static head of the tank less the losses of pipe and strainer, kPa."""
        static = KPA_PER_M * (0.8 + 3.2 * self.tank_m3 / self.spec.tank_m3)
        loss = (0.006 + 0.5 * self.level("strainer_clogged")) * flow**2
        return (
            self.suction + max(VAPOUR_KPA, static - loss)
        ) / 2.0  # flow and suction find each other calmly

    # -- machine ----------------------------------------------------------------------------------

    def _power_kw(self, unit: Unit) -> float:
        """Electric power from hydraulic power, the efficiency off the best point, and rubbing parts."""
        spec = self.spec
        off_best = unit.flow / max(unit.speed * spec.best_flow, 1e-6) - 1.0
        efficiency = spec.efficiency * max(0.35, 1.0 - 0.6 * off_best**2)
        hydraulic = unit.flow * max(0.0, self.pressure - self.suction) / 3600.0
        rubbing = 24.0 * self._on(unit, "rotor_rubbing") * unit.speed
        return (hydraulic / efficiency + 1.4 * unit.speed**3 + rubbing) / spec.motor_efficiency

    def _on(self, unit: Unit, fault: str) -> float:
        """Level of a fault if this is the pump it struck."""
        return self.level(fault) if self.units[self.struck.get(fault, 1)] is unit else 0.0

    def _room_c(self, now_s: float) -> float:
        return 23.0 + 2.0 * math.cos((self.clock.hour(now_s) - 15.0) * math.pi / 12.0)

    def _wear_and_warm(self, unit: Unit, dt_s: float, now_s: float) -> None:
        """Temperatures: housing in a quarter of an hour, the race of a worn bearing in under a minute."""
        wear = self._on(unit, "bearing_wear")
        rise = 26.0 * unit.speed**2 if unit.running else 0.0
        unit.housing_c = toward(unit.housing_c, self._room_c(now_s) + rise, dt_s, 900.0)
        unit.race_rise_k = toward(unit.race_rise_k, 80.0 * wear * unit.speed, dt_s, 45.0)
        if not unit.running:
            unit.vibration = 0.15
            return
        off_best = unit.flow / self.spec.best_flow - unit.speed
        rough = 0.9 + 0.5 * unit.speed**2 + min(2.5, 0.6 * off_best**2) + 2.3 * wear**2
        cavitation = 1.6 if self.suction < -30.0 else 0.0
        unit.vibration = rough + cavitation + 5.0 * self._on(unit, "impeller_imbalance") * unit.speed**2

    def sample(self) -> Sample:
        """See Machine."""
        while self._recent_starts and self._recent_starts[0] <= self.now_s - 3600.0:
            self._recent_starts.popleft()
        gauss = self._noise.gauss
        sample: Sample = {
            "mode": 0 if "mains_lost" in self.levels else 1,
            "duty_pump": self._duty,
            "suction_pressure": round(self.suction + gauss(0.0, 0.4)),
            "discharge_pressure": round(max(0.0, self.pressure + gauss(0.0, 1.5))),
            "flow": round(max(0.0, self.demand + gauss(0.0, 0.05)), 1),
            "tank_level": round(100.0 * self.tank_m3 / self.spec.tank_m3, 1),
            "power": round(sum(unit.power_kw for unit in self.units.values()), 1),
            "starts_last_hour": len(self._recent_starts),
        }
        for number, unit in self.units.items():
            sample[f"pump_{number}_running"] = int(unit.running)
            sample[f"pump_{number}_current"] = round(unit.current_a, 1)
            sample[f"pump_{number}_bearing_temp"] = round(
                unit.housing_c + unit.race_rise_k + gauss(0.0, 0.1), 1
            )
            sample[f"pump_{number}_vibration"] = round(max(0.0, unit.vibration + gauss(0.0, 0.04)), 2)
            sample[f"pump_{number}_starts"] = unit.starts
            sample[f"pump_{number}_run_hours"] = round(unit.run_s / 3600.0, 1)
        return sample

    def state(self) -> dict[str, float]:
        """See Machine."""
        state = {"tank_m3": self.tank_m3, "pressure": self.pressure}
        for number, unit in self.units.items():
            state |= {
                f"starts_{number}": unit.starts,
                f"run_s_{number}": unit.run_s,
                f"housing_c_{number}": unit.housing_c,
            }
        return state

    def restore(self, state: Mapping[str, float]) -> None:
        """See Machine."""
        self.tank_m3 = state.get("tank_m3", self.tank_m3)
        self.pressure = state.get("pressure", self.pressure)
        for number, unit in self.units.items():
            unit.starts = int(state.get(f"starts_{number}", unit.starts))
            unit.run_s = state.get(f"run_s_{number}", unit.run_s)
            unit.housing_c = state.get(f"housing_c_{number}", unit.housing_c)
