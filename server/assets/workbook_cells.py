"""The cells of one row as what they stand for; what is wrong with one is said in both languages."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from server.assets.workbook import Cell, labels_text
from server.assets.workbook_file import Row
from server.errors import Label

M = TypeVar("M", bound=BaseModel)

Fields = dict[str, object]


class BadCell(Exception):
    """A cell because of which its row is not imported."""

    def __init__(self, column: str, en: str, zh: str) -> None:
        super().__init__(en)
        self.column = column
        self.what = Label(en=en, zh=zh)


_KEY = ("1 to 64 letters, digits or _ . - are allowed.", "允许 1 到 64 个字母、数字或 _ . -。")
_NAME = ("A name has 1 to 200 characters, in both languages.", "名称须有中英文，各 1 到 200 个字符。")
_NUMBER = ("A number is needed.", "应为数字。")
_DEVICE = (
    "A device id has 1 to 64 of A-Z a-z 0-9 _ . : - and begins with a letter or digit.",
    "设备号为 1 到 64 个字母、数字或 _ . : -，且以字母或数字开头。",
)
_ALLOWED: Mapping[str, tuple[str, str]] = {
    "key": _KEY,
    "parent": ("A site has no parent, everything else has one.", "项目没有上级，其他空间必须有上级。"),
    "profile": ("The type of equipment is missing or not known.", "缺少设备类型，或类型未知。"),
    "space": ("The space is missing or not known.", "缺少所在空间，或空间未知。"),
    "time_zone": (
        "A site has a time zone, like Asia/Shanghai; nothing else has one.",
        "项目须有时区，如 Asia/Shanghai；其他空间没有。",
    ),
    "name_en": _NAME,
    "name_zh": _NAME,
    "kind": ("The kind is missing or not one of those on the help sheet.", "缺少类型，或不在说明表所列之中。"),
    "quantity": ("1 to 40 characters are needed.", "应为 1 到 40 个字符。"),
    "unit": ("A unit has 1 to 24 characters.", "单位为 1 到 24 个字符。"),
    "interval_s": ("More than 0 and at most 31 days, in seconds.", "应大于 0 且不超过 31 天（秒）。"),
    "decimals": ("A whole number from 0 to 6.", "应为 0 到 6 的整数。"),
    "normal_low": (
        "Both ends, the low one first; only analog and counter points have a band.",
        "须填写上下限且下限在前；仅模拟量和累计量有范围。",
    ),
    "physical_low": (
        "Both ends, the low one first; only analog and counter points have a band.",
        "须填写上下限且下限在前；仅模拟量和累计量有范围。",
    ),
    "device": _DEVICE,
    "source": ("1 to 64 characters are needed.", "应为 1 到 64 个字符。"),
    "states": ("Only a state point has states: a line each, 0: Stopped | 停止.", "仅状态测点可填，每行一个：0: Stopped | 停止。"),
    "bits": ("Only a flags point has bits from 0 to 62: a line each, 0: Fire | 火警.", "仅标志位测点可填，位号 0 到 62，每行一个：0: Fire | 火警。"),
}  # fmt: skip
_COLUMN_OF = {"name": "name_en", "normal": "normal_low", "physical": "physical_low"}
_KIND_FITS = (
    ("states", "states"),
    ("bits", "bits"),
    ("bands", "normal_low"),
    ("parent", "parent"),
    ("zone", "time_zone"),
)
"""What a rule over several fields says, and the column it is about."""
_BANDS = ("normal", "physical")
_POINT_NUMBERS = ("interval_s", "decimals", "scale", "offset")


class Cells:
    """A row's cells. Empty ones are None, which means: leave what is there."""

    def __init__(self, row: Row) -> None:
        self.number = row.number
        self._cells = row.cells

    def raw(self, column: str) -> Cell:
        """As it stands; a whole number where a text belongs is that text."""
        cell = self._cells.get(column)
        if (
            isinstance(cell, float)
            and cell.is_integer()
            and column in {"key", "asset", "parent", "space", "device"}
        ):
            return str(int(cell))
        return cell

    def text(self, column: str) -> str | None:
        cell = self.raw(column)
        if cell is None:
            return None
        if isinstance(cell, float) and cell.is_integer():
            return str(int(cell))
        return str(cell)

    def key(self, column: str) -> str:
        text = self.text(column)
        if text is None:
            raise BadCell(column, "The key is missing.", "缺少 key。")
        return text

    def number_near(self, column: str, before: object) -> float | None:
        """The number; ``before`` itself where only digits beyond a spreadsheet's 15 differ."""
        cell = self.raw(column)
        if cell is None:
            return None
        try:
            number = float(cell)
        except ValueError:
            number = math.nan
        if isinstance(cell, bool) or not math.isfinite(number):
            raise BadCell(column, *_NUMBER)
        if isinstance(before, float | int) and math.isclose(number, before, rel_tol=1e-14, abs_tol=0):
            return before
        return number

    def truth(self, column: str) -> bool | None:
        cell = self.raw(column)
        known: dict[object, bool] = {True: True, False: False, "true": True, "false": False, "yes": True, "no": False, "是": True, "否": False}  # fmt: skip
        if cell is None:
            return None
        found = known.get(cell.lower() if isinstance(cell, str) else cell)
        if found is None:
            raise BadCell(column, "TRUE or FALSE is needed.", "应为 TRUE 或 FALSE。")
        return found

    def one_of(self, column: str, allowed: Sequence[str]) -> str | None:
        text = self.text(column)
        if text is not None and text not in allowed:
            raise BadCell(
                column, f"One of {', '.join(allowed)} is needed.", f"应为 {'、'.join(allowed)} 之一。"
            )
        return text

    def name(self, before: Label | None) -> Label | None:
        """Both languages; where one is missing and none is there, the other stands for it."""
        en, zh = self.text("name_en"), self.text("name_zh")
        if before:
            return Label(en=_unless_same(before["en"], en), zh=_unless_same(before["zh"], zh))
        if en is None and zh is None:
            return None
        return Label(en=str(en or zh), zh=str(zh or en))

    def point(self, before: Mapping[str, object]) -> Fields:
        """All fields of a point: what the cells say on top of what there is."""
        after: Fields = dict(before)
        known = before.get("name")
        after["name"] = self.name(known)  # type: ignore[arg-type]
        for column in ("kind", "quantity", "unit", "device", "source"):
            text = self.text(column)
            if text is not None:
                after[column] = _unless_same(str(before.get(column) or ""), text)
        for column in _POINT_NUMBERS:
            number = self.number_near(column, before.get(column))
            if number is not None:
                after[column] = int(number) if column == "decimals" and float(number).is_integer() else number
        for band in _BANDS:
            after[band] = self._band(band, before.get(band))
        for column in ("states", "bits"):
            after[column] = self._labels(column, before.get(column))
        return after

    def _band(self, band: str, before: object) -> tuple[float, float] | None:
        known = before if isinstance(before, tuple) else (None, None)
        low = self.number_near(f"{band}_low", known[0])
        high = self.number_near(f"{band}_high", known[1])
        ends = (known[0] if low is None else low, known[1] if high is None else high)
        if ends[0] is None and ends[1] is None:
            return None
        if ends[0] is None or ends[1] is None or ends[0] > ends[1]:
            raise BadCell(f"{band}_{'low' if ends[0] is None else 'high'}", *_ALLOWED["normal_low"])
        return ends[0], ends[1]

    def _labels(self, column: str, before: object) -> object:
        text = self.text(column)
        known = before if isinstance(before, dict) else None
        if text is None or text == (labels_text(known) or "").strip():
            return before
        found: dict[int, Label] = {}
        for line in filter(None, (line.strip() for line in text.splitlines())):
            code, colon, names = line.replace("：", ":", 1).partition(":")
            en, bar, zh = names.replace("｜", "|", 1).partition("|")
            try:
                number = int(code)
            except ValueError:
                number = -1
            if not colon or number < 0 or number in found or not en.strip():
                raise BadCell(column, *_ALLOWED[column])
            found[number] = Label(en=en.strip(), zh=zh.strip() if bar and zh.strip() else en.strip())
        return found


def _unless_same(before: str, cell: str | None) -> str:
    """Spaces around a text do not survive the cells; they are no change."""
    return before if cell in {None, before.strip()} else str(cell)


def valid(kind: type[M], fields: Mapping[str, object]) -> M:
    """The entry these make. Raises BadCell naming the column that is wrong."""
    try:
        return kind.model_validate(dict(fields))
    except ValidationError as error:
        problem = error.errors()[0]
    place = str(problem["loc"][0]) if problem["loc"] else ""
    if not place:
        place = next((column for word, column in _KIND_FITS if word in problem["msg"]), "key")
    column = _COLUMN_OF.get(place, place)
    raise BadCell(column, *_ALLOWED.get(column, (problem["msg"], "内容无效。")))
