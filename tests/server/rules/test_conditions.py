from __future__ import annotations

import re

import pytest

from server.assets.profiles import shipped_profiles
from server.rules.conditions import MOST_LEAVES, InvalidCondition, check_points, parse
from server.rules.shipped import rule_specs

LIMIT = {"type": "limit", "point": "p", "high": 5}


@pytest.mark.parametrize("profile", sorted(shipped_profiles()))
def test_the_shipped_rules_are_valid(profile: str) -> None:
    assert rule_specs(shipped_profiles()[profile])


@pytest.mark.parametrize("profile", sorted(shipped_profiles()))
def test_never_an_on_delay_on_fire_and_entrapment(profile: str) -> None:
    for spec in rule_specs(shipped_profiles()[profile]):
        if spec.key in ("fire", "entrapment"):
            assert spec.on_delay_s == 0


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (5, "when: "),
        ({}, "when: "),
        ({"type": "limits"}, "when: "),
        ({"type": "limit", "point": "p"}, "when: give exactly one of high and low"),
        ({**LIMIT, "low": 1}, "when: give exactly one of high and low"),
        ({**LIMIT, "high": "5"}, "when.high: "),
        ({**LIMIT, "high": float("nan")}, "when.high: "),
        ({**LIMIT, "deadband": -1}, "when.deadband: "),
        ({**LIMIT, "limit": 3}, "when: "),
        ({"type": "state", "point": "p"}, "when: give exactly one of any_of and none_of"),
        ({"type": "flags", "point": "p", "any_of": [64]}, "when.any_of[0]: "),
        ({"type": "any", "of": []}, "when.of: "),
        ({"type": "any", "of": [LIMIT, {**LIMIT, "high": None}]}, "when.of[1]: "),
        ({"type": "any", "of": [LIMIT] * (MOST_LEAVES + 1)}, "when"),
    ],
)
def test_a_mistake_is_named_with_its_path(data: object, path: str) -> None:
    with pytest.raises(InvalidCondition) as caught:
        parse(data)
    found = caught.value.problems
    assert any(problem["en"].startswith(path) for problem in found), found
    assert not any(re.search("[a-z]{3,} [a-z]{3,}", problem["zh"]) for problem in found), "no English is left"


def test_hostile_depth_is_refused_at_once() -> None:
    data: dict[str, object] = dict(LIMIT)
    for _ in range(5000):
        data = {"type": "all", "of": [data]}
    with pytest.raises(InvalidCondition, match="nested"):
        parse(data)


def test_points_must_exist_and_have_a_kind_that_fits() -> None:
    condition = parse({"type": "all", "of": [LIMIT, {"type": "state", "point": "q", "any_of": [1]}]})
    with pytest.raises(InvalidCondition) as caught:
        check_points(condition, {"p": "state"})
    assert [problem["en"] for problem in caught.value.problems] == [
        "when.of[0].point: 'p' is of kind state; limit needs analog or counter",
        "when.of[1].point: there is no point 'q' (there are: p)",
    ]
    assert [problem["zh"] for problem in caught.value.problems] == [
        "when.of[0].point：'p' 是状态测点；该条件需要模拟量或累计量测点",
        "when.of[1].point：没有测点 'q'（现有：p）",
    ]
    check_points(condition, {"p": "counter", "q": "state"})
