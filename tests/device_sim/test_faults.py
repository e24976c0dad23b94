from __future__ import annotations

from itertools import pairwise

import pytest

from device_sim.device import Device
from device_sim.faults import KINDS, FaultRun
from device_sim.fleet import MODELS
from device_sim.models.base import Sample
from device_sim.truth import TruthLog
from tests.device_sim.machines import HOUR_S, MIDNIGHT_S, machine

START_S = MIDNIGHT_S + 9 * HOUR_S

# What a fault may change. Everything else must read exactly as on the twin without the fault.
TOUCHES = {
    ("elevator", "bearing_wear"): {"vibration"},
    ("elevator", "levelling_drift"): {"levelling_error"},
    ("elevator", "motor_cooling_blocked"): {"motor_temp"},
    ("pump", "bearing_wear"): {"pump_1_bearing_temp", "pump_1_vibration"},
    ("pump", "impeller_imbalance"): {"pump_1_vibration"},
    ("pump", "rotor_rubbing"): {"pump_1_current", "power"},
    ("pump", "fill_valve_stuck_open"): {
        "tank_level", "suction_pressure", "power", "pump_1_current", "pump_1_bearing_temp", "pump_1_vibration",
    },
    ("fire_panel", "smoke"): {"system_status", "fire_count", "loop_1_01", "loop_1_02", "loop_2_01", "loop_2_02"},
    ("fire_panel", "battery_ageing"): {"system_status", "battery_voltage"},
    ("fire_panel", "zone_disabled"): {"system_status", "disabled_count", "loop_1_01", "loop_1_02"},
    ("fire_panel", "loop_open"): {"system_status", "fault_count", "loop_2_03", "loop_2_04", "loop_2_05"},
    ("fire_panel", "mains_lost"): {"system_status", "mains_voltage", "battery_voltage"},
    ("energy_meter", "phase_loss"): {
        "voltage_a", "current_a", "power", "unbalance", "energy",
    },
    ("energy_meter", "overvoltage"): {
        "voltage_a", "voltage_b", "voltage_c", "current_a", "current_b", "current_c", "unbalance",
    },
    ("energy_meter", "harmonic_filter_failed"): {"thd_u"},
    ("energy_meter", "capacitor_bank_failed"): {"power_factor", "current_a", "current_b", "current_c"},
}  # fmt: skip


def device(profile: str) -> Device:
    options = {"alternates": False} if profile == "pump" else {}
    return Device(machine(MODELS[profile], start_s=START_S, **options), TruthLog())


def struck(
    profile: str, fault: str, *, lasts_s: float = HOUR_S, **details: object
) -> tuple[Device, FaultRun]:
    subject = device(profile)
    run = FaultRun("1", "m", KINDS[profile, fault], START_S, START_S + lasts_s)
    for name, value in details.items():
        setattr(run, name, value)
    subject.strike(run)
    return subject, run


def day(subject: Device, seconds: float, dt_s: float = 5.0) -> list[Sample]:
    samples = []
    for step in range(int(seconds / dt_s)):
        subject.step(dt_s, START_S + (step + 1) * dt_s)
        samples.append(subject.sample())
    return samples


@pytest.mark.parametrize(("profile", "fault"), sorted(TOUCHES))
def test_a_fault_changes_what_it_should_and_only_that(profile: str, fault: str) -> None:
    subject, _ = struck(profile, fault)
    changed: set[str] = set()
    for ill, well in zip(day(subject, HOUR_S), day(device(profile), HOUR_S), strict=True):
        changed |= {key for key in ill if ill[key] != well[key]}

    assert changed
    assert changed <= TOUCHES[profile, fault]


@pytest.mark.parametrize(("profile", "fault"), sorted(KINDS))
def test_every_fault_leaves_no_trace_in_the_books_when_it_is_over(profile: str, fault: str) -> None:
    subject, run = struck(profile, fault, lasts_s=600.0)
    day(subject, 900.0)

    assert subject.runs == []
    assert subject.machine.levels == {}
    assert run.end_s == START_S + 600.0


@pytest.mark.parametrize("profile", sorted(MODELS))
def test_a_stuck_sensor_repeats_one_value_and_nothing_else_changes(profile: str) -> None:
    subject, run = struck(profile, "stuck_sensor")
    samples, twins = day(subject, HOUR_S - 5), day(device(profile), HOUR_S - 5)
    changed = {key for ill, well in zip(samples, twins, strict=True) for key in ill if ill[key] != well[key]}

    assert len(changed) == 1
    assert len({sample[next(iter(changed))] for sample in samples}) == 1
    assert run.visible_s is not None


@pytest.mark.parametrize("profile", sorted(MODELS))
def test_a_drifting_sensor_moves_away_steadily_and_nothing_else_changes(profile: str) -> None:
    subject, run = struck(profile, "drifting_sensor", develop_s=HOUR_S)
    away: dict[str, list[float]] = {}
    for ill, well in zip(day(subject, HOUR_S - 5), day(device(profile), HOUR_S - 5), strict=True):
        for key in ill:
            if ill[key] != well[key]:
                away.setdefault(key, []).append(abs(float(ill[key]) - float(well[key])))

    (moved,) = away.values()
    assert all(later >= before - 0.02 for before, later in pairwise(moved))
    assert run.visible_s is not None


def test_a_silent_device_sends_nothing_while_its_machine_lives_on() -> None:
    subject, _ = struck("elevator", "device_silent", lasts_s=600.0)
    for step in range(1, 600):
        subject.step(1.0, START_S + step)
        assert subject.report(1.0) is None
    subject.step(1.0, START_S + 600.0)
    report = subject.report(1.0)
    assert report is not None
    assert set(report.values) == set(subject.machine.POINTS), "everything is overdue"


def test_a_wrong_clock_stamps_hours_off() -> None:
    subject, _ = struck("pump", "clock_wrong", offset=-7200.0)
    subject.step(1.0, START_S + 1.0)
    report = subject.report(1.0)

    assert report is not None
    assert report.at_s == START_S + 1.0 - 7200.0


def test_a_fault_develops_as_its_kind_says() -> None:
    wear = FaultRun("1", "m", KINDS["pump", "bearing_wear"], 0.0, 100.0, develop_s=100.0, severity=0.8)
    drift = FaultRun("2", "m", KINDS["pump", "drifting_sensor"], 0.0, 100.0, develop_s=100.0)
    sudden = FaultRun("3", "m", KINDS["pump", "pipe_burst"], 0.0, 100.0)

    assert wear.level(50.0) < 0.25 * 0.8, "slow at first"
    assert wear.level(99.999) == pytest.approx(0.8, rel=1e-3)
    assert drift.level(50.0) == pytest.approx(0.5)
    assert sudden.level(0.0) == 1.0
    assert (wear.level(-1.0), wear.level(100.0)) == (0.0, 0.0)


def test_the_same_fault_again_takes_the_place_of_the_first() -> None:
    truth = TruthLog()
    subject = Device(machine(MODELS["pump"], start_s=START_S), truth)
    kind = KINDS["pump", "pipe_burst"]
    subject.strike(FaultRun("1", "m", kind, START_S))
    subject.strike(FaultRun("2", "m", kind, START_S + 10.0))

    assert [run.id for run in subject.runs] == ["2"]
    assert [row.end is None for row in truth.rows] == [False, True]
    assert subject.machine.level("pipe_burst") > 0.0
