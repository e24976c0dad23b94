"""What counts as found, missed and false; and the shipped rules on the shipped scenarios."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from device_sim.scenario import load
from server.commands.scoreboard import play_and_score
from server.rules.scoring import AFTERMATH_MS, REOPENED_WITHIN_MS, Fault, Raised, score

WEAR = Fault("bearing_wear", "pump-a", 1_000, 5_000, 9_000, frozenset({"hot"}), frozenset({"vibration"}))


@dataclass
class Outcome:
    recall: float | None
    false: int
    tickets: int


def outcome(faults: list[Fault], raised: list[Raised]) -> Outcome:
    result = score(faults, raised, days=1, points=100)
    return Outcome(result.recall, len(result.false_alarms), result.false_tickets)


def test_a_fault_is_found_by_a_rule_that_is_meant_to_see_it() -> None:
    assert outcome([WEAR], [Raised("hot", "pump-a", 7_000)]) == Outcome(1.0, 0, 0)


def test_the_delay_counts_from_when_it_was_visible() -> None:
    (kind,) = score([WEAR], [Raised("hot", "pump-a", 7_500)], days=1, points=1).kinds
    assert kind.median_delay_s == 2.5


def test_a_consequence_finds_nothing_and_is_not_false() -> None:
    assert outcome([WEAR], [Raised("vibration", "pump-a", 7_000)]) == Outcome(0.0, 0, 0)


@pytest.mark.parametrize(
    "alarm",
    [
        Raised("hot", "pump-b", 7_000),
        Raised("hot", "pump-a", 999),
        Raised("hot", "pump-a", 9_001 + AFTERMATH_MS),
        Raised("silent", "pump-a", 7_000),
    ],
)
def test_an_alarm_of_another_asset_time_or_rule_is_false(alarm: Raised) -> None:
    assert outcome([WEAR], [alarm]) == Outcome(0.0, 1, 1)


def test_a_false_alarm_that_flaps_is_many_alarms_and_one_ticket_a_day() -> None:
    flaps = [Raised("hot", "pump-b", at) for at in range(0, REOPENED_WITHIN_MS, 3_600_000)]
    assert outcome([], flaps) == Outcome(None, 24, 1)


def test_shipped_rules_find_what_they_are_meant_to_on_the_bad_day() -> None:
    result = play_and_score(load("bad_day"), days=1, seed=1)
    assert result.recall is not None
    assert result.recall >= 0.95
    assert result.false_tickets_per_day_and_100_points <= 1


def test_shipped_rules_are_quiet_on_a_quiet_day() -> None:
    result = play_and_score(load("quiet_day"), days=1, seed=1)
    assert result.false_tickets_per_day_and_100_points <= 1
