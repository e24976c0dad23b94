"""Guesses at unknown sources, each with its reason."""

from __future__ import annotations

import pytest

from server.assets.profiles import shipped_profiles
from server.onboarding.guess import Recent, guess_points, guess_profile

PROFILES = shipped_profiles()
NUMBERS: Recent = [(1000, 20.5), (6000, 21.0), (11_000, 20.0)]


@pytest.mark.parametrize(
    ("source", "values", "quantity", "unit", "kind"),
    [
        ("supplyTemp", [20.5, 21.0], "temperature", "°C", "analog"),
        ("回水温度", [20.5, 21.0], "temperature", "°C", "analog"),
        ("outlet_press", [4.1, 4.2], "pressure", "bar", "analog"),
        ("inlet pressure kPa", [410.0, 420.0], "pressure", "kPa", "analog"),
        ("ActivePower_W", [900.0, 950.0], "power", "W", "analog"),
        ("active_power", [9000.0, 9500.0], "power", "W", "analog"),
        ("total_kwh", [100.0, 101.0], "energy", "kWh", "counter"),
        ("phase_voltage_a", [229.0, 231.0], "voltage", "V", "analog"),
        ("valve", [True, False], "boolean", None, "state"),
        ("阀门状态", ["open", "closed"], "state", None, "state"),
        ("x17", [3.0, 4.0], "value", None, "analog"),
    ],
)
def test_names_units_and_values_tell(
    source: str, values: list[float], quantity: str, unit: str | None, kind: str
) -> None:
    guess = guess_points({source: list(enumerate(values))}, None)[source]
    assert (guess.quantity, guess.unit, guess.kind) == (quantity, unit, kind)
    assert guess.why["en"]
    assert guess.why["zh"]


def test_a_device_that_speaks_like_a_pump_is_one() -> None:
    sources = dict.fromkeys(("dischargePressure", "Tank_Level", "吸入压力", "noise"), NUMBERS)
    profile, why = guess_profile("plc-7", sources, PROFILES)
    assert profile == "pump"
    assert why["en"] == "3 of 4 names are points of Pump set"
    guesses = guess_points(sources, PROFILES["pump"])
    assert {source: guess.key for source, guess in guesses.items()} == {
        "dischargePressure": "discharge_pressure",
        "Tank_Level": "tank_level",
        "吸入压力": "suction_pressure",
        "noise": "noise",
    }
    assert [guess.in_profile for guess in guesses.values()] == [True, True, True, False]


def test_another_unit_than_the_profiles_is_converted() -> None:
    sources: dict[str, Recent] = {"discharge_pressure": [(0, 5.1), (1000, 5.2)]}
    guess = guess_points(sources, PROFILES["pump"])["discharge_pressure"]
    assert (guess.unit, guess.scale) == ("kPa", 100.0)
    assert "times 100 is kPa" in guess.why["en"]


def test_points_that_differ_in_a_number_are_not_mixed_up() -> None:
    guesses = guess_points({"pump2Current": NUMBERS, "pump_1_current": NUMBERS}, PROFILES["pump"])
    assert [guess.key for guess in guesses.values()] == ["pump_2_current", "pump_1_current"]


def test_a_counter_that_falls_is_none() -> None:
    assert guess_points({"energy": [(0, 5.0), (1, 4.0)]}, None)["energy"].kind == "analog"


def test_keys_are_given_once_and_are_names_for_programs() -> None:
    guesses = guess_points({"a b": NUMBERS, "a_b": NUMBERS, "温度": NUMBERS}, None, taken={"temperature"})
    assert [guess.key for guess in guesses.values()] == ["a_b", "a_b_2", "temperature_2"]


def test_the_interval_is_what_the_values_show() -> None:
    assert guess_points({"x": NUMBERS}, None)["x"].interval_s == 5.0


def test_nothing_speaks_for_a_profile_when_nothing_does() -> None:
    assert guess_profile("d1", ["x", "y"], PROFILES)[0] is None
