"""Facts of an alarm as a sentence, for lists and files outside the screens."""

from __future__ import annotations

import re
from collections.abc import Mapping

from server.errors import Label
from server.rules.compiled import Fact
from server.rules.learned.explain import quantity

_SENTENCES: dict[str, tuple[str, str]] = {
    "above": ("{name} {value}, above {limit}", "{name} {value}，高于 {limit}"),
    "below": ("{name} {value}, below {limit}", "{name} {value}，低于 {limit}"),
    "is": ("{name} is {value}", "{name} 为 {value}"),
    "is_not": ("{name} is {value}, not {limit}", "{name} 为 {value}，不是 {limit}"),
    "has_bit": ("{name} has one of the bits {limit} set", "{name} 的位 {limit} 被置位"),
    "silent": ("{name} is silent", "{name} 无数据"),
    "rises_faster": ("{name} rises fast, limit {limit}", "{name} 上升过快，限值 {limit}"),
    "falls_faster": ("{name} falls fast, limit {limit}", "{name} 下降过快，限值 {limit}"),
    "differs": ("{name} {value}, differs by more than {limit}", "{name} {value}，偏差超过 {limit}"),
    "count_above": ("{name} {value} times, more than {limit}", "{name} {value} 次，超过 {limit} 次"),
    "stuck": ("{name} has not moved, stands at {value}", "{name} 停滞在 {value}"),
    "overdue": ("{name} is overdue", "{name} 逾期未发生"),
    "expression": ("the expression is true", "表达式成立"),
    "cannot_judge": ("the rule cannot be judged: {value}", "规则无法判断：{value}"),
}


def reason_of(fact: Fact, *, name: Label, unit: str = "") -> Label:
    """The sentence in both languages; ``name`` of the point, ``unit`` of its values."""
    en, zh = _SENTENCES.get(fact.relation, ("{name} {value}", "{name} {value}"))
    value, limit = _said(fact.value, unit), _said(fact.limit, unit)
    words = fact.words or Label(en=value, zh=value)
    return {
        "en": en.format(name=name["en"], value=words["en"], limit=limit),
        "zh": zh.format(name=name["zh"], value=words["zh"], limit=limit),
    }


def _said(value: object, unit: str) -> str:
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value)
    if isinstance(value, int | float):
        return quantity(float(value), unit)
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return str(value)


def named(text: Label, names: Mapping[str, Label]) -> Label:
    """Learned conditions know points by their keys; people know them by ``names``."""
    if not names:
        return text
    keys = re.compile(rf"(?<!\w)({'|'.join(re.escape(key) for key in names)})(?!\w)")
    return {
        "en": keys.sub(lambda found: names[found[1]]["en"], text["en"]),
        "zh": keys.sub(lambda found: names[found[1]]["zh"], text["zh"]),
    }
