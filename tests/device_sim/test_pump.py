from __future__ import annotations

import math

import pytest

from device_sim.models.pump import LINE_VOLTS, PumpSet
from tests.device_sim.machines import DAY_S, HOUR_S, MIDNIGHT_S, last, live, machine, number

EVENING_S = MIDNIGHT_S + 19 * HOUR_S


@pytest.mark.parametrize("fault", [None, "pipe_burst", "leaking_check_valve", "fill_valve_stuck_open"])
@pytest.mark.parametrize("dt_s", [1.0, 60.0])
def test_no_water_appears_or_vanishes(fault: str | None, dt_s: float) -> None:
    pumps = machine(PumpSet)
    before_m3 = pumps.tank_m3
    if fault:
        pumps.set_level(fault, 1.0)
    for _ in live(pumps, 6 * HOUR_S, dt_s=dt_s):
        assert 0.0 <= pumps.tank_m3 <= pumps.spec.tank_m3

    balance = pumps.filled_m3 + pumps.returned_m3 - pumps.drawn_m3 - pumps.spilled_m3
    assert pumps.tank_m3 - before_m3 == pytest.approx(balance, abs=1e-6)


def test_electric_power_is_never_more_than_volts_times_amperes() -> None:
    for sample in live(machine(PumpSet), DAY_S, dt_s=10.0):
        apparent_kva = (
            math.sqrt(3)
            * LINE_VOLTS
            * (number(sample, "pump_1_current") + number(sample, "pump_2_current"))
            / 1000
        )
        power_kw = number(sample, "power")
        assert power_kw <= apparent_kva + 0.15
        if power_kw > 6.0:
            assert power_kw / apparent_kva > 0.65, "a loaded motor has a decent power factor"


def test_hydraulic_power_is_less_than_electric_power() -> None:
    pumps = machine(PumpSet, start_s=EVENING_S)
    for _ in live(pumps, HOUR_S):
        hydraulic_kw = (
            sum(unit.flow for unit in pumps.units.values()) * (pumps.pressure - pumps.suction) / 3600
        )
        assert hydraulic_kw < sum(unit.power_kw for unit in pumps.units.values()) * 0.75 + 0.01


def test_more_flow_at_the_same_pressure_takes_more_speed() -> None:
    pumps = machine(PumpSet, start_s=EVENING_S, alternates=False)
    seen = [
        (pumps.units[1].flow, pumps.units[1].speed, pumps.suction)
        for _ in live(pumps, 2 * HOUR_S)
        if abs(pumps.pressure - 520) < 1 and not pumps.units[2].running
    ]
    low, high = min(seen), max(seen)
    assert high[0] > low[0] + 5
    assert high[1] > low[1]
    head = pumps.spec.shut_off_head * high[1] ** 2 - pumps.spec.head_fall * high[0] ** 2
    assert head + high[2] == pytest.approx(520, abs=3), "affinity laws"


def test_it_sleeps_at_night_and_changes_pumps_at_three() -> None:
    pumps = machine(PumpSet)
    samples = list(live(pumps, 5 * HOUR_S, dt_s=5.0))

    assert {sample["duty_pump"] for sample in samples} == {1, 2}
    resting = [s for s in samples if s["pump_1_running"] == 0 and s["pump_2_running"] == 0]
    assert len(resting) > len(samples) / 2
    assert max(number(s, "starts_last_hour") for s in samples) <= 8


def test_a_leaking_check_valve_makes_it_start_all_the_time_at_night() -> None:
    pumps = machine(PumpSet, start_s=MIDNIGHT_S + HOUR_S)
    pumps.set_level("leaking_check_valve", 1.0)

    assert number(last(live(pumps, 1.5 * HOUR_S)), "starts_last_hour") > 12


def test_a_worn_bearing_runs_hot_on_the_pump_on_duty_only() -> None:
    pumps = machine(PumpSet, start_s=EVENING_S)
    pumps.set_level("bearing_wear", 1.0)
    worn = pumps.struck["bearing_wear"]
    sample = last(live(pumps, 600))

    assert number(sample, f"pump_{worn}_bearing_temp") > 80
    assert number(sample, f"pump_{3 - worn}_bearing_temp") < 60
    pumps.set_level("bearing_wear", 0.0)
    assert number(last(live(pumps, 300)), f"pump_{worn}_bearing_temp") < 70


def test_the_standby_pump_helps_when_the_riser_bursts_until_the_tank_is_empty() -> None:
    pumps = machine(PumpSet, start_s=EVENING_S)
    pumps.set_level("pipe_burst", 1.0)
    sample = last(live(pumps, 60))
    assert (sample["pump_1_running"], sample["pump_2_running"]) == (1, 1)
    assert number(sample, "discharge_pressure") < 350

    samples = list(live(pumps, HOUR_S))
    assert any(s["pump_1_running"] == 0 and s["pump_2_running"] == 0 for s in samples), "dry-run protection"
