"""What CEL says is wrong with an expression, in both languages. Its own words stay where we have none for them."""

from __future__ import annotations

import re
from functools import lru_cache

from server.errors import Label

_AT = re.compile(r"^1:(\d+): ")
_ZH: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), zh)
    for pattern, zh in (
        (r"^(?:float )?division by zero$", "除数为零"),
        (r"^undeclared reference to '(.+)'$", r"没有名为 '\1' 的测点或函数"),
        (r"^found no matching overload for '(.+)' applied to '\((.*)\)'$", r"\1 不能用于这些类型：\2"),
        (r"^No matching overloads found : (.+)\((.*)\)$", r"\1 不能用于这些类型：\2"),
        (
            r"^expression of type '(.+)' cannot be the operand of a select operation$",
            r"类型 \1 后不能用“.”取成员",
        ),
        (r"^Applying SELECT to non-message type$", "该值后不能用“.”取成员"),
        (r"^Syntax error: mismatched input '<EOF>'", "语法错误：表达式不完整"),
        (
            r"^Syntax error: (?:mismatched|extraneous) input '(.+?)'(?: expecting .*)?$",
            r"语法错误：此处不应为 '\1'",
        ),
        (r"^Syntax error: token recognition error at: '(.+)'$", r"语法错误：无法识别 '\1'"),
        (r"^Syntax error: (.+)$", r"语法错误（原文：\1）"),
        (r"^Index error: index=(\S+) size=(\d+)$", r"列表只有 \2 项，没有第 \1 项（从 0 起）"),
        (r"^(?:max|min)\(\) arg is an empty sequence$", "列表为空"),
        (r"^negative shift count$", "位号不能为负"),
        (r"^cannot convert (\S+) to (\S+)$", r"\1 不能转换为 \2"),
        (r"^invalid regular expression: (.+)$", r"正则表达式无效（原文：\1）"),
    )
)
"""The first that fits; numbers are pieces of what CEL says."""


@lru_cache(maxsize=512)
def said(message: str) -> Label:
    """The first line of CEL's message, without its codes and positions of bytes."""
    text = _tidied(message)
    place = _AT.match(text)
    if place is None:
        return Label(en=text, zh=_chinese(text))
    text = text[place.end() :]
    return Label(en=f"at character {place[1]}: {text}", zh=f"第 {place[1]} 个字符处：{_chinese(text)}")


def _tidied(message: str) -> str:
    lines = [line for line in message.splitlines() if not line.startswith(" | ")]
    text = re.sub(r"^(?:[A-Z_]+: )?(?:(?:ERROR|WARNING): <input>:)?", "", lines[0] if lines else message)
    text = re.sub(r"\s*\[[A-Z_]+\]$", "", text)
    text = re.sub(r" expecting \{.*\}$", "", text)  # every token there is
    return re.sub(r" \(in container ''\)", "", text)


def _chinese(text: str) -> str:
    for pattern, zh in _ZH:
        if pattern.search(text):
            return pattern.sub(zh, text)
    return f"表达式无法计算（原文：{text}）"
