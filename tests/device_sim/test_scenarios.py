from __future__ import annotations

import itertools
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from device_sim.device import Reporter
from device_sim.faults import KEYS
from device_sim.fleet import MODELS
from device_sim.models.base import PointSpec
from device_sim.scenario import ScenarioError, load, parse, plan, play, shipped
from device_sim.truth import TruthLog, read_truth
from tests.device_sim.machines import MIDNIGHT_S, WEDNESDAY, number

ENDS_IN_TWO_HOURS = WEDNESDAY + timedelta(hours=2)


def test_all_shipped_scenarios_can_be_played() -> None:
    assert shipped() == ["bad_day", "demo", "quiet_day", "storm"]
    for name in shipped():
        assert next(play(load(name), None, WEDNESDAY, ENDS_IN_TWO_HOURS))[1]


def test_the_same_seed_gives_the_same_readings_and_another_seed_others() -> None:
    def readings(seed: int) -> list[object]:
        end = WEDNESDAY + timedelta(minutes=30)
        return list(play(load("bad_day"), None, WEDNESDAY, end, seed=seed))

    assert readings(5) == readings(5)
    assert readings(5) != readings(6)


def test_readings_come_in_order_of_time_and_no_point_is_later_than_its_interval() -> None:
    scenario = load("quiet_day")
    profiles = {asset.key: asset.profile for asset in scenario.site.assets}
    seen: dict[tuple[str, str], int] = {}
    before = 0
    for at_ms, asset, values in play(scenario, None, WEDNESDAY, WEDNESDAY + timedelta(minutes=20)):
        assert at_ms >= before
        before = at_ms
        for key in values:
            interval_ms = MODELS[profiles[asset]].POINTS[key].interval_s * 1000
            assert at_ms - seen.get((asset, key), at_ms) <= interval_ms, (asset, key)
            seen[asset, key] = at_ms
    assert len(seen) == sum(len(MODELS[profile].POINTS) for profile in profiles.values())


def test_a_changed_state_is_reported_at_once() -> None:
    reporter = Reporter({"door": PointSpec(60.0, on_change=True), "temp": PointSpec(60.0)})

    assert reporter.due({"door": 0, "temp": 20.0}, 0.0, 1.0) == {"door": 0, "temp": 20.0}
    assert reporter.due({"door": 0, "temp": 21.0}, 1.0, 1.0) == {}
    assert reporter.due({"door": 1, "temp": 22.0}, 2.0, 1.0) == {"door": 1}
    assert reporter.due({"door": 1, "temp": 23.0}, 60.0, 1.0) == {"door": 1, "temp": 23.0}


def test_nothing_goes_wrong_on_the_quiet_day() -> None:
    assert list(plan(load("quiet_day"), start_s=MIDNIGHT_S, seed=1)) == []


def test_every_kind_of_fault_happens_on_the_bad_day_and_never_two_at_once_on_a_machine() -> None:
    runs = list(plan(load("bad_day"), start_s=MIDNIGHT_S, seed=1))

    assert {run.kind.key for run in runs} == set(KEYS)
    for asset in {run.asset for run in runs}:
        own = [run for run in runs if run.asset == asset]
        for first, second in itertools.pairwise(own):
            assert second.start_s - first.end_s >= 3600.0, (asset, first.kind.key, second.kind.key)
    assert all(run.end_s <= MIDNIGHT_S + 86_400.0 - 900.0 for run in runs), "found and over by midnight"


def test_the_ground_truth_of_a_day_is_complete(tmp_path: Path) -> None:
    scenario = parse(
        """
name: short
site: {pump: 2, fire_panel: 1}
faults:
  - {fault: pipe_burst, asset: pump-01, after: 10min, lasts: 20min}
  - {fault: stuck_sensor, asset: pump-02, after: 5min, lasts: 10min}
  - {fault: smoke, asset: panel-01, after: 30min}
""",
        "short.yaml",
    )
    path = tmp_path / "truth.jsonl"
    for _ in play(scenario, None, WEDNESDAY, WEDNESDAY + timedelta(hours=1), truth=TruthLog(path)):
        pass
    path.write_bytes(path.read_bytes() + b'{"id": "torn')
    stuck, burst, smoke = read_truth(path)

    assert (burst.asset, burst.fault, burst.expected_rules) == ("pump-01", "pipe_burst", ["low_pressure"])
    assert (burst.start, burst.end) == ("2026-03-03T16:10:00.000Z", "2026-03-03T16:30:00.000Z")
    assert burst.visible_from is not None
    assert burst.start <= burst.visible_from < "2026-03-03T16:11"
    assert (stuck.expected_rules, stuck.visible_from) == (["sensor_stuck"], stuck.start)
    assert smoke.end == "2026-03-03T17:00:00.000Z", "what still went on ends with the day"


def test_no_rule_is_blamed_for_a_fault_that_was_over_before_it_showed() -> None:
    scenario = parse(
        """
name: short
site: {pump: 1}
faults:
  - {fault: bearing_wear, asset: pump-01, after: 2h, lasts: 2min}
""",
        "short.yaml",
    )
    truth = TruthLog()
    for _ in play(scenario, None, WEDNESDAY, WEDNESDAY + timedelta(hours=3), truth=truth):
        pass

    (row,) = truth.rows
    assert (row.visible_from, row.expected_rules) == (None, [])
    assert "over before" in row.why_unseen


def test_devices_with_a_wrong_clock_give_no_live_readings() -> None:
    text = """
name: clocks
site: {pump: 2}
faults:
  - {fault: clock_wrong, asset: pump-01, after: 10min, lasts: 10min}
"""
    quiet_ms = (round(MIDNIGHT_S * 1000) + 600_000, round(MIDNIGHT_S * 1000) + 1_200_000)
    seen = Counter(
        asset
        for at_ms, asset, _ in play(parse(text, "c.yaml"), None, WEDNESDAY, WEDNESDAY + timedelta(minutes=30))
        if quiet_ms[0] <= at_ms < quiet_ms[1]
    )
    assert set(seen) == {"pump-02"}


@pytest.mark.parametrize("hour", [3, 9, 19])
def test_the_demo_bearing_crosses_its_limit_within_ninety_seconds_at_any_hour(hour: int) -> None:
    start = WEDNESDAY + timedelta(hours=hour)
    hot = [
        (at_ms / 1000 - start.timestamp(), number(values, "pump_1_bearing_temp"))
        for at_ms, asset, values in play(load("demo"), None, start, start + timedelta(minutes=13))
        if asset == "pump-a" and "pump_1_bearing_temp" in values
    ]
    crossed = next(at_s for at_s, value in hot if value > 80)
    back = next(at_s for at_s, value in hot if at_s > 500 and value < 78)

    assert 45 <= crossed <= 90
    assert all(value > 80 for at_s, value in hot if crossed <= at_s < 520), "it does not flap"
    assert 520 <= back <= 620


def test_the_demo_goes_on_with_another_fault_every_20_to_30_minutes() -> None:
    runs = list(itertools.islice(plan(load("demo"), start_s=MIDNIGHT_S, seed=1), 12))
    gaps = [second.start_s - first.start_s for first, second in itertools.pairwise(runs)]

    assert all(1200 <= gap <= 1800 for gap in gaps[1:])
    assert len({(run.asset, run.kind.key) for run in runs}) == 11


def test_two_hundred_devices_lose_their_supply_within_three_seconds() -> None:
    runs = list(plan(load("storm"), start_s=MIDNIGHT_S, seed=1))

    assert len({run.asset for run in runs}) == 200
    assert max(run.start_s for run in runs) - min(run.start_s for run in runs) <= 3.0


BROKEN = {
    "faults: [{fault: bering_wear, asset: pump-a, after: 1s}]": (3, "there is no fault 'bering_wear'"),
    "faults:\n  - {fault: smoke, asset: pump-a, after: 1s}": (4, "pump cannot have 'smoke'"),
    "faults:\n  - fault: smoke\n    asset: nowhere\n    after: 1s": (5, "no asset 'nowhere'"),
    "faults:\n  - {fault: smoke, asset: fire-panel}": (4, "either 'after' or 'at'"),
    "faults:\n  - {fault: smoke, asset: fire-panel, after: soon}": (4, "'soon' is not a duration"),
    "faults:\n  - {fault: smoke, asset: fire-panel, at: 25:00}": (4, "not a time of day"),
    "faults:\n  - {fault: smoke, asset: fire-panel, after: 1s, severity: 3}": (4, "severity"),
    "faults:\n  - {fault: smoke, asset: fire-panel, after: 1s, point: x}": (4, "for sensor faults only"),
    "faults:\n  - {fault: stuck_sensor, asset: pump-a, after: 1s, point: x}": (4, "no point 'x'"),
    "faults:\n  - {fault: stuck_sensor, asset: pump-a, after: 1s, point: flow}": (
        4,
        "which rules to 'expect'",
    ),
    "machines:\n  pump-a:\n    colour: red": (5, "'colour' is no option of pump"),
    "machines:\n  elevator-a1: {use: hospital}": (4, "hospital"),
    "machines:\n  lift-9: {}": (4, "no asset 'lift-9'"),
    "weather: fine": (3, "Extra inputs"),
    "faults: [": (4, "expected"),
    "later: {after: 1min, every: [1min, 2min], in_turn: [{fault: smoke, asset: fire-panel, at: 1s}]}": (
        3,
        "not a time",
    ),
}


@pytest.mark.parametrize("text", BROKEN)
def test_an_error_names_the_file_and_the_line(text: str) -> None:
    line, words = BROKEN[text]
    with pytest.raises(ScenarioError) as caught:
        parse(f"name: broken\nsite: demo\n{text}\n", "broken.yaml")

    assert str(caught.value).startswith(f"broken.yaml:{line}: ")
    assert words in str(caught.value)


def test_an_unknown_scenario_is_said_with_those_that_exist() -> None:
    with pytest.raises(ScenarioError, match=r"sunny: no such scenario; shipped are bad_day, demo"):
        load("sunny")
