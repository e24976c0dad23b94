"""The faults a simulated machine can have, as data: how each develops, what it does, who should notice.

``expected`` names the default rules that are meant to see it: the fault counts as found when any of
them raises an alarm. ``consequences`` are rules that may rightly fire as well. Where ``expected`` is
empty, ``why_unseen`` says why the default rules cannot see the fault.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from device_sim.models.base import Sample

Course = Literal["sudden", "steady", "accelerating"]
"""sudden: there at once; steady: grows in proportion to time; accelerating: slow at first, then ever faster
(wear feeds on itself: the P-F curve of reliability engineering)."""
Profile = Literal["elevator", "pump", "fire_panel", "energy_meter"]


@dataclass(frozen=True)
class Sign:
    """The reading that shows the fault to its rule.

    ``{part}`` stands for the number of the part that was struck, ``{loop}`` for its loop in a fire panel.
    """

    point: str
    relation: Literal["above", "below", "equals", "has_bit"]
    limit: float

    def shows_in(self, sample: Sample, part: int) -> bool:
        """Whether this sample shows it."""
        value = sample.get(self.point.format(part=part, loop=1 + part // 2))
        if value is None or isinstance(value, str):
            return False
        match self.relation:
            case "above":
                return value > self.limit
            case "below":
                return value < self.limit
            case "equals":
                return value == self.limit
            case "has_bit":
                return bool(int(value) >> int(self.limit) & 1)


@dataclass(frozen=True)
class FaultKind:
    """One kind of fault on one type of machine."""

    key: str
    profile: Profile
    course: Course
    develop_s: float
    """Ordinary time to develop fully; scenarios may give their own."""
    cause: str
    expected: tuple[str, ...] = ()
    consequences: tuple[str, ...] = ()
    why_unseen: str = ""
    sign: Sign | None = None
    """None: visible from its start."""

    def rules(self, part: int) -> tuple[list[str], list[str]]:
        """(expected, consequences) for the part that was struck."""
        return [r.format(part=part) for r in self.expected], [r.format(part=part) for r in self.consequences]


DRIFT: dict[str, tuple[str, float]] = {
    "elevator": ("motor_temp", 80.0),
    "pump": ("discharge_pressure", -230.0),
    "fire_panel": ("battery_voltage", -4.5),
    "energy_meter": ("voltage_b", -32.0),
}
"""drifting_sensor by profile: the point that drifts unless told otherwise, and how far at level 1, in its unit."""
STUCK: dict[str, str] = {
    "elevator": "motor_temp",
    "pump": "tank_level",
    "fire_panel": "battery_voltage",
    "energy_meter": "voltage_a",
}
"""stuck_sensor by profile: the point that stays as it was unless told otherwise."""
CLOCK_OFFSET_S = 8 * 3600.0
"""clock_wrong at level 1: local time of China sent as if it were UTC."""
ON_THE_DEVICE = frozenset({"stuck_sensor", "drifting_sensor", "device_silent", "clock_wrong"})
"""Faults of the device that reports, not of the machine it reports on."""

_KINDS = [
    # -- elevator ---------------------------------------------------------------------------------
    FaultKind("bearing_wear", "elevator", "accelerating", 6 * 3600, "Rolling-element bearing of the traction machine pitted; lubricant exhausted.",
              ("vibration_high",), (), sign=Sign("vibration", "above", 4.5)),
    FaultKind("belt_slip", "elevator", "steady", 2 * 3600, "Belt of the door operator glazed and slack: it slips under the closing force.",
              ("door_slow",), ("door_held",), sign=Sign("door_close_s", "above", 6)),
    FaultKind("door_obstruction", "elevator", "sudden", 0, "A parcel in the door track: the light curtain reopens the door again and again.",
              ("door_held", "door_fault"), sign=Sign("door", "above", 0)),
    FaultKind("entrapment", "elevator", "sudden", 0, "Car stopped between floors with people inside after the safety gear switch opened.",
              ("entrapment",), ("safety_fault",), sign=Sign("fault_code", "equals", 4)),
    FaultKind("safety_circuit_open", "elevator", "sudden", 0, "Contact of a landing door lock oxidised: the safety circuit stays open.",
              ("safety_fault",), sign=Sign("fault_code", "equals", 1)),
    FaultKind("levelling_drift", "elevator", "steady", 3600, "Brake lining worn: the car comes to rest ever later.",
              ("levelling",), sign=Sign("levelling_error", "above", 15)),
    FaultKind("motor_cooling_blocked", "elevator", "sudden", 0, "Fan of the motor stopped and the brake drags: heat stays in the winding.",
              ("motor_hot",), sign=Sign("motor_temp", "above", 90)),
    FaultKind("mains_lost", "elevator", "sudden", 0, "Supply of the machine room lost.",
              ("mains_lost",), ("entrapment", "door_held"), sign=Sign("mains", "equals", 0)),
    # -- pump -------------------------------------------------------------------------------------
    FaultKind("bearing_wear", "pump", "accelerating", 4 * 3600, "Grease of the drive-end bearing lost: its race runs hot and rough.",
              ("bearing_hot_{part}",), ("vibration_{part}",), sign=Sign("pump_{part}_bearing_temp", "above", 80)),
    FaultKind("impeller_imbalance", "pump", "sudden", 0, "Debris lodged in one channel of the impeller.",
              ("vibration_{part}",), sign=Sign("pump_{part}_vibration", "above", 4.5)),
    FaultKind("rotor_rubbing", "pump", "steady", 600, "Wear ring seizing: the impeller rubs on the casing.",
              ("overcurrent_{part}",), sign=Sign("pump_{part}_current", "above", 40)),
    FaultKind("leaking_check_valve", "pump", "steady", 600, "Flap of a check valve held open by scale: water runs back whenever the pumps rest.",
              ("short_cycling",), sign=Sign("starts_last_hour", "above", 12)),
    FaultKind("strainer_clogged", "pump", "steady", 1200, "Suction strainer full of scale from the tank.",
              ("suction_low",), ("low_pressure", "vibration_1", "vibration_2"), sign=Sign("suction_pressure", "below", 5)),
    FaultKind("pipe_burst", "pump", "sudden", 0, "Riser burst in the plant room.",
              ("low_pressure",), ("tank_low", "suction_low", "vibration_1", "vibration_2", "overcurrent_1", "overcurrent_2", "short_cycling"),
              sign=Sign("discharge_pressure", "below", 350)),
    FaultKind("fill_valve_stuck_closed", "pump", "sudden", 0, "Float valve of the tank jammed shut.",
              ("tank_low",), ("suction_low", "low_pressure", "short_cycling"), sign=Sign("tank_level", "below", 25)),
    FaultKind("fill_valve_stuck_open", "pump", "sudden", 0, "Float of the tank's fill valve sunk: it never closes.",
              ("tank_high",), sign=Sign("tank_level", "above", 97)),
    FaultKind("mains_lost", "pump", "sudden", 0, "Supply of the pump room lost; the controller lives on its battery.",
              ("not_automatic",), ("low_pressure", "suction_low", "tank_high"), sign=Sign("mode", "equals", 0)),
    # -- fire panel -------------------------------------------------------------------------------
    FaultKind("smoke", "fire_panel", "sudden", 0, "Smoke in the detector's chamber (burnt food).",
              ("fire",), sign=Sign("fire_count", "above", 0)),
    FaultKind("blocked_detector", "fire_panel", "steady", 4 * 3600, "Dust of building works in the measuring chamber.",
              ("detector_dirty",), ("fault",), sign=Sign("loop_{loop}_contamination", "above", 85)),
    FaultKind("battery_ageing", "fire_panel", "accelerating", 4 * 3600, "Battery past its life: cells sulphated, one shorted.",
              ("battery_low",), sign=Sign("battery_voltage", "below", 24.5)),
    FaultKind("loop_open", "fire_panel", "sudden", 0, "Loop 2 cut during works: the components behind the cut do not answer.",
              ("bus_fault",), ("fault",), sign=Sign("system_status", "has_bit", 10)),
    FaultKind("zone_disabled", "fire_panel", "sudden", 0, "Detectors disabled for hot works and forgotten.",
              ("disabled",), sign=Sign("disabled_count", "above", 0)),
    FaultKind("mains_lost", "fire_panel", "sudden", 0, "Supply of the panel lost; it runs on its battery.",
              ("mains_fault",), ("battery_low",), sign=Sign("mains_voltage", "below", 180)),
    # -- energy meter -----------------------------------------------------------------------------
    FaultKind("phase_loss", "energy_meter", "sudden", 0, "Fuse of phase A blown.",
              ("phase_loss",), ("unbalance", "undervoltage"), sign=Sign("voltage_a", "below", 120)),
    FaultKind("voltage_sag", "energy_meter", "steady", 300, "Tap changer of the transformer failed in its lowest position.",
              ("undervoltage",), sign=Sign("voltage_a", "below", 198)),
    FaultKind("overvoltage", "energy_meter", "steady", 300, "Tap changer of the transformer failed in its highest position.",
              ("overvoltage",), sign=Sign("voltage_a", "above", 235.4)),
    FaultKind("harmonic_filter_failed", "energy_meter", "sudden", 0, "Harmonic filter of the drives tripped.",
              ("thd",), sign=Sign("thd_u", "above", 5)),
    FaultKind("capacitor_bank_failed", "energy_meter", "sudden", 0, "Contactor of the capacitor bank welded open.",
              ("power_factor",), sign=Sign("power_factor", "below", 0.8)),
    FaultKind("mains_lost", "energy_meter", "sudden", 0, "Supply lost; the meter reports on its auxiliary supply.",
              ("phase_loss",), ("undervoltage", "frequency", "unbalance", "power_factor"), sign=Sign("voltage_a", "below", 120)),
]  # fmt: skip


def _device_kinds(profile: Profile) -> list[FaultKind]:
    drift_rule, sign = {
        "elevator": ("motor_hot", Sign("motor_temp", "above", 90)),
        "pump": ("low_pressure", Sign("discharge_pressure", "below", 350)),
        "fire_panel": ("battery_low", Sign("battery_voltage", "below", 24.5)),
        "energy_meter": ("undervoltage", Sign("voltage_b", "below", 198)),
    }[profile]
    return [
        FaultKind("stuck_sensor", profile, "sudden", 0, "Transmitter frozen: it repeats its last value.", ("sensor_stuck",)),
        FaultKind("drifting_sensor", profile, "steady", 7200, "Sensor drifts: moisture in its head.", (drift_rule,), sign=sign),
        FaultKind("device_silent", profile, "sudden", 0, "Power supply of the telemetry unit dead.", ("no_data",)),
        FaultKind("clock_wrong", profile, "sudden", 0, "Clock of the telemetry unit off by hours after a battery change.", ("no_data",)),
    ]  # fmt: skip


_PROFILES: tuple[Profile, ...] = ("elevator", "pump", "fire_panel", "energy_meter")
KINDS: dict[tuple[str, str], FaultKind] = {
    (kind.profile, kind.key): kind
    for kind in [*_KINDS, *(kind for profile in _PROFILES for kind in _device_kinds(profile))]
}
"""Every kind by (profile, key)."""
KEYS = sorted({key for _, key in KINDS})


@dataclass
class FaultRun:
    """One fault on one machine: planned by a scenario or started by hand. Times in epoch seconds."""

    id: str
    asset: str
    kind: FaultKind
    start_s: float
    end_s: float = math.inf
    develop_s: float = 0.0
    severity: float = 1.0
    point: str | None = None
    """Sensor faults: the point they strike; None: the usual one of the profile."""
    offset: float | None = None
    """drifting_sensor: how far at level 1, in the point's unit; clock_wrong: seconds."""
    expected: tuple[str, ...] | None = None
    """Rules meant to see it, where that differs from the kind's."""
    part: int = 0
    visible_s: float | None = None

    def level(self, now_s: float) -> float:
        """How far it has developed: 0 before and after, up to its severity."""
        if now_s < self.start_s or now_s >= self.end_s:
            return 0.0
        share = 1.0 if self.develop_s <= 0.0 else min(1.0, (now_s - self.start_s) / self.develop_s)
        if self.kind.course == "accelerating" and self.develop_s > 0.0:
            share = math.expm1(3.0 * share) / math.expm1(3.0)
        return max(1e-6, self.severity * share)
