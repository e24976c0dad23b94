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

_RELATIONS: dict[Relation, Label] = {
    "above": Label(en="the limit is {limit}", zh="上限为 {limit}"),
    "below": Label(en="the limit is {limit}", zh="下限为 {limit}"),
    "is": Label(en="it must not be {limit}", zh="不应为 {limit}"),
    "is_not": Label(en="it must be {limit}", zh="应为 {limit}"),
    "has_bit": Label(en="no flag of {limit} may be set", zh="不应置位 {limit}"),
    "rises_faster": Label(en="it rises too fast", zh="上升过快"),
    "falls_faster": Label(en="it falls too fast", zh="下降过快"),
    "differs": Label(en="it differs by more than {limit}", zh="偏差超过 {limit}"),
    "count_above": Label(en="it happens too often", zh="次数过多"),
    "stuck": Label(en="it does not move", zh="读数不变"),
    "overdue": Label(en="what is expected has not happened yet", zh="应有事件尚未发生"),
    "expression": Label(en="the rule's expression is met", zh="规则表达式成立"),
    "cannot_judge": Label(en="a rule cannot be judged", zh="有规则无法判断"),
    "above_usual": Label(en="usually it is {limit}", zh="平时为 {limit}"),
    "below_usual": Label(en="usually it is {limit}", zh="平时为 {limit}"),
    "varies_unusually": Label(en="it varies otherwise than usual", zh="波动异常"),
    "does_not_fit": Label(en="it does not fit the other points", zh="与其他测点不相符"),
}


def sentence(facts: Sequence[FactRead]) -> Label:
    """The first ``MOST_SAID`` facts, without a full stop: "Motor temperature is 92.5 °C, the limit is 90 °C"."""
    said = [_stands(fact) for fact in facts[:MOST_SAID]]
    return Label(en="; ".join(one["en"] for one in said), zh="；".join(one["zh"] for one in said))


def _stands(fact: FactRead) -> Label:
    if fact.relation == "silent":
        return Label(en=f"{fact.point['en']} was silent", zh=f"{fact.point['zh']}数据中断")
    en, zh = (_RELATIONS[fact.relation][one].format(limit=_limit(fact, one)) for one in LANGUAGES)
    return Label(
        en=f"{fact.point['en']} is {_value(fact, 'en')}, {en}",
        zh=f"{fact.point['zh']}为 {_value(fact, 'zh')}，{zh}",
    )


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
