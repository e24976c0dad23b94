"""Every way of comparing: when it is true, and what silence, gaps and duplicates make of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest

from server.clock import to_ms
from server.rules import snapshot
from server.rules.conditions import InvalidCondition, Leafy, check_points, parse
from server.rules.plan import BoundRule, Plan
from server.rules.site_time import SiteTime
from server.rules.table import COMPILERS
from tests.server.rules.scenes import T0, Player, engine, point, reading, rule, told

RISING = {"type": "rate", "point": "p1", "over_s": 60, "per": "minute", "high": 5, "deadband": 1}
STUCK = {"type": "flat", "point": "p1", "for_s": 100, "within": 0.5}
STARTS = {"type": "count", "point": "p1", "over_s": 3600, "high": 3, "deadband": 1}
RUNNING = {"type": "state", "point": "p2", "any_of": [1]}
SHANGHAI = SiteTime("Asia/Shanghai", (("2023-11-18", True), ("2023-11-20", False)))


def at(text: str) -> float:
    """Seconds from T0 to an instant in UTC."""
    return (to_ms(datetime.fromisoformat(text).replace(tzinfo=UTC)) - T0) / 1000


def test_every_type_has_a_compiler() -> None:
    assert set(COMPILERS) >= set(get_args(Leafy))


def test_a_band_is_left_on_either_side_and_entered_by_the_dead_band() -> None:
    band = {"type": "band", "point": "p1", "low": 10, "high": 20, "deadband_percent": 1}
    player = Player(engine(rule(band))).read(0, 15).read(1, 20.5).read(2, 19.5).read(3, 19).read(4, 9)
    assert player.read(5, 10.5).read(6, 11).told == [
        ("raised", 1),
        ("returned", 3),
        ("raised", 4),
        ("returned", 6),
    ]


def test_a_rate_is_true_while_the_value_rises_faster_over_a_full_window() -> None:
    player = Player(engine(rule(RISING)))
    for second in range(0, 60, 10):
        player.read(second, second)  # 60 a minute, but the window is not full yet
    assert player.told == []
    player.read(60, 60)
    assert player.told == [("raised", 60)]
    player.hold(70, 200, 60)
    assert player.told == [("raised", 60), ("returned", 120)]


def test_a_rate_is_unknown_after_a_silence() -> None:
    player = Player(engine(rule(RISING))).hold(0, 100, 10).read(300, 500).hold(310, 350, 500)
    assert player.told == []
    assert player.hold(360, 400, 500).told == [], "the jump happened while nobody looked"


def test_a_rate_falls_to_nothing_when_the_value_is_only_reported_by_exception() -> None:
    made = engine(rule(RISING), points=[point(1, interval_s=60)])
    player = Player(made).read(0, 0).read(60, 30).until(119)
    assert player.told == [("raised", 60)]
    assert player.until(121).told == [("raised", 60), ("returned", 120)]


def test_a_deviation_from_another_point_is_judged_when_both_are_in() -> None:
    apart = {"type": "deviation", "point": "p1", "reference": "p2", "more_than": 5, "deadband": 1}
    player = Player(engine(rule(apart))).read(0, 20).read(0, 20, number=2)
    player.all += player.engine.feed([reading(10, 40), reading(10, 41, number=2)])
    assert player.told == [], "they moved together, at the same instant"
    player.read(20, 30).read(30, 37).read(40, 37.5)
    assert player.told == [("raised", 20), ("returned", 30)]


def test_a_deviation_in_per_cent_of_nothing_is_a_problem_and_no_crossing() -> None:
    apart = {"type": "deviation", "point": "p1", "reference": "p2", "high": 10, "percent": True}
    player = Player(engine(rule(apart))).read(0, 100, number=2).read(0, 109)
    player.read(10, 0, number=2).read(20, 500)
    assert player.told == []
    assert player.engine.problems[1, 1] == {"en": "p1: division by zero", "zh": "p1：除数为零"}
    player.read(30, 100, number=2)
    assert (player.engine.problems, player.told) == ({}, [("raised", 30)])


def test_a_gauge_is_compared_with_the_live_value_of_that_minute() -> None:
    gauge = {"type": "gauge", "point": "p1", "typed": "p2", "more_than": 5}
    made = engine(rule(gauge), points=[point(1), point(2, interval_s=86_400)])
    player = Player(made).hold(0, 90, 100).read(95, 102, number=2).hold(100, 190, 300)
    assert player.told == [], "the live value moves on"
    player.read(195, 290, number=2).hold(200, 300, 290)
    assert player.told == [("raised", 195)]
    assert player.read(1000, 1, number=2).told == [("raised", 195)], "the live point is silent"
    assert player.read(1010, 290).read(1011, 291, number=2).told[-1] == ("returned", 1011)


def test_starts_are_counted_over_a_rolling_window_from_a_register() -> None:
    player = Player(engine(rule(STARTS), points=[point(1, kind="counter", interval_s=600)]))
    for number, second in enumerate(range(0, 2400, 600)):
        player.read(second, 100 + number)
    assert player.told == []
    player.read(2400, 104)
    assert player.told == [("raised", 2400)]
    for second in range(3000, 7000, 500):
        player.read(second, 104)
    assert player.told[1:] == [("returned", 1200 + 3600)]


def test_a_register_that_is_reset_is_no_event() -> None:
    player = Player(engine(rule(STARTS))).read(0, 5000).read(10, 0).read(20, 1).read(30, 4)
    assert player.told == [("raised", 30)]


def test_starts_are_counted_from_edges_of_a_state_but_not_over_a_silence() -> None:
    edges = {**STARTS, "any_of": [1]}
    player = Player(engine(rule(edges), points=[point(1, kind="state")]))
    for number in range(4):
        player.read(20 * number, 0).read(20 * number + 10, 1)
    assert player.told == [("raised", 70)]
    player = Player(engine(rule(edges), points=[point(1, kind="state")]))
    for number in range(4):
        player.read(100 * number, 0).read(100 * number + 70, 1)
    assert player.told == []


def test_a_stuck_sensor_is_told_when_it_did_not_move_for_so_long() -> None:
    player = Player(engine(rule(STUCK)))
    for second in range(0, 200, 10):
        player.read(second, second % 20)
    player.hold(200, 400, 7.1)
    assert player.told == [("raised", 300)]
    assert player.read(410, 9).told == [("raised", 300), ("returned", 410)]


def test_a_silent_sensor_is_not_stuck() -> None:
    assert Player(engine(rule(STUCK))).read(0, 5).until(1000).told == []
    assert Player(engine(rule(STUCK))).hold(0, 30, 5).hold(100, 190, 5).told == []


def test_a_sensor_may_be_flat_while_its_machine_stands_still() -> None:
    player = Player(engine(rule({**STUCK, "during": RUNNING})))
    for second in range(0, 500, 10):
        player.read(second, 5).read(second, 1 if second >= 300 else 0, number=2)
    assert player.told == [("raised", 400)]
    assert player.read(500, 5).read(500, 0, number=2).told[-1] == ("returned", 500)


def test_duty_and_standby_are_compared_over_the_time_in_which_each_runs() -> None:
    drift = {
        "type": "drift",
        "point": "p1",
        "against": "p3",
        "more_than": 20,
        "percent": True,
        "over_s": 120,
        "during": RUNNING,
        "against_during": {**RUNNING, "any_of": [2]},
    }
    player = Player(engine(rule(drift)))
    for second in range(0, 600, 10):
        duty = 1 if second // 150 % 2 == 0 else 2
        player.read(second, duty, number=2)
        player.read(second, 30 if duty == 1 else 0).read(second, 20 if duty == 2 else 0, number=3)
    [(kind, when)] = player.told
    assert kind == "raised"
    assert 270 <= when <= 300, "once the other has run for two minutes"


def test_a_weekly_test_that_is_missing_is_told_at_the_end_of_its_day_in_the_sites_zone() -> None:
    weekly = {"type": "expected", "point": "p1", "any_of": [1], "every_days": 7, "grace_hours": 1}
    made = engine(rule(weekly, site=SHANGHAI), points=[point(1, interval_s=3600)])
    player = Player(made)
    tested = at("2023-11-20 02:00")  # Monday 10:00 there
    player.read(tested, 1).read(tested + 600, 0)
    due = at("2023-11-27 17:00")  # the next Monday is over there at 16:00 UTC
    for hour in range(1, 24 * 9):
        player.until(tested + 3600 * hour).read(tested + 3600 * hour, 0)
    assert player.told == [("raised", due)]
    last = tested + 3600 * 24 * 9
    assert player.read(last, 1).told[-1] == ("returned", last)


def test_nobody_can_tell_whether_it_was_tested_while_the_point_is_silent() -> None:
    daily = {"type": "expected", "point": "p1", "every_hours": 24}
    player = Player(engine(rule(daily))).read(0, 5).until(500_000)
    assert player.told == []
    assert player.read(500_010, 5).told == [("raised", 500_010)]
    assert player.read(500_020, 6).told[-1] == ("returned", 500_020)


def test_a_schedule_narrows_a_rule_to_the_sites_nights_and_calendar() -> None:
    night = {"type": "schedule", "windows": [{"start": "22:00", "end": "06:00"}], "calendar": "work"}
    player = Player(engine(rule(night, site=SHANGHAI)))
    player.until(at("2023-11-22 00:00"))
    # T0 is Wednesday 06:13 there; Saturday the 18th is worked, Monday the 20th is off
    starts = [
        ("2023-11-15", 14),
        ("2023-11-16", 14),
        ("2023-11-17", 14),
        ("2023-11-18", 14),
        ("2023-11-21", 14),
    ]
    expected = [("raised", at(f"{day} {hour}:00")) for day, hour in starts]
    assert [one for one in player.told if one[0] == "raised"] == expected
    assert ("returned", at("2023-11-15 22:00")) in player.told


def test_a_schedule_keeps_its_hours_when_the_clocks_change() -> None:
    noon = {"type": "schedule", "windows": [{"start": "12:00", "end": "13:00"}]}
    made = engine(rule(noon, site=SiteTime("Europe/Berlin")))
    player = Player(made).until(at("2024-04-02 00:00"))
    assert ("raised", at("2024-03-30 11:00")) in player.told
    assert ("raised", at("2024-03-31 10:00")) in player.told


def test_one_point_can_have_its_own_silence() -> None:
    slow = {"type": "no_data", "point": "p1", "after_s": 600}
    player = Player(engine(rule(slow))).read(0, 1).read(100, 1).until(699)
    assert player.told == []
    player.until(700)
    assert player.told == [("raised", 700)]
    assert [fact.limit for fact in player.all[-1].facts] == [600]
    assert player.read(800, 1).told[-1] == ("returned", 800)


def test_after_we_were_deaf_one_point_has_its_whole_timeout() -> None:
    slow = {"type": "no_data", "point": "p1", "after_s": 600}
    player = Player(engine(rule(slow))).read(0, 1).until(30)
    player.all += player.engine.resume(T0 + 500_000)
    assert player.until(1099).told == []
    assert player.until(1100).told == [("raised", 1100)]


def test_a_sensor_is_not_stuck_because_we_were_deaf() -> None:
    player = Player(engine(rule({"type": "flat", "point": "p1", "for_s": 300})))
    for second in range(0, 40, 10):
        player.read(second, 7)
    player.all += player.engine.resume(T0 + 660_000)
    assert player.until(605).told == []
    for second in range(610, 920, 10):
        player.read(second, 7)
    assert player.told == [("raised", 910)]


def formula(text: str) -> dict[str, object]:
    return {"type": "expression", "text": text}


def test_an_expression_over_several_points() -> None:
    player = Player(engine(rule(formula("p1 > 26 && (p2 - p1) / 2 < 5.5"))))
    player.read(0, 30).read(0, 50, number=2).read(10, 40, number=2).read(20, 26)
    assert player.told == [("raised", 10), ("returned", 20)]


@pytest.mark.parametrize("text", ["p1 / p2 > 3", "p1 / p2 < 3", "1.0 / (p2 * 2) > p1"])
def test_division_by_zero_is_a_problem_of_the_rule_and_no_crossing(text: str) -> None:
    player = Player(engine(rule(formula(text)), rule({"type": "limit", "point": "p1", "high": 5}, number=2)))
    player.read(0, 0, number=2).read(0, 7)
    assert player.told == [("raised", 0)], "the other rule goes on"
    assert player.engine.problems[1, 1]["zh"].endswith("：除数为零")


def test_an_expression_over_what_the_asset_feeds_leaves_out_who_is_silent() -> None:
    plan = Plan(
        [point(1), point(4, asset=2), point(5, asset=3)],
        [BoundRule(1, 1, parse(formula("p1 - sum(feeds.p1) > 10")), 0, 0, {"p1": 1}, fed={"p1": [4, 5]})],
    )
    made = engine()
    made.load(plan, T0)
    player = Player(made).read(0, 100, number=1).read(0, 60, number=4)
    assert player.told == [("raised", 0)]
    player.read(1, 35, number=5)
    assert player.told == [("raised", 0), ("returned", 1)]
    player.hold(10, 60, 60, number=4).hold(10, 60, 100)
    assert player.read(70, 100).told[-1] == ("raised", 70)


@pytest.mark.parametrize(
    ("text", "why", "zh"),
    [
        ("p1 > ", "Syntax error", "第 6 个字符处：语法错误：表达式不完整"),
        ("pressure > 3", "undeclared reference to 'pressure'", "没有名为 'pressure' 的测点或函数"),
        ("p1 + 1", "gives double, not true or false", "结果是 double"),
        ("p1 > 'a'", "no matching overload", "不能用于这些类型：double, string"),
        (
            "[1,2].map(x, [1,2].map(y, [1,2].map(z, [1].all(w, w > 1)))).size() > 1",
            "over lists more than",
            "遍历列表超过",
        ),
        ("", "empty", "表达式为空"),
        ("p1 > 1" + " || p1 > 1" * 200, "1000 characters", "1000 个字符"),
        ("{1:2}[3] > 1", "unsupported map key", "原文：unsupported map key type: double"),
    ],
)
def test_a_wrong_expression_is_refused_when_it_is_saved(text: str, why: str, zh: str) -> None:
    with pytest.raises(InvalidCondition, match=why) as caught:
        check_points(parse(formula(text)), {"p1": "analog"})
    assert caught.value.problems[0]["en"].startswith("when.text: ")
    assert zh in caught.value.problems[0]["zh"]


def test_whole_numbers_texts_states_and_flags_in_expressions() -> None:
    kinds = {"temp": "analog", "mode": "state", "status-bits": "flags"}
    for text in ("temp > 26", "mode == 3", "mode == 'tripped 5'", "mode in [1, 2]", "bit(status_bits, 3)"):
        check_points(parse(formula(text)), kinds)


def test_severity_rises_and_falls_by_level_and_never_below_its_own() -> None:
    steps = [("high", {"type": "limit", "point": "p1", "high": 20, "deadband": 2}, 0.0)]
    zones = rule({"type": "limit", "point": "p1", "high": 10, "deadband": 2}, severity="low", steps=steps)
    player = Player(engine(zones)).read(0, 11).read(10, 21).read(20, 19).read(30, 17).read(40, 5)
    seen = [(t.kind, t.severity, (t.at_ms - T0) / 1000) for t in player.all if "band" not in t.kind]
    assert seen == [
        ("raised", "low", 0),
        ("severity", "high", 10),
        ("severity", "low", 30),
        ("returned", "", 40),
    ]
    player = Player(engine(zones)).read(0, 30)
    assert [(t.kind, t.severity) for t in player.all if "band" not in t.kind] == [("raised", "high")]


def test_severity_rises_by_time_and_it_asks_to_be_seen_again() -> None:
    steps = [("high", None, 100.0), ("critical", None, 300.0)]
    made = engine(rule({"type": "limit", "point": "p1", "high": 10}, on_s=20, steps=steps, remind_s=150))
    player = Player(made).hold(0, 400, 11).until(390)
    seen = [(t.kind, t.severity, (t.at_ms - T0) / 1000) for t in player.all if "band" not in t.kind]
    assert seen == [
        ("raised", "medium", 20),
        ("severity", "high", 120),
        ("reminded", "", 170),
        ("severity", "critical", 320),
        ("reminded", "", 320),
    ]


def test_a_rule_that_cannot_be_judged_is_an_alarm_of_its_own() -> None:
    broken = rule(formula("p1 / p2 > 3"))
    player = Player(engine(broken, rule({"type": "rule_fault"}, number=9)))
    player.read(0, 0, number=2).read(10, 7)
    assert [(t.kind, t.rule) for t in player.all if t.kind == "raised"] == [("raised", 9)]
    [fact] = player.all[-1].facts
    assert (fact.words, fact.limit) == ({"en": "p1: division by zero", "zh": "p1：除数为零"}, 1.0), (
        "which rule"
    )
    player.read(20, 7, number=2)
    assert [(t.kind, t.rule) for t in player.all][-1] == ("returned", 9)


def test_a_rule_whose_point_is_missing_is_a_fault_and_the_others_go_on() -> None:
    gone = rule({"type": "deviation", "point": "p1", "reference": "p7", "high": 5})
    player = Player(engine(gone, rule({"type": "rule_fault"}, number=9), rule(STUCK, number=3)))
    assert player.engine.problems[1, 1] == {"en": "the asset has no point 'p7'", "zh": "设备没有测点 'p7'"}
    found = player.engine.judge(T0)
    assert told(found) == [] or [t.rule for t in found] == [9]


def test_what_every_kind_remembers_survives_a_restart() -> None:
    kinds = [
        RISING,
        STUCK,
        STARTS,
        {"type": "expected", "point": "p1", "every_hours": 1},
        {**STUCK, "during": RUNNING},
    ]
    rules = [rule(when, number=number) for number, when in enumerate(kinds, 1)]
    whole, first = Player(engine(*rules)), Player(engine(*rules))
    for player in (whole, first):
        player.hold(0, 50, 5).hold(0, 50, 1, number=2)
    second = Player(engine(*rules))
    second.engine.restore(snapshot.decode(snapshot.encode(first.engine.snapshot())), T0)
    for player in (whole, second):
        player.hold(60, 300, 5).hold(60, 300, 1, number=2).hold(310, 400, 50).hold(3900, 4000, 50)
    before = len(first.all)
    assert second.all == whole.all[before:]
    assert {t.rule for t in whole.all} == {1, 2, 3, 4, 5}
