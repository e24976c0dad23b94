"""Answers are checked against their form; defects are found in them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from server.forms.check import Answer, check, defects
from server.forms.items import Items
from server.identity.roles import Role

NAME = {"en": "x", "zh": "x"}
ITEMS = Items.model_validate(
    {
        "items": [
            {"type": "check", "key": "dry", "name": NAME, "photo_on_fail": True, "severity": "high"},
            {"type": "number", "key": "bar", "name": NAME, "unit": "bar", "decimals": 1, "low": 2, "high": 6,
             "possible": [0, 16]},
            {"type": "choice", "key": "sound", "name": NAME, "options": [
                {"key": "normal", "name": NAME}, {"key": "strange", "name": NAME, "finding": True}]},
            {"type": "text", "key": "note", "name": NAME, "when": {"item": "sound", "any_of": ["strange"]}},
            {"type": "photo", "key": "photo", "name": NAME, "required": False},
        ]
    }
).items  # fmt: skip
GOOD: dict[str, Answer] = {"dry": "pass", "bar": 45, "sound": "normal"}


def found(changes: dict[str, Answer]) -> list[tuple[str, str]]:
    return [(one.item, one.code) for one in check(ITEMS, {**GOOD, **changes})]


def test_good_answers_pass() -> None:
    assert found({}) == []
    assert defects(ITEMS, GOOD) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"dry": None}, ("dry", "missing")),
        ({"dry": "perhaps"}, ("dry", "wrong_type")),
        ({"dry": "fail"}, ("dry", "photos_missing")),
        ({"bar": True}, ("bar", "wrong_type")),
        ({"bar": 170}, ("bar", "impossible")),
        ({"sound": "loud"}, ("sound", "no_such_option")),
        ({"sound": "strange"}, ("note", "missing")),
        ({"note": "why"}, ("note", "not_asked")),
        ({"colour": "red"}, ("colour", "unknown_item")),
        ({"photo": []}, None),
        ({"photo": "one"}, ("photo", "wrong_type")),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Answer], expected: tuple[str, str] | None) -> None:
    assert found(changes) == ([expected] if expected else [])


def test_a_photo_that_belongs_to_a_fail_is_part_of_the_form() -> None:
    assert found({"dry": "fail", "dry.photos": ["p"]}) == []


def test_fails_limits_and_marked_choices_are_defects() -> None:
    answers: dict[str, Answer] = {"dry": "fail", "bar": 65, "sound": "strange", "note": "grinds"}
    assert [(one.item, one.severity) for one in defects(ITEMS, answers)] == [
        ("dry", "high"), ("bar", "medium"), ("sound", "medium"),
    ]  # fmt: skip


def test_a_condition_looks_back_only() -> None:
    with pytest.raises(ValidationError, match="not asked before"):
        Items.model_validate(
            {"items": [{"type": "text", "key": "a", "name": NAME, "when": {"item": "b", "any_of": [1]}}]}
        )


def test_each_change_is_a_version(as_role: Callable[[Role], TestClient]) -> None:
    engineer = as_role(Role.ENGINEER)
    body = {"key": "pump", "name": NAME, "items": [{"type": "text", "key": "a", "name": NAME}]}
    form = engineer.post("/api/v1/forms", json=body).json()
    assert engineer.put(f"/api/v1/forms/{form['id']}", json=body).json()["version"] == 1
    body["items"] = [{"type": "signature", "key": "a", "name": NAME}]
    assert engineer.put(f"/api/v1/forms/{form['id']}", json=body).json()["version"] == 2
    assert as_role(Role.GUARD).post("/api/v1/forms", json=body).status_code == 403
    assert engineer.post("/api/v1/forms", json=body).status_code == 409
