"""Are these answers complete and possible, and which of them are defects? Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from server.errors import Label
from server.forms.items import (
    CheckItem,
    ChoiceItem,
    Condition,
    Item,
    NumberItem,
    PhotoItem,
    Severity,
    SignatureItem,
    TextItem,
)

Answer = str | int | bool | list[str] | None
PASS, FAIL, NOT_APPLICABLE = "pass", "fail", "na"


@dataclass(frozen=True)
class Refused:
    """One answer that cannot be taken, with the reason in both languages."""

    item: str
    code: str
    """missing, unknown_item, wrong_type, impossible, too_long, no_such_option, photos_missing, not_asked."""
    text: Label


@dataclass(frozen=True)
class Defect:
    """An answer that says that something is not in order."""

    item: str
    name: Label
    severity: Severity
    text: Label


def asked(items: Sequence[Item], answers: Mapping[str, Answer]) -> list[Item]:
    """The items whose conditions are met; an item that is not asked meets nobody's condition."""
    found: list[Item] = []
    seen: set[str] = set()
    for item in items:
        if item.when is None or (item.when.item in seen and _meets(item.when, answers.get(item.when.item))):
            found.append(item)
            seen.add(item.key)
    return found


def check(items: Sequence[Item], answers: Mapping[str, Answer]) -> list[Refused]:
    """What is wrong with the answers; empty: they can be taken."""
    wanted = {item.key: item for item in asked(items, answers)}
    known = {item.key for item in items}
    photos = {f"{item.key}.photos" for item in wanted.values() if isinstance(item, CheckItem)}
    refused = [
        Refused(
            key, "not_asked" if key in known else "unknown_item", _NOT_ASKED if key in known else _UNKNOWN
        )
        for key in answers
        if key not in wanted and key not in photos and answers[key] is not None
    ]
    for item in wanted.values():
        refused += _check_item(item, answers.get(item.key), answers)
    return refused


def defects(items: Sequence[Item], answers: Mapping[str, Answer]) -> list[Defect]:
    """The answers that are findings: fails, numbers outside of their limits, choices marked so."""
    found: list[Defect] = []
    for item in asked(items, answers):
        text = _defect(item, answers.get(item.key))
        if text is not None and isinstance(item, CheckItem | NumberItem | ChoiceItem):
            found.append(Defect(item.key, item.name, item.severity, text))
    return found


def number_of(item: NumberItem, answer: int) -> float:
    """The number an integer answer stands for, in the item's unit."""
    return float(answer / 10**item.decimals)


def _meets(condition: Condition, answer: Answer) -> bool:
    return any(type(answer) is type(wanted) and answer == wanted for wanted in condition.any_of)


def _check_item(item: Item, answer: Answer, answers: Mapping[str, Answer]) -> list[Refused]:
    if answer is None or answer in ("", []):
        return [Refused(item.key, "missing", _MISSING)] if item.required else []
    problem = _problem(item, answer)
    if problem is not None:
        return [Refused(item.key, *problem)]
    if isinstance(item, CheckItem) and item.photo_on_fail and answer == FAIL:
        photos = answers.get(f"{item.key}.photos")
        if not isinstance(photos, list) or not photos:
            return [Refused(item.key, "photos_missing", _PHOTO_MISSING)]
    return []


def _problem(item: Item, answer: Answer) -> tuple[str, Label] | None:
    match item:
        case CheckItem():
            found = None if answer in (PASS, FAIL, NOT_APPLICABLE) else ("wrong_type", _WRONG)
        case NumberItem():
            found = _number_problem(item, answer)
        case ChoiceItem():
            known = any(option.key == answer for option in item.options)
            found = None if known else ("no_such_option", _NO_OPTION)
        case TextItem():
            found = _text_problem(item, answer)
        case PhotoItem():
            found = _photo_problem(answer, item.least, item.most)
        case SignatureItem():
            found = _photo_problem(answer, 1, 1)
        case _:
            assert_never(item)
    return found


def _text_problem(item: TextItem, answer: Answer) -> tuple[str, Label] | None:
    if not isinstance(answer, str):
        return "wrong_type", _WRONG
    return ("too_long", _TOO_LONG) if len(answer) > item.most else None


def _number_problem(item: NumberItem, answer: Answer) -> tuple[str, Label] | None:
    if not isinstance(answer, int) or isinstance(answer, bool):
        return "wrong_type", _WRONG
    value = number_of(item, answer)
    if item.possible is not None and not item.possible[0] <= value <= item.possible[1]:
        return "impossible", _impossible(value, item)
    return None


def _photo_problem(answer: Answer, least: int, most: int) -> tuple[str, Label] | None:
    if not isinstance(answer, list) or not all(isinstance(photo, str) for photo in answer):
        return "wrong_type", _WRONG
    return None if least <= len(answer) <= most else ("photos_missing", _PHOTO_MISSING)


def _defect(item: Item, answer: Answer) -> Label | None:
    if isinstance(item, CheckItem) and answer == FAIL:
        return Label(en=f"{item.name['en']}: fail", zh=f"{item.name['zh']}：不合格")
    if isinstance(item, ChoiceItem):
        for option in item.options:
            if option.key == answer and option.finding:
                return Label(
                    en=f"{item.name['en']}: {option.name['en']}", zh=f"{item.name['zh']}：{option.name['zh']}"
                )
    if isinstance(item, NumberItem) and isinstance(answer, int) and not isinstance(answer, bool):
        return _outside(item, number_of(item, answer))
    return None


def _outside(item: NumberItem, value: float) -> Label | None:
    unit = f" {item.unit}" if item.unit else ""
    shown = f"{value:.{item.decimals}f}{unit}"
    if item.high is not None and value > item.high:
        return Label(
            en=f"{item.name['en']}: {shown}, above {item.high:g}{unit}",
            zh=f"{item.name['zh']}：{shown}，高于 {item.high:g}{unit}",
        )
    if item.low is not None and value < item.low:
        return Label(
            en=f"{item.name['en']}: {shown}, below {item.low:g}{unit}",
            zh=f"{item.name['zh']}：{shown}，低于 {item.low:g}{unit}",
        )
    return None


def _impossible(value: float, item: NumberItem) -> Label:
    assert item.possible is not None
    low, high = item.possible
    return Label(
        en=f"{value:g} cannot be: possible is {low:g} to {high:g}.",
        zh=f"{value:g} 不可能：合理范围为 {low:g} 至 {high:g}。",
    )


_MISSING = Label(en="This has to be answered.", zh="此项必填。")
_UNKNOWN = Label(en="The form has no such item.", zh="表单中没有此项。")
_NOT_ASKED = Label(en="This was not asked.", zh="此项无需填写。")
_WRONG = Label(en="This answer does not fit the question.", zh="答案与题目类型不符。")
_NO_OPTION = Label(en="There is no such choice.", zh="没有此选项。")
_TOO_LONG = Label(en="The text is too long.", zh="文字过长。")
_PHOTO_MISSING = Label(en="A photo belongs here.", zh="此处需要照片。")
