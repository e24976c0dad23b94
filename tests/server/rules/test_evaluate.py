from __future__ import annotations

import math

import pytest

from server.rules.plan import Plan
from telemetry.reading import Quality, Value
from tests.server.rules.scenes import HIGH, T0, Player, engine, point, rule

NO_DATA = {"type": "no_data"}


def test_it_raises_at_the_crossing_plus_the_on_delay_when_a_later_reading_proves_it() -> None:
    player = Player(engine(rule(HIGH, on_s=60))).hold(0, 90, 11)
    assert player.told == [("raised", 60)]
    raised = next(t for t in player.all if t.kind == "raised")
    assert raised.since_ms == T0
    assert (raised.facts[0].value, raised.facts[0].limit, raised.facts[0].relation) == (11, 10, "above")


def test_it_raises_at_the_same_time_when_only_the_horizon_passes() -> None:
    assert Player(engine(rule(HIGH, on_s=30))).read(0, 11).until(29.999).told == []
    assert Player(engine(rule(HIGH, on_s=30))).read(0, 11).until(31).told == [("raised", 30)]


def test_it_needs_the_whole_on_delay_without_a_break() -> None:
    player = Player(engine(rule(HIGH, on_s=60))).hold(0, 50, 11).read(59, 7).hold(60, 110, 11).until(119)
    assert player.told == []
    assert player.until(120).told == [("raised", 120)]


def test_a_value_within_the_dead_band_neither_raises_nor_clears() -> None:
    player = Player(engine(rule(HIGH)))
    player.read(0, 9.5).read(1, 11).read(2, 8.1).read(3, 10).read(4, 8).read(5, 9.9)
    assert player.told == [("raised", 1), ("returned", 4)]


def test_the_limit_itself_is_not_over_the_limit() -> None:
    assert Player(engine(rule(HIGH))).read(0, 10).told == []
    assert Player(engine(rule(HIGH))).read(0, math.nextafter(10, 11)).told == [("raised", 0)]


def test_a_low_limit_is_the_mirror() -> None:
    low = {"type": "limit", "point": "p1", "low": 5, "deadband": 1}
    player = Player(engine(rule(low))).read(0, 5).read(1, 4.9).read(2, 5.9).read(3, 6)
    assert player.told == [("raised", 1), ("returned", 3)]


def test_it_returns_after_the_off_delay_only() -> None:
    player = Player(engine(rule(HIGH, off_s=30))).read(0, 11).hold(10, 30, 5).read(35, 11).hold(40, 80, 5)
    assert player.told == [("raised", 0), ("returned", 70)]


def test_every_crossing_is_told_while_delays_run() -> None:
    player = Player(engine(rule(HIGH, on_s=30, off_s=30))).read(0, 11).read(10, 5).read(20, 11).until(50)
    assert [t.kind for t in player.all] == ["left_band", "entered_band", "left_band", "raised"]


@pytest.mark.parametrize(
    ("value", "quality"),
    [
        (99.0, Quality.BAD),
        (99.0, Quality.BACKFILLED),
        (99.0, Quality.MANUAL),
        (None, Quality.BAD),
        (math.nan, Quality.GOOD),
        ("x", 0),
    ],
)
def test_what_is_no_live_number_never_counts_as_a_crossing(value: Value, quality: Quality) -> None:
    player = Player(engine(rule(HIGH))).read(0, 5).read(1, value, quality=Quality(quality)).until(50)
    assert player.told == []


def test_a_reading_at_or_before_the_last_changes_nothing() -> None:
    player = Player(engine(rule(HIGH))).read(10, 5).read(10, 99).read(9, 99)
    assert player.all == []


def test_one_rule_that_cannot_judge_is_reported_and_the_others_go_on() -> None:
    state = {"type": "state", "point": "p1", "any_of": ["tripped"]}
    player = Player(engine(rule(HIGH), rule(state, number=2))).read(0, "tripped")
    assert player.told == [("raised", 0)]
    problem = player.engine.problems[1, 1]
    player.read(1, "x" * 5000)
    assert {len(text) for text in player.engine.problems[1, 1].values()} <= {404, 403}, (
        "cut, behind its point"
    )
    assert problem == {"en": "p1: 'tripped' is not a number", "zh": "p1：'tripped' 不是数字"}


def test_states_and_flags() -> None:
    state = {"type": "state", "point": "p1", "none_of": [0, "ok"]}
    flags = {"type": "flags", "point": "p2", "any_of": [1, 8]}
    player = Player(engine(rule(state), rule(flags, number=2)))
    player.read(0, 0).read(1, "ok").read(2, 3).read(3, 0)
    assert player.told == [("raised", 2), ("returned", 3)]
    player.read(0, 1, number=2).read(1, 2, number=2).read(2, 256, number=2).read(3, 4, number=2)
    assert player.told[2:] == [("raised", 1), ("returned", 3)]


def test_all_needs_every_part_and_a_point_never_heard_of_is_not_crossing() -> None:
    both = {"type": "all", "of": [HIGH, {"type": "limit", "point": "p2", "high": 10}]}
    player = Player(engine(rule(both))).read(0, 11)
    assert player.told == []
    assert player.read(1, 11, number=2).told == [("raised", 1)]


def test_a_part_that_goes_and_comes_back_while_the_whole_is_not_met_counts_again() -> None:
    low = {"type": "limit", "point": "p2", "low": 0.05}
    player = Player(engine(rule({"type": "all", "of": [HIGH, low]})))
    player.read(0, 0.0, number=2).read(1, 0.25, number=2).read(2, 0.0, number=2)
    assert player.read(3, 11).told == [("raised", 3)]


def test_a_delay_ends_on_a_value_reported_by_exception_while_the_point_is_not_silent() -> None:
    assert Player(engine(rule(HIGH, on_s=60))).read(0, 11).until(1000).told == [("raised", 60)]


def test_silence_stops_the_delay_and_the_next_reading_lets_it_go_on() -> None:
    # heard at 0 and 10, silent from 70; 70 s of 90 are over
    player = Player(engine(rule(HIGH, on_s=90))).read(0, 11).read(10, 11).until(5000)
    assert player.told == []
    player.hold(5000, 5050, 11)
    assert player.told == [("raised", 5020)]


def test_silence_neither_clears_nor_raises() -> None:
    player = Player(engine(rule(HIGH, off_s=90))).read(0, 11).until(500).told
    assert player == [("raised", 0)]
    player = Player(engine(rule(HIGH, off_s=90))).read(0, 11).read(10, 5).until(5000).told
    assert player == [("raised", 0)]


def test_another_point_being_silent_does_not_hold_up_a_return() -> None:
    either = {"type": "any", "of": [HIGH, {"type": "limit", "point": "p2", "high": 10}]}
    player = Player(engine(rule(either, off_s=30))).read(0, 1, number=2).read(300, 11).read(310, 1).until(400)
    assert player.told == [("raised", 300), ("returned", 340)]


def test_a_late_device_is_judged_by_its_own_time() -> None:
    player = Player(engine(rule(HIGH, on_s=60)))
    for at_s in range(0, 55, 5):  # everything comes two minutes late
        player.until(at_s + 120).read(at_s, 11)
    player.until(176).read(56, 5).until(400)
    assert player.told == []


def test_no_data_comes_when_one_point_is_silent_and_goes_when_all_speak() -> None:
    player = Player(engine(rule(NO_DATA)))
    for number in (1, 2, 3):
        player.read(0, 1, number=number)
    player.hold(10, 100, 1).hold(10, 50, 1, number=2).until(59.999)
    assert player.told == []
    player.until(60)
    assert player.told == [("raised", 60)]
    assert [f.point for f in player.all[-1].facts] == [3]
    player.until(115).read(115, 1, number=3)
    assert player.told == [("raised", 60)], "point 2 is silent by now"
    assert player.read(116, 1, number=2).told == [("raised", 60), ("returned", 116)]


def test_a_dead_device_is_one_alarm_that_names_all_its_points() -> None:
    player = Player(engine(rule(NO_DATA)))
    for number in (1, 2, 3):
        player.read(0, 1, number=number)
    player.until(1000)
    assert player.told == [("raised", 60)]
    assert [f.point for f in player.all[-1].facts] == [1, 2, 3]


def test_a_point_never_heard_of_has_its_timeout_and_a_grace_from_the_first_watch_on() -> None:
    player = Player(engine(rule(NO_DATA))).until(359.999)
    assert player.told == []
    assert player.until(360).told == [("raised", 360)]


def test_a_slow_point_has_three_intervals() -> None:
    made = engine(rule(NO_DATA), points=[point(1, interval_s=60)])
    player = Player(made).read(0, 1).until(179.9)
    assert player.told == []
    assert player.until(180).told == [("raised", 180)]


def test_after_we_were_deaf_nobody_is_silent_yet() -> None:
    player = Player(engine(rule(NO_DATA), points=[point(1)])).read(0, 1).until(30)
    player.all += player.engine.resume(T0 + 600_000)
    player.until(659.9)
    assert player.told == []
    assert player.until(660).told == [("raised", 660)]


@pytest.mark.parametrize(("heard", "told"), [(11, [("raised", 851)]), (5, [])])
def test_a_delay_stands_still_while_we_are_deaf(heard: float, told: list[tuple[str, float]]) -> None:
    player = Player(engine(rule(HIGH, on_s=300), points=[point(1)])).read(0, 11).until(30)
    player.all += player.engine.resume(T0 + 660_000)
    assert player.until(610).told == []
    for second in range(611, 870, 30):
        player.read(second, heard)
    assert player.told == told


def test_who_was_silent_before_we_were_deaf_still_is() -> None:
    player = Player(engine(rule(NO_DATA), points=[point(1)])).read(0, 1).until(60)
    player.all += player.engine.resume(T0 + 600_000)
    assert player.until(610).told == [("raised", 60)]
    assert player.read(611, 1).told == [("raised", 60), ("returned", 611)]


def test_a_gap_that_only_a_reading_shows_is_a_short_alarm() -> None:
    player = Player(engine(rule(NO_DATA), points=[point(1)])).read(0, 1).read(100, 1)
    assert player.told == [("raised", 60), ("returned", 100)]


def test_a_changed_rule_keeps_its_alarm_and_others_keep_their_delays() -> None:
    delayed = rule({**HIGH, "point": "p2"}, on_s=60, number=2)
    player = Player(engine(rule(HIGH), delayed)).read(0, 11).read(0, 11, number=2)
    changed = rule({**HIGH, "high": 10.5})
    plan = Plan([point(1), point(2), point(3)], [changed, delayed])
    player.all += player.engine.load(plan, T0 + 5000)
    assert player.until(60).told == [("raised", 0), ("raised", 60)]
    stricter = rule({**HIGH, "high": 20})
    player.all += player.engine.load(Plan(plan.points, [stricter, delayed]), T0 + 61_000)
    assert player.told[2:] == [("returned", 61)]


def test_a_rule_taken_away_withdraws_its_alarm() -> None:
    player = Player(engine(rule(HIGH))).read(0, 11)
    player.all += player.engine.load(Plan([point(1)], []), T0 + 5000)
    assert player.told == [("raised", 0), ("withdrawn", 5)]


def test_a_new_rule_judges_the_last_values() -> None:
    player = Player(engine()).read(0, 11)
    player.all += player.engine.load(Plan([point(1)], [rule(HIGH, on_s=30)]), T0 + 5000)
    assert player.until(40).told == [("raised", 35)]


def test_flapping_for_a_day_is_told_in_order_and_never_twice_at_one_mark() -> None:
    player = Player(engine(rule(HIGH, on_s=5, off_s=5)))
    for second in range(0, 86_400, 7):
        player.read(second, 11 if second % 14 else 5)
    marks = [t.mark for t in player.all]
    assert marks == sorted(set(marks))
    kinds = [kind for kind, _ in player.told]
    assert kinds == (["raised", "returned"] * len(kinds))[: len(kinds)]
    assert len(kinds) > 10_000
