"""What is wrong with a rule, in sentences of both languages: where it stands, and why."""

from __future__ import annotations

from collections.abc import Iterable

from server.errors import Explained, Label

LONGEST = 400
"""Characters of what is remembered."""


def why(error: Exception) -> Label:
    """The reason of whatever went wrong while a rule was read or judged."""
    if isinstance(error, Explained):
        return error.label
    if isinstance(error, ZeroDivisionError):
        return Label(en="division by zero", zh="除数为零")
    if isinstance(error, OverflowError):
        return Label(en="a number becomes too large", zh="计算结果过大")
    said = str(error.args[0]) if error.args else type(error).__name__
    return Label(en=said, zh=f"程序出错：{said}")


def at(place: str, problem: Label) -> Label:
    """With the path, point or asset where it was found."""
    return Label(en=f"{place}: {problem['en']}", zh=f"{place}：{problem['zh']}")


def short(problem: Label) -> Label:
    """Cut to ``LONGEST``: what a device sends is quoted in it and may be of any length."""
    return Label(en=problem["en"][:LONGEST], zh=problem["zh"][:LONGEST])


def together(problems: Iterable[Label]) -> Label:
    """Several as one sentence."""
    found = list(problems)
    return Label(en="; ".join(one["en"] for one in found), zh="；".join(one["zh"] for one in found))
