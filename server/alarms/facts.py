"""What an alarm is about, in words: for messages, and for the reason why a ticket stays open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from server.alarms.schemas import FactRead, Relation
from server.errors import Label
from telemetry.reading import Value

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
MOST_SAID = 3

_SENTENCES: dict[Relation, Label] = {
    "above": Label(en="{point} is {value}, the limit is {limit}", zh="{point}为 {value}，上限为 {limit}"),
    "below": Label(en="{point} is {value}, the limit is {limit}", zh="{point}为 {value}，下限为 {limit}"),
    "is": Label(en="{point} is {value}, it must not be {limit}", zh="{point}为 {value}，不应为 {limit}"),
    "is_not": Label(en="{point} is {value}, it must be {limit}", zh="{point}为 {value}，应为 {limit}"),
    "has_bit": Label(
        en="{point} is {value}, no flag of {limit} may be set", zh="{point}为 {value}，不应置位 {limit}"
    ),
    "silent": Label(en="{point} was silent", zh="{point}数据中断"),
    "rises_faster": Label(en="{point} is {value}, it rises too fast", zh="{point}为 {value}，上升过快"),
    "falls_faster": Label(en="{point} is {value}, it falls too fast", zh="{point}为 {value}，下降过快"),
    "differs": Label(
        en="{point} is {value}, it differs by more than {limit}", zh="{point}为 {value}，偏差超过 {limit}"
    ),
    "count_above": Label(en="{point} is {value}, it happens too often", zh="{point}为 {value}，次数过多"),
    "stuck": Label(en="{point} is {value}, it does not move", zh="{point}为 {value}，读数不变"),
    "overdue": Label(
        en="{point} is {value}, what is expected has not happened yet",
        zh="{point}为 {value}，应有事件尚未发生",
    ),
    "expression": Label(
        en="{point} is {value}, the rule's expression is met", zh="{point}为 {value}，规则表达式成立"
    ),
    "cannot_judge": Label(en="Rule cannot be judged: {value}", zh="规则无法判断：{value}"),
    "above_usual": Label(
        en="{point} is {value}, usually it is {limit}", zh="{point}为 {value}，平时为 {limit}"
    ),
    "below_usual": Label(
        en="{point} is {value}, usually it is {limit}", zh="{point}为 {value}，平时为 {limit}"
    ),
    "varies_unusually": Label(
        en="{point} is {value}, it varies otherwise than usual", zh="{point}为 {value}，波动异常"
    ),
    "does_not_fit": Label(
        en="{point} is {value}, it does not fit the other points", zh="{point}为 {value}，与其他测点不相符"
    ),
}


def sentence(facts: Sequence[FactRead]) -> Label:
    """The first ``MOST_SAID`` facts, without a full stop: "Motor temperature is 92.5 °C, the limit is 90 °C"."""
    said = [_stands(fact) for fact in facts[:MOST_SAID]]
    return Label(en="; ".join(one["en"] for one in said), zh="；".join(one["zh"] for one in said))


def _stands(fact: FactRead) -> Label:
    en, zh = (
        _SENTENCES[fact.relation][one].format(
            point=fact.point[one], value=_value(fact, one), limit=_limit(fact, one)
        )
        for one in LANGUAGES
    )
    return Label(en=en, zh=zh)


def _value(fact: FactRead, language: Language) -> str:
    return fact.value_label[language] if fact.value_label else _with_unit(fact.value, fact.unit)


def _limit(fact: FactRead, language: Language) -> str:
    if isinstance(fact.limit, list):
        if fact.limit_labels and len(fact.limit_labels) == len(fact.limit):
            return " / ".join(label[language] for label in fact.limit_labels)
        return " / ".join(str(code) for code in fact.limit)
    return _with_unit(fact.limit, fact.unit)


def _with_unit(value: Value, unit: str | None) -> str:
    number = f"{value:.6g}" if isinstance(value, float) else "-" if value is None else str(value)
    return f"{number} {unit}" if unit else number
