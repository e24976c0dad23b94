"""Facts in words: each relation has a sentence in both languages."""

from __future__ import annotations

from typing import get_args

import pytest

from server.alarms.facts import sentence
from server.alarms.schemas import FactRead, Relation
from server.errors import Label

POINT = Label(en="Flow", zh="流量")


def fact(relation: Relation, limit: float | None = 14.0) -> FactRead:
    return FactRead(
        point_id=1,
        point=POINT,
        value=11.5,
        value_label=None,
        unit="m³/h",
        relation=relation,
        limit=limit,
        limit_labels=None,
    )


@pytest.mark.parametrize("relation", get_args(Relation))
def test_every_relation_has_a_sentence(relation: Relation) -> None:
    said = sentence([fact(relation)])
    assert ("Flow" in said["en"], "流量" in said["zh"]) == (relation != "cannot_judge",) * 2


def test_what_is_unusual_is_compared_with_the_usual() -> None:
    said = sentence([fact("below_usual"), fact("does_not_fit", None)])
    assert said == {
        "en": "Flow is 11.5 m³/h, usually it is 14 m³/h; Flow is 11.5 m³/h, it does not fit the other points",
        "zh": "流量为 11.5 m³/h，平时为 14 m³/h；流量为 11.5 m³/h，与其他测点不相符",
    }


def test_a_rule_that_cannot_be_judged_says_why() -> None:
    why = Label(en="Motor hot: division by zero", zh="电机过热：除数为零")
    broken = fact("cannot_judge", None).model_copy(update={"value": None, "value_label": why, "unit": None})
    assert sentence([broken]) == {
        "en": "Rule cannot be judged: Motor hot: division by zero",
        "zh": "规则无法判断：电机过热：除数为零",
    }
