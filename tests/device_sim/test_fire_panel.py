from __future__ import annotations

from itertools import pairwise

from device_sim.models.base import Sample
from device_sim.models.fire_panel import SMOKE_DETECTORS, FirePanel
from tests.device_sim.machines import DAY_S, HOUR_S, last, live, machine, number


def bits(sample: Sample, key: str = "system_status") -> set[int]:
    value = int(number(sample, key))
    return {bit for bit in range(14) if value >> bit & 1}


def test_fire_latches_until_the_panel_is_reset() -> None:
    panel = machine(FirePanel)
    panel.set_level("smoke", 1.0)
    burning = next(live(panel, 1))
    struck = SMOKE_DETECTORS[panel.struck["smoke"]]
    assert bits(burning, struck) == {1}
    assert bits(burning) == {1, 5}
    assert burning["fire_count"] == 1

    panel.set_level("smoke", 0.2)  # the smoke has thinned out, nobody has been there yet
    assert bits(next(live(panel, 1)), struck) == {1}

    panel.set_level("smoke", 0.0)
    after = next(live(panel, 1))
    assert bits(after) == {0, 13}
    assert bits(last(live(panel, 30))) == {0}


def test_two_faults_show_at_once_and_a_reset_keeps_the_one_that_remains() -> None:
    panel = machine(FirePanel)
    panel.set_level("loop_open", 1.0)
    panel.set_level("smoke", 1.0)
    assert bits(next(live(panel, 1))) == {1, 2, 5, 10}

    panel.set_level("smoke", 0.0)
    after = next(live(panel, 1))
    assert {2, 10} <= bits(after)
    assert 1 not in bits(after)
    assert after["fault_count"] == 3


def test_the_battery_carries_it_for_a_day_and_then_recovers() -> None:
    panel = machine(FirePanel)
    panel.set_level("mains_lost", 1.0)
    minutes = [number(sample, "battery_voltage") for sample in live(panel, DAY_S, dt_s=60.0)]
    assert bits(panel.sample()) >= {8}
    assert all(later <= before + 0.1 for before, later in pairwise(minutes[10:]))
    assert 21.0 <= minutes[-1] < 24.5 < minutes[60]

    panel.set_level("mains_lost", 0.0)
    assert 27.0 < number(last(live(panel, DAY_S, dt_s=60.0)), "battery_voltage") < 27.6


def test_an_aged_battery_shows_and_is_gone_when_replaced() -> None:
    panel = machine(FirePanel)
    panel.set_level("battery_ageing", 1.0)
    aged = last(live(panel, HOUR_S, dt_s=10.0))
    assert number(aged, "battery_voltage") < 24.5
    assert 9 in bits(aged)

    panel.set_level("battery_ageing", 0.0)
    assert bits(last(live(panel, HOUR_S, dt_s=10.0))) == {0}


def test_a_dirty_chamber_is_seen_long_before_it_is_a_fault() -> None:
    panel = machine(FirePanel)
    panel.set_level("blocked_detector", 0.75)
    warned = next(live(panel, 1))
    assert max(number(warned, "loop_1_contamination"), number(warned, "loop_2_contamination")) > 85
    assert warned["fault_count"] == 0

    panel.set_level("blocked_detector", 1.0)
    assert next(live(panel, 1))["fault_count"] == 1
    panel.set_level("blocked_detector", 0.0)
    cleaned = last(live(panel, 60))
    assert cleaned["fault_count"] == 0
    assert max(number(cleaned, "loop_1_contamination"), number(cleaned, "loop_2_contamination")) < 50
