from __future__ import annotations

import pytest

from device_sim.faults import KINDS
from device_sim.fleet import MODELS
from tests.device_sim.machines import (
    DAY_S,
    band,
    live,
    machine,
    number,
    shipped_profile,
    shipped_rules,
    states,
)

PROFILES = sorted(MODELS)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_model_reports_exactly_the_points_of_its_profile(profile: str) -> None:
    points = shipped_profile(profile)
    model = MODELS[profile]

    assert set(model.POINTS) == set(points)
    assert set(machine(model).sample()) == set(points)
    assert {key: spec.interval_s for key, spec in model.POINTS.items()} == {
        key: point["interval_s"] for key, point in points.items()
    }


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("seed", [1, 2])
def test_an_ordinary_day_stays_within_the_normal_bands_and_known_states(profile: str, seed: int) -> None:
    points = shipped_profile(profile)
    bands = {key: band(point) for key, point in points.items()}
    codes = {key: states(point) for key, point in points.items()}

    for sample in live(machine(MODELS[profile], seed=seed), DAY_S, dt_s=5.0):
        for key in points:
            value, normal, known = number(sample, key), bands[key], codes[key]
            assert normal is None or normal[0] <= value <= normal[1], (key, value)
            assert known is None or value in known, (key, value)


@pytest.mark.parametrize("profile", PROFILES)
def test_counters_never_go_back(profile: str) -> None:
    counters = [key for key, point in shipped_profile(profile).items() if point["kind"] == "counter"]
    before = dict.fromkeys(counters, 0.0)

    for sample in live(machine(MODELS[profile]), DAY_S, dt_s=30.0):
        now = {key: number(sample, key) for key in counters}
        assert all(now[key] >= before[key] for key in counters)
        before = now


@pytest.mark.parametrize("profile", PROFILES)
def test_a_restored_machine_goes_on_where_it_was(profile: str) -> None:
    counters = [key for key, point in shipped_profile(profile).items() if point["kind"] == "counter"]
    first = machine(MODELS[profile], seed=1)
    for _ in live(first, DAY_S / 4, dt_s=30.0):
        pass
    second = machine(MODELS[profile], seed=99, start_s=first.now_s)
    second.restore(first.state())

    assert {key: second.sample()[key] for key in counters} == {key: first.sample()[key] for key in counters}
    second.step(1.0, first.now_s + 1.0)
    assert all(number(second.sample(), key) >= number(first.sample(), key) for key in counters)


@pytest.mark.parametrize(("profile", "fault"), sorted(KINDS))
def test_the_rules_that_a_fault_names_exist(profile: str, fault: str) -> None:
    kind = KINDS[profile, fault]
    expected, consequences = kind.rules(1)

    assert {*expected, *consequences} <= shipped_rules(profile)
    assert kind.cause
    assert bool(expected) != bool(kind.why_unseen), "either a rule sees it or there is a reason why none does"
