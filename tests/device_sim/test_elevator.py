from __future__ import annotations

from itertools import pairwise

from device_sim.models.base import Sample
from device_sim.models.elevator import Elevator
from tests.device_sim.machines import DAY_S, HOUR_S, MIDNIGHT_S, live, machine, number

MORNING_S = MIDNIGHT_S + 8 * HOUR_S


def until(car: Elevator, key: str, value: float, *, within_s: float) -> Sample:
    for sample in live(car, within_s):
        if sample[key] == value:
            return sample
    raise AssertionError(f"{key} did not become {value} within {within_s:g} s")


def test_the_door_is_never_open_while_the_car_moves() -> None:
    for sample in live(machine(Elevator, use="office"), DAY_S / 2, dt_s=1.0):
        if number(sample, "speed") > 0.0:
            assert sample["door"] == 0
        if sample["door"]:
            assert sample["in_door_zone"] == 1


def test_its_day_is_the_same_however_often_one_looks() -> None:
    often, seldom = machine(Elevator), machine(Elevator)
    for _ in live(often, DAY_S, dt_s=2.0):
        pass
    for _ in live(seldom, DAY_S, dt_s=300.0):
        pass

    keys = ("trips", "door_cycles", "floor", "run_hours", "load_kg")
    assert {key: often.sample()[key] for key in keys} == {key: seldom.sample()[key] for key in keys}
    assert abs(often.motor_temp_c - seldom.motor_temp_c) < 0.2


def test_offices_travel_up_in_the_morning_and_rest_at_night() -> None:
    car = machine(Elevator, use="office")
    trips_at_hour = [number(car.sample(), "trips")]
    trips_at_hour += [number(sample, "trips") for sample in live(car, DAY_S, dt_s=HOUR_S)]
    per_hour = [after - before for before, after in pairwise(trips_at_hour)]

    assert sum(per_hour[8:10]) > 8 * sum(per_hour[2:4])
    assert 200 < sum(per_hour) < 2000


def test_an_empty_car_is_lighter_than_its_counterweight() -> None:
    up: list[float] = []
    down: list[float] = []
    for sample in live(machine(Elevator, use="office", start_s=MORNING_S), 6 * HOUR_S):
        if number(sample, "speed") > 1.7 and number(sample, "load_kg") < 1:
            (up if sample["direction"] == 1 else down).append(number(sample, "motor_current"))

    assert sum(down) / len(down) > 1.2 * sum(up) / len(up), "going down it has to be pulled"


def test_people_are_trapped_between_floors_until_they_are_rescued() -> None:
    car = machine(Elevator, start_s=MORNING_S)
    car.set_level("entrapment", 1.0)
    trapped = until(car, "fault_code", 4, within_s=180)

    assert (trapped["occupied"], trapped["in_door_zone"], trapped["speed"]) == (1, 0, 0.0)
    assert trapped["alarm_button"] == 0, "nobody presses it in the first second"
    until(car, "alarm_button", 1, within_s=100)

    car.set_level("entrapment", 0.0)
    assert until(car, "fault_code", 0, within_s=60)["alarm_button"] == 0
    until(car, "door", 2, within_s=60)
    assert until(car, "service_mode", 1, within_s=60)["occupied"] == 0


def test_without_mains_it_creeps_to_a_floor_lets_people_out_and_waits() -> None:
    car = machine(Elevator, use="office", start_s=MORNING_S)
    for sample in live(car, HOUR_S):
        if number(sample, "speed") > 1.0 and sample["occupied"] and not sample["in_door_zone"]:
            break
    car.set_level("mains_lost", 1.0)
    stopped = next(live(car, 1.0))
    assert (stopped["mains"], stopped["speed"], stopped["event_code"]) == (0, 0.0, 41)

    parked = until(car, "service_mode", 0, within_s=1)
    for parked in live(car, 180):
        assert number(parked, "speed") < 0.3
    assert (parked["occupied"], parked["in_door_zone"], parked["door"], parked["service_mode"]) == (
        0,
        1,
        0,
        0,
    )

    car.set_level("mains_lost", 0.0)
    until(car, "service_mode", 1, within_s=5)
    until(car, "direction", 1, within_s=HOUR_S)


def test_an_obstructed_door_reopens_again_and_again_and_then_reports_a_fault() -> None:
    car = machine(Elevator, start_s=MORNING_S)
    cycles = number(car.sample(), "door_cycles")
    car.set_level("door_obstruction", 1.0)
    until(car, "door", 3, within_s=120)
    doors = {sample["door"] for sample in live(car, 140)}
    assert 0 not in doors
    until(car, "fault_code", 2, within_s=60)

    car.set_level("door_obstruction", 0.0)
    until(car, "fault_code", 0, within_s=30)
    assert number(car.sample(), "door_cycles") <= cycles + 30


def test_an_open_safety_circuit_stops_it_at_a_floor() -> None:
    car = machine(Elevator, start_s=MORNING_S)
    car.set_level("safety_circuit_open", 1.0)
    sample = until(car, "fault_code", 1, within_s=300)

    assert (sample["service_mode"], sample["in_door_zone"]) == (0, 1)
    assert all(number(later, "speed") == 0.0 for later in live(car, 600, dt_s=10.0))
    car.set_level("safety_circuit_open", 0.0)
    until(car, "service_mode", 1, within_s=5)
