"""What pydantic says, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from starlette.testclient import TestClient

from server.errors import Explained
from server.identity.roles import Role
from server.web.validation import sentence


def _even(number: int) -> int:
    if number % 2:
        raise Explained("it is odd", "应为偶数")
    return number


def _square(number: int) -> int:
    if number != 4:
        raise ValueError("no square")
    return number


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=2, max_length=4)] = "name"
    size: Annotated[float, Field(gt=0, le=10.5)] = 1
    side: Literal["left", "right", "both"] = "left"
    items: Annotated[list[int], Field(max_length=2)] = []
    even: Annotated[int, AfterValidator(_even)] = 2
    square: Annotated[int, AfterValidator(_square)] = 4


@pytest.mark.parametrize(
    ("given", "zh"),
    [
        ({"name": "x"}, "至少 2 个字符"),
        ({"name": "hunter2"}, "最多 4 个字符"),
        ({"size": 0}, "应大于 0"),
        ({"size": 11}, "不能大于 10.5"),
        ({"size": "much"}, "应为数字"),
        ({"side": "up"}, "只能是 'left'、'right' 或 'both'"),
        ({"items": [1, 2, 3]}, "最多 2 项"),
        ({"more": 1}, "不允许的字段"),
        ({"even": 3}, "应为偶数"),
        ({"square": 3}, "内容无效（no square）"),
    ],
)
def test_a_mistake_is_a_sentence_in_both_languages(given: dict[str, object], zh: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Given.model_validate(given)
    [found] = caught.value.errors()
    said = sentence(found)
    assert said["zh"] == zh
    assert re.match("[A-Za-z]", said["en"])
    assert "Value error" not in said["en"]


def test_an_answer_names_field_and_mistake_in_chinese(as_role: Callable[[Role], TestClient]) -> None:
    answer = as_role(Role.VIEWER).get("/api/v1/rules?limit=0", headers={"accept-language": "zh"}).json()
    assert answer["errors"] == [{"path": "query.limit", "message": "不能小于 1"}]
    assert answer["detail"] == "请求内容无效。query.limit：不能小于 1"
