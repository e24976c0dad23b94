from __future__ import annotations

import cmath
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_sim.fleet import Fleet
from device_sim.models.energy_meter import EnergyMeter, unbalance_percent
from device_sim.site import demo_site
from device_sim.truth import TruthLog
from tests.device_sim.machines import DAY_S, MIDNIGHT_S, live, machine, number

VOLTS = st.floats(min_value=1.0, max_value=400.0)


@pytest.mark.parametrize("fault", [None, "phase_loss", "voltage_sag", "capacitor_bank_failed"])
def test_power_is_volts_times_amperes_times_power_factor(fault: str | None) -> None:
    meter = machine(EnergyMeter)
    if fault:
        meter.set_level(fault, 1.0)
    for sample in live(meter, DAY_S, dt_s=60.0):
        apparent_kva = (
            sum(number(sample, f"voltage_{p}") * number(sample, f"current_{p}") for p in "abc") / 1000
        )
        expected_kw = apparent_kva * number(sample, "power_factor")
        assert number(sample, "power") == pytest.approx(expected_kw, rel=0.01, abs=0.1)


@pytest.mark.parametrize("dt_s", [10.0, 300.0])
def test_the_register_is_the_integral_of_the_power(dt_s: float) -> None:
    meter = machine(EnergyMeter)
    next(live(meter, dt_s, dt_s=dt_s))
    register, power, summed = meter.energy_kwh, meter.power_kw, 0.0
    for _ in live(meter, DAY_S, dt_s=dt_s):
        summed += (power + meter.power_kw) / 2 * dt_s / 3600
        power = meter.power_kw

    assert meter.energy_kwh - register == pytest.approx(summed, rel=1e-9)


@given(a=VOLTS, b=VOLTS, c=VOLTS)
def test_unbalance_is_that_of_the_symmetrical_components(a: float, b: float, c: float) -> None:
    turn = cmath.exp(2j * math.pi / 3)
    phases = (a, b * turn**2, c * turn)
    positive = abs(phases[0] + turn * phases[1] + turn**2 * phases[2]) / 3
    negative = abs(phases[0] + turn**2 * phases[1] + turn * phases[2]) / 3

    assert unbalance_percent(a, b, c) == pytest.approx(100 * negative / positive, rel=1e-6, abs=1e-4)


def test_the_main_meter_measures_what_it_feeds_and_its_own_load() -> None:
    fleet = Fleet(demo_site(), seed=1, start_s=MIDNIGHT_S, truth=TruthLog())
    meters = {key: fleet.devices[key].machine for key in ("meter-main", "meter-a", "meter-b")}
    for minute in range(1, 1441):
        fleet.step_all(MIDNIGHT_S + 60.0 * minute)
        power = {key: meter.power_kw for key, meter in meters.items() if isinstance(meter, EnergyMeter)}
        own_kw = power["meter-main"] - power["meter-a"] - power["meter-b"]
        assert 5.0 < own_kw < 40.0


def test_offices_rest_at_the_weekend_and_homes_do_not() -> None:
    def used(load: str, start_s: float) -> float:
        meter = machine(EnergyMeter, load=load, start_s=start_s)
        before = meter.energy_kwh
        for _ in live(meter, DAY_S, dt_s=300.0):
            pass
        return meter.energy_kwh - before

    saturday_s = MIDNIGHT_S + 3 * DAY_S
    assert used("office", saturday_s) < 0.5 * used("office", MIDNIGHT_S)
    assert used("residential", saturday_s) > 0.9 * used("residential", MIDNIGHT_S)


def test_a_lost_phase_carries_nothing() -> None:
    meter = machine(EnergyMeter)
    meter.set_level("phase_loss", 1.0)
    sample = next(live(meter, 10, dt_s=10.0))

    assert number(sample, "voltage_a") < 120
    assert sample["current_a"] == 0.0
    assert number(sample, "voltage_b") > 198
    assert number(sample, "unbalance") > 4
