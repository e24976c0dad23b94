"""A site as an Excel workbook: sheets spaces, assets, points, and one that explains them. Writing it.

Read back by ``workbook_file`` and ``workbook_plan``; a workbook that nobody changed changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets import queries
from server.assets.models import Asset, Feed, Point, Space
from server.errors import Label

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 99_999
"""Rows of a sheet that can be read back; a larger site uses the YAML form."""

_RISKY = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for the beginning of a formula (OWASP, formula injection)."""

Cell = str | float | int | bool | None


class Column(NamedTuple):
    name: str
    width: int
    means: Label


def _column(name: str, width: int, en: str, zh: str) -> Column:
    return Column(name, width, Label(en=en, zh=zh))


SHEETS: Mapping[str, tuple[Column, ...]] = {
    "spaces": (
        _column("key", 20, "Name for programs, never changes", "程序用的名称，不再改变"),
        _column("kind", 10, "site, building, floor or space", "site 项目、building 楼栋、floor 楼层、space 空间"),
        _column("parent", 20, "Key of the larger space it lies in; empty for a site", "所在上级空间的 key；项目留空"),
        _column("name_en", 28, "English name", "英文名称"),
        _column("name_zh", 28, "Chinese name", "中文名称"),
        _column("time_zone", 18, "Sites only, like Asia/Shanghai", "仅项目填写，如 Asia/Shanghai"),
    ),
    "assets": (
        _column("key", 20, "Name for programs, never changes", "程序用的名称，不再改变"),
        _column("name_en", 28, "English name", "英文名称"),
        _column("name_zh", 28, "Chinese name", "中文名称"),
        _column("profile", 16, "Type of equipment; never changes", "设备类型，不再改变"),
        _column("space", 20, "Key of the space it is in", "所在空间的 key"),
        _column("drill", 8, "TRUE: simulated equipment for exercises", "TRUE：演练用的模拟设备"),
        _column("fed_by", 24, "Keys of the assets that supply it, commas between", "为其供给的设备 key，用逗号分隔"),
        _column(
            "points",
            10,
            "New assets: profile = all points of its type (default), listed = only those on the sheet points",
            "新设备：profile = 该类型的全部测点（默认），listed = 仅 points 表中所列",
        ),
        _column("device", 20, "New assets: the device its points come from; empty: the key", "新设备：测点来自的设备号；留空则同 key"),
    ),
    "points": (
        _column("asset", 20, "Key of its asset", "所属设备的 key"),
        _column("key", 24, "Name for programs, once an asset", "程序用的名称，同一设备内唯一"),
        _column("name_en", 26, "English name", "英文名称"),
        _column("name_zh", 22, "Chinese name", "中文名称"),
        _column("kind", 9, "analog, state, flags or counter; never changes", "analog 模拟量、state 状态、flags 标志位、counter 累计量；不再改变"),
        _column("quantity", 14, "What is measured, like temperature", "被测量，如 temperature"),
        _column("unit", 8, "Like °C", "如 °C"),
        _column("interval_s", 10, "How often a value is expected, seconds", "预期的数据间隔，秒"),
        _column("normal_low", 11, "Normal band, lower end", "正常范围下限"),
        _column("normal_high", 11, "Normal band, upper end", "正常范围上限"),
        _column("physical_low", 11, "Values below are wrong readings", "低于此值视为错误数据"),
        _column("physical_high", 11, "Values above are wrong readings", "高于此值视为错误数据"),
        _column("decimals", 9, "Digits shown after the point", "显示的小数位数"),
        _column("scale", 9, "Stored value = value sent × scale + offset", "存储值 = 上报值 × scale + offset"),
        _column("offset", 9, "See scale", "见 scale"),
        _column("device", 20, "Id of the device it comes from", "来自的设备号"),
        _column("source", 24, "What that device calls it", "该设备中的名称"),
        _column("states", 36, "State points, a line each: 0: Stopped | 停止", "状态测点，每行一个：0: Stopped | 停止"),
        _column("bits", 36, "Flags points, a line each: 0: Fire | 火警", "标志位测点，每行一个：0: Fire | 火警"),
    ),
}  # fmt: skip

_HELP = (
    Label(
        en="Change cells or add rows, save, and import the file again: first you see what would happen.",
        zh="修改单元格或添加行，保存后再次导入：系统会先显示将发生的变化。",
    ),
    Label(
        en="An empty cell leaves what is there as it is. A row that is taken out deletes nothing.",
        zh="空单元格保持原值不变；删去一行不会删除任何内容。",
    ),
    Label(
        en="Rows with a mistake are reported with sheet, row and column; the others are imported.",
        zh="有错误的行会按工作表、行、列报告，其余各行照常导入。",
    ),
)


class TooManyRows(Exception):
    """More than a workbook can carry back."""


def export_site(session: Session, path: Path) -> None:
    """Write all spaces, assets and points. Raises TooManyRows."""
    # a row is on the disk as soon as the next begins: memory stays flat whatever the site's size
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    try:
        writer = _Writer(book)
        writer.sheet("spaces", _space_rows(session))
        writer.sheet("assets", _asset_rows(session))
        writer.sheet("points", _point_rows(session))
        writer.help()
    finally:
        book.close()


def labels_text(labels: Mapping[str, Label] | None) -> str | None:
    """Names of states or bits in one cell, a line each."""
    if not labels:
        return None
    return "\n".join(f"{code}: {label['en']} | {label['zh']}" for code, label in labels.items())


class _Writer:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._head = book.add_format({"bold": True, "bottom": 1})
        # the mark keeps Excel from making a formula of the text when somebody edits the cell
        self._quoted = book.add_format({"quote_prefix": True, "num_format": "@"})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})

    def sheet(self, name: str, rows: Iterable[Sequence[Cell]]) -> None:
        columns = SHEETS[name]
        sheet = self._book.add_worksheet(name)
        sheet.freeze_panes(1, 2)
        for number, column in enumerate(columns):
            sheet.set_column(number, number, column.width)
            sheet.write_string(0, number, column.name, self._head)
        for number, row in enumerate(rows, start=1):
            if number >= MOST_ROWS:
                raise TooManyRows(name)
            for place, cell in enumerate(row):
                self._write(sheet, number, place, cell)

    def help(self) -> None:
        sheet = self._book.add_worksheet("help 说明")
        for number, width in enumerate((10, 16, 60, 60)):
            sheet.set_column(number, number, width, self._wrapped)
        row = 0
        for text in _HELP:
            sheet.write_string(row, 2, text["en"], self._wrapped)
            sheet.write_string(row, 3, text["zh"], self._wrapped)
            row += 1
        for name, columns in SHEETS.items():
            row += 1
            for column in columns:
                for place, part in enumerate((name, column.name, column.means["en"], column.means["zh"])):
                    sheet.write_string(row, place, part, self._wrapped)
                row += 1

    def _write(self, sheet: xlsxwriter.worksheet.Worksheet, row: int, place: int, cell: Cell) -> None:
        if cell is None:
            return
        if isinstance(cell, bool):
            sheet.write_boolean(row, place, cell)
        elif isinstance(cell, int | float):
            sheet.write_number(row, place, cell)
        elif cell.startswith(_RISKY):
            sheet.write_string(row, place, cell, self._quoted)
        else:
            sheet.write_string(row, place, cell)


def _space_rows(session: Session) -> Iterable[Sequence[Cell]]:
    spaces = queries.all_spaces(session)
    keys = {space.id: space.key for space in spaces}
    for space in spaces:
        parent = keys[space.parent_id] if space.parent_id is not None else None
        yield space.key, space.kind, parent, space.name["en"], space.name["zh"], space.time_zone


def _asset_rows(session: Session) -> Iterable[Sequence[Cell]]:
    keys = {row.id: row.key for row in session.execute(select(Asset.id, Asset.key))}
    fed_by: dict[int, list[str]] = {}
    for feed in session.scalars(select(Feed)):
        fed_by.setdefault(feed.to_asset, []).append(keys[feed.from_asset])
    found = select(Asset, Space.key).join(Space, Space.id == Asset.space_id).order_by(Asset.key)
    for asset, space in session.execute(found):
        feeds = ", ".join(sorted(fed_by.get(asset.id, ()))) or None
        name = asset.name
        yield asset.key, name["en"], name["zh"], asset.profile, space, asset.drill, feeds, "listed", None


def _point_rows(session: Session) -> Iterable[Sequence[Cell]]:
    found = select(
        Asset.key.label("asset"),
        Point.key,
        Point.name,
        Point.kind,
        Point.quantity,
        Point.unit,
        Point.interval_s,
        Point.normal_low,
        Point.normal_high,
        Point.physical_low,
        Point.physical_high,
        Point.decimals,
        Point.scale,
        Point.offset,
        Point.device_id,
        Point.source,
        Point.states,
        Point.bits,
    ).join(Asset, Asset.id == Point.asset_id)
    ordered = found.order_by(Asset.key, Point.position, Point.id).execution_options(yield_per=2000)
    for row in session.execute(ordered):
        asset, key, name, *middle, states, bits = row
        yield asset, key, name["en"], name["zh"], *middle, labels_text(states), labels_text(bits)
