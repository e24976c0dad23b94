"""A traction elevator with counterweight, automatic doors and an automatic rescue device.

It runs from event to event (a phase ends, the next begins), each phase being a closed formula, so
its days are the same whether it is looked at every second or every five minutes.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import ClassVar, Final

from device_sim.models.base import Machine, PointSpec, Sample, toward
from device_sim.models.motion import Move, plan_move
from device_sim.models.traffic import PASSENGER_KG, Stop, Use, journey, journeys_per_hour, one_rider
from device_sim.site_time import SiteClock

GRAVITY = 9.81
DOOR_ZONE_M = 0.15
IDLE_LOOK_S = 600.0
"""Longest idle phase: then the call rate of the hour is looked up again."""
FOREVER_S = math.inf

CODE_SAFETY, CODE_DOOR_CLOSE, CODE_OUTSIDE_ZONE = 1, 2, 4
MODE_STOPPED, MODE_NORMAL, MODE_INSPECTION, MODE_EMERGENCY_POWER = 0, 1, 2, 5
EVENT_AUTOMATIC, EVENT_MAINS_LOST, EVENT_OUT_OF_SERVICE, EVENT_INSPECTION = 40, 41, 42, 43


@dataclass(frozen=True)
class ElevatorSpec:
    """Size and drive. Motor force gives current as I^2 = no_load^2 + (amps_per_kn * F)^2."""

    use: Use = "residential"
    floors: int = 18
    floor_height_m: float = 3.0
    rated_speed: float = 1.75
    acceleration: float = 0.9
    rated_load_kg: float = 1050.0
    counterweight_share: float = 0.48
    """The counterweight balances the car plus this share of the rated load."""
    moving_kg: float = 4600.0
    """Car, counterweight, ropes and rotating parts as one mass."""
    friction_kn: float = 0.7
    amps_per_kn: float = 2.6
    no_load_a: float = 3.0
    standby_a: float = 0.3
    kelvin_per_a2: float = 0.32
    """Steady rise of the winding above the machine room per A^2 of mean square current."""
    motor_tau_s: float = 2400.0
    door_open_s: float = 2.2
    door_close_s: float = 2.8


class Phase(Enum):
    IDLE = auto()
    OPENING = auto()
    OPEN = auto()
    CLOSING = auto()
    REOPENING = auto()
    """The edge met something while closing; the door opens again."""
    RUN = auto()
    CREEP = auto()
    """Slow travel to the nearest floor: rescue by hand or by the automatic rescue device."""
    HALTED = auto()


_DOOR: Final = {Phase.OPENING: 1, Phase.REOPENING: 1, Phase.OPEN: 2, Phase.CLOSING: 3}
_INTERVALS: Final[dict[str, float]] = {
    **dict.fromkeys(("floor", "direction", "speed", "door", "in_door_zone", "occupied"), 2.0),
    **dict.fromkeys(("load_kg", "motor_current"), 2.0),
    **dict.fromkeys(("door_close_s", "levelling_error", "motor_temp", "vibration"), 10.0),
    **dict.fromkeys(("service_mode", "fault_code", "event_code", "alarm_button", "mains"), 10.0),
    **dict.fromkeys(("door_cycles", "trips", "run_hours"), 60.0),
}
_ON_CHANGE = frozenset({
    "floor", "direction", "door", "in_door_zone", "occupied",
    "service_mode", "fault_code", "event_code", "alarm_button", "mains",
})  # fmt: skip


class Elevator(Machine):
    """See the module; ``sample`` gives the points of the profile ``elevator``."""

    PROFILE = "elevator"
    POINTS: ClassVar[Mapping[str, PointSpec]] = {
        key: PointSpec(interval_s, key in _ON_CHANGE) for key, interval_s in _INTERVALS.items()
    }

    def __init__(
        self, key: str, *, seed: int, clock: SiteClock, start_s: float, spec: ElevatorSpec | None = None
    ) -> None:
        super().__init__(key, seed=seed, clock=clock, start_s=start_s)
        self.spec = spec or ElevatorSpec()
        self.phase = Phase.IDLE
        self._is_called = True
        self._began_s = start_s
        self._ends_s = start_s + self._rng.uniform(1.0, 60.0)
        self._move = Move(0.0, 0.0, 0.0, 1e-6, 0.0)
        self._stops: deque[Stop] = deque()
        self._height_m = 0.0
        self.load_kg = 0.0
        self._mean_square_a2 = self.spec.standby_a**2
        self.motor_temp_c = self._machine_room_c(start_s) + 8.0
        self._settled_s = start_s
        self.vibration = 0.9
        self.levelling_mm = 0.0
        self.last_close_s = self.spec.door_close_s
        self.door_cycles = self._rng.randint(200_000, 900_000)
        self.trips = self.door_cycles - self._rng.randint(1_000, 20_000)
        self._run_s = self.trips * 14.0
        self.event = EVENT_AUTOMATIC
        self.has_mains = True
        self.is_trapped = False
        self._is_rescued = False
        self._button_at_s = FOREVER_S
        self._obstructed_since_s = FOREVER_S

    # -- time ---------------------------------------------------------------------------------

    def step(self, dt_s: float, now_s: float) -> None:
        """See Machine. Faults take effect at the beginning of the step."""
        self._react(now_s - dt_s)
        while self._ends_s <= now_s:
            at_s = self._ends_s
            self._finish(at_s)
        self._settle_heat(now_s)
        self.now_s = now_s

    def _enter(self, phase: Phase, at_s: float, lasts_s: float) -> None:
        self._settle_heat(at_s)
        self.phase = phase
        self._began_s = at_s
        self._ends_s = at_s + lasts_s
        self._mean_square_a2 = self._mean_square()

    def _finish(self, at_s: float) -> None:
        match self.phase:
            case Phase.IDLE:
                self._end_idling(at_s)
            case Phase.OPENING | Phase.REOPENING:
                self._enter(Phase.OPEN, at_s, self._dwell_s())
            case Phase.OPEN:
                self._exchange_people()
                self._close_door(at_s)
            case Phase.CLOSING:
                self._door_met_its_end(at_s)
            case Phase.RUN | Phase.CREEP:
                self._arrive(at_s)
            case Phase.HALTED:
                self._creep_to_floor(at_s)

    # -- ordinary running ----------------------------------------------------------------------

    def _wait_for_a_call(self, at_s: float) -> None:
        """Stand idle until the next call. Calls are memoryless, so a long wait is drawn again every 10 min."""
        rate = journeys_per_hour(self.spec.use, self.clock.hour(at_s), weekend=self.clock.is_weekend(at_s))
        wait_s = self._rng.expovariate(rate / 3600.0)
        self._is_called = wait_s <= IDLE_LOOK_S
        self._enter(Phase.IDLE, at_s, min(wait_s, IDLE_LOOK_S))

    def _end_idling(self, at_s: float) -> None:
        if self._is_called:
            stops = journey(self._rng, self.spec.use, self.spec.floors, self.clock.hour(at_s))
            self._begin(stops, at_s)
        else:
            self._wait_for_a_call(at_s)

    def _begin(self, stops: list[Stop], at_s: float) -> None:
        self._stops = deque(stops)
        self._go_on(at_s)

    def _go_on(self, at_s: float) -> None:
        """The door is closed and the car stands at a floor: what next?"""
        if not self.has_mains:
            self._halt(at_s, FOREVER_S)
        elif "safety_circuit_open" in self.levels:
            self.event = EVENT_OUT_OF_SERVICE
            self._halt(at_s, FOREVER_S)
        elif not self._stops:
            self._wait_for_a_call(at_s)
        elif self._stops[0].floor == self.floor:
            self._enter(Phase.OPENING, at_s, self.spec.door_open_s)
        else:
            self._run_to(self._stops[0].floor, at_s)

    def _run_to(self, floor: int, at_s: float) -> None:
        spec = self.spec
        self._move = plan_move(
            self._height_m, self._floor_m(floor), rated_speed=spec.rated_speed, acceleration=spec.acceleration
        )
        self._enter(Phase.RUN, at_s, self._move.duration_s)
        if "entrapment" in self.levels and self.load_kg > 0.0:
            between = self._height_m + self._move.sign * spec.floor_height_m / 2.0
            self._ends_s = at_s + self._move.time_at(between)

    def _arrive(self, at_s: float) -> None:
        ran_s = at_s - self._began_s
        self._run_s += ran_s
        self._height_m = self._move.position(ran_s)
        if self.phase is Phase.RUN and not self._at_floor():
            self._trap(at_s)
            return
        if self.phase is Phase.RUN:
            self.trips += 1
            self.vibration = self._vibration_of_run()
            drift_mm = 26.0 * self.level("levelling_drift")
            self.levelling_mm = max(-9.0, min(9.0, self._rng.gauss(0.0, 2.2))) + drift_mm
        self._enter(Phase.OPENING, at_s, self.spec.door_open_s)

    def _vibration_of_run(self) -> float:
        """RMS velocity over the last run, mm/s: the unit holds it until the next run."""
        imbalance = abs(self.load_kg / self.spec.rated_load_kg - self.spec.counterweight_share)
        smooth = 0.7 + 0.5 * self._move.top_speed / self.spec.rated_speed + 0.4 * imbalance
        return smooth + abs(self._rng.gauss(0.0, 0.12)) + 5.5 * self.level("bearing_wear")

    def _dwell_s(self) -> float:
        """How long the door stays open: longer with more people, now and then somebody holds it."""
        if self.levels.get("door_obstruction"):
            return self._rng.uniform(3.0, 6.0)
        moved_kg = self._stops[0].boarding_kg + self._stops[0].leaving_kg if self._stops else 0.0
        dwell_s = 3.0 + 1.1 * moved_kg / PASSENGER_KG + self._rng.uniform(0.0, 1.5)
        return dwell_s + (self._rng.uniform(8.0, 30.0) if self._rng.random() < 0.03 else 0.0)

    def _exchange_people(self) -> None:
        if not self.has_mains or self._is_rescued:
            self.load_kg = 0.0
            self._stops.clear()
        elif self._stops and self._stops[0].floor == self.floor:
            stop = self._stops.popleft()
            left_kg = max(0.0, self.load_kg - stop.leaving_kg)
            self.load_kg = left_kg + stop.boarding_kg if self._stops else 0.0

    def _close_door(self, at_s: float) -> None:
        if "door_obstruction" in self.levels and self.has_mains:
            self._obstructed_since_s = min(self._obstructed_since_s, at_s)
            self._enter(Phase.CLOSING, at_s, self._rng.uniform(1.0, 1.8))
            return
        slip = 1.0 + 2.0 * self.level("belt_slip")
        self._enter(Phase.CLOSING, at_s, self.spec.door_close_s * slip * self._rng.uniform(0.95, 1.05))

    def _door_met_its_end(self, at_s: float) -> None:
        if "door_obstruction" in self.levels and self.has_mains:
            self._enter(Phase.REOPENING, at_s, self._rng.uniform(0.8, 1.4))
            return
        if self._obstructed_since_s < FOREVER_S:
            self._obstructed_since_s = FOREVER_S
            self.event = EVENT_AUTOMATIC
        if self._is_rescued:
            self._is_rescued = False
            self.event = EVENT_AUTOMATIC
        self.door_cycles += 1
        self.last_close_s = at_s - self._began_s
        self._go_on(at_s)

    # -- trouble -------------------------------------------------------------------------------

    def _react(self, at_s: float) -> None:
        """Take note of faults that began or ended since the last step."""
        has_mains = "mains_lost" not in self.levels
        if has_mains != self.has_mains:
            self.has_mains = has_mains
            (self._regain_mains if has_mains else self._lose_mains)(at_s)
        if self.is_trapped and "entrapment" not in self.levels and has_mains:
            self._rescue(at_s)
        if self.phase is Phase.HALTED and not self.is_trapped and has_mains:
            if "safety_circuit_open" not in self.levels and self._ends_s == FOREVER_S:
                self.event = EVENT_AUTOMATIC
                self._wait_for_a_call(at_s)
        elif self.phase is Phase.IDLE and self.levels:
            self._meet_fault_while_idle(at_s)

    def _meet_fault_while_idle(self, at_s: float) -> None:
        """Faults that need a rider show at once: somebody takes the car just then."""
        if "safety_circuit_open" in self.levels:
            self._go_on(at_s)
        elif "entrapment" in self.levels or "door_obstruction" in self.levels:
            target = self.floor + 2 if self.floor + 2 <= self.spec.floors else self.floor - 2
            self._begin(one_rider(self.floor, target), at_s)

    def _halt(self, at_s: float, lasts_s: float) -> None:
        self._enter(Phase.HALTED, at_s, lasts_s)

    def _lose_mains(self, at_s: float) -> None:
        self.event = EVENT_MAINS_LOST
        if self.phase in {Phase.RUN, Phase.CREEP}:
            self._height_m = self._move.position(at_s - self._began_s)
            self._run_s += at_s - self._began_s
            self._halt(at_s, 8.0)  # the brake drops; the rescue device takes some seconds to start
        elif self.phase is Phase.IDLE:
            self._stops.clear()
            self._halt(at_s, FOREVER_S)

    def _regain_mains(self, at_s: float) -> None:
        self.event = EVENT_AUTOMATIC
        if self.phase is Phase.HALTED and not self.is_trapped:
            self._stops.clear()
            if self._at_floor():
                self._wait_for_a_call(at_s)
            else:
                self._creep_to_floor(at_s)

    def _trap(self, at_s: float) -> None:
        self.is_trapped = True
        self.event = EVENT_OUT_OF_SERVICE
        self._button_at_s = at_s + self._rng.uniform(40.0, 90.0)
        self._halt(at_s, FOREVER_S)

    def _rescue(self, at_s: float) -> None:
        self.is_trapped = False
        self._is_rescued = True
        self._button_at_s = FOREVER_S
        self.event = EVENT_INSPECTION
        self._creep_to_floor(at_s)

    def _creep_to_floor(self, at_s: float) -> None:
        self._move = plan_move(self._height_m, self._floor_m(self.floor), rated_speed=0.25, acceleration=0.3)
        self._enter(Phase.CREEP, at_s, self._move.duration_s)

    # -- what follows from the phase -----------------------------------------------------------

    @property
    def height_m(self) -> float:
        """Height of the car above the lobby, m."""
        if self.phase in {Phase.RUN, Phase.CREEP}:
            return self._move.position(self.now_s - self._began_s)
        return self._height_m

    @property
    def speed(self) -> float:
        """Speed of the car, m/s, without sign."""
        if self.phase in {Phase.RUN, Phase.CREEP}:
            return self._move.speed(self.now_s - self._began_s)
        return 0.0

    @property
    def floor(self) -> int:
        """The nearest floor, counted from 1."""
        return 1 + round(self.height_m / self.spec.floor_height_m)

    def _floor_m(self, floor: int) -> float:
        return (floor - 1) * self.spec.floor_height_m

    def _at_floor(self) -> bool:
        return (
            abs(self._height_m - self._floor_m(1 + round(self._height_m / self.spec.floor_height_m))) < 0.01
        )

    def _force_kn(self, acceleration: float) -> float:
        """Force of the motor in the direction of travel, kN; negative: the load drives the motor."""
        spec = self.spec
        unbalanced_kg = self.load_kg - spec.counterweight_share * spec.rated_load_kg
        lift_n = self._move.sign * unbalanced_kg * GRAVITY + spec.moving_kg * acceleration
        return lift_n / 1000.0 + spec.friction_kn

    def _current_a(self, acceleration: float) -> float:
        return math.hypot(self.spec.no_load_a, self.spec.amps_per_kn * self._force_kn(acceleration))

    def _mean_square(self) -> float:
        """Mean of the squared motor current over the present phase, A^2."""
        if self.phase is not Phase.RUN:
            return self.spec.standby_a**2
        move = self._move
        mean = move.top_speed / move.ramp_s
        ramps = (self._current_a(mean) ** 2 + self._current_a(-mean) ** 2) * move.ramp_s
        return (ramps + self._current_a(0.0) ** 2 * move.cruise_s) / move.duration_s

    def _machine_room_c(self, at_s: float) -> float:
        return 25.0 + 3.0 * math.cos((self.clock.hour(at_s) - 15.0) * math.pi / 12.0)

    def _settle_heat(self, at_s: float) -> None:
        rise = self.spec.kelvin_per_a2 * self._mean_square_a2 + 85.0 * self.level("motor_cooling_blocked")
        target = self._machine_room_c(at_s) + rise
        self.motor_temp_c = toward(self.motor_temp_c, target, at_s - self._settled_s, self.spec.motor_tau_s)
        self._settled_s = at_s

    def _motor_current(self) -> float:
        if self.phase is Phase.RUN:
            current = self._current_a(self._move.acceleration(self.now_s - self._began_s))
            return max(0.0, current * self._noise.gauss(1.0, 0.01))
        if self.phase is Phase.CREEP:
            return 4.0
        return self.spec.standby_a if self.has_mains else 0.0

    def _fault_code(self) -> int:
        if self.is_trapped:
            return CODE_OUTSIDE_ZONE
        if self.now_s - self._obstructed_since_s > 150.0:
            return CODE_DOOR_CLOSE
        if self.phase is Phase.HALTED and "safety_circuit_open" in self.levels and self.has_mains:
            return CODE_SAFETY
        return 0

    def _service_mode(self) -> int:
        if self.phase is Phase.HALTED:
            return MODE_STOPPED
        if not self.has_mains:
            return MODE_EMERGENCY_POWER
        return MODE_INSPECTION if self._is_rescued else MODE_NORMAL

    def sample(self) -> Sample:
        """See Machine."""
        height_m, speed = self.height_m, self.speed
        floor = 1 + round(height_m / self.spec.floor_height_m)
        is_moving = self.phase is Phase.RUN or self.phase is Phase.CREEP
        load_kg = max(0.0, self.load_kg + self._noise.gauss(0.0, 1.0)) if self.load_kg else 0.0
        return {
            "floor": floor,
            "direction": (1 if self._move.sign > 0 else 2) if is_moving else 0,
            "speed": round(speed, 2),
            "door": _DOOR.get(self.phase, 0),
            "in_door_zone": int(abs(height_m - self._floor_m(floor)) <= DOOR_ZONE_M),
            "occupied": int(self.load_kg > 0.0),
            "load_kg": round(load_kg),
            "motor_current": round(self._motor_current(), 1),
            "door_close_s": round(self.last_close_s, 1),
            "levelling_error": round(self.levelling_mm, 1),
            "motor_temp": round(self.motor_temp_c + self._noise.gauss(0.0, 0.08), 1),
            "vibration": round(self.vibration, 2),
            "service_mode": self._service_mode(),
            "fault_code": self._fault_code(),
            "event_code": self.event,
            "alarm_button": int(self.is_trapped and self.now_s >= self._button_at_s),
            "mains": int(self.has_mains),
            "door_cycles": self.door_cycles,
            "trips": self.trips,
            "run_hours": round(self._run_s / 3600.0, 1),
        }

    def state(self) -> dict[str, float]:
        """See Machine. After a restart the car stands at the floor it was nearest to, empty."""
        return {
            "floor": self.floor,
            "door_cycles": self.door_cycles,
            "trips": self.trips,
            "run_s": self._run_s,
            "motor_temp_c": self.motor_temp_c,
            "vibration": self.vibration,
        }

    def restore(self, state: Mapping[str, float]) -> None:
        """See Machine."""
        self._height_m = self._floor_m(int(state.get("floor", 1)))
        self.door_cycles = int(state.get("door_cycles", self.door_cycles))
        self.trips = int(state.get("trips", self.trips))
        self._run_s = state.get("run_s", self._run_s)
        self.motor_temp_c = state.get("motor_temp_c", self.motor_temp_c)
        self.vibration = state.get("vibration", self.vibration)
