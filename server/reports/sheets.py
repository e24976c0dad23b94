"""Excel workbooks of reports: typed cells, sensible widths, nothing that a spreadsheet would run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import NamedTuple

import xlsxwriter

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDEST = 60

Cell = str | float | int | datetime | None


class Sheet(NamedTuple):
    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    formats: Mapping[int, str] = {}
    """Number format by column, such as ``0.0%``."""


def make_workbook(sheets: Sequence[Sheet], *, now: datetime) -> bytes:
    """The file. Texts stay texts, whatever they begin with (OWASP, formula injection). Times are in the
    zone they come in; Excel knows none."""
    target = BytesIO()
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    book = xlsxwriter.Workbook(target, options)
    book.set_properties({"created": now.replace(tzinfo=None)})
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    times = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for sheet in sheets:
        page = book.add_worksheet(sheet.name[:31])
        page.freeze_panes(1, 0)
        page.write_row(0, 0, sheet.header, bold)
        numbers = {column: book.add_format({"num_format": form}) for column, form in sheet.formats.items()}
        for number, row in enumerate(sheet.rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, datetime):
                    page.write_datetime(number, column, value.replace(tzinfo=None), times)
                elif isinstance(value, str):
                    page.write_string(number, column, value, wrapped)
                elif value is not None:
                    page.write_number(number, column, value, numbers.get(column))
        for column in range(len(sheet.header)):
            texts = [sheet.header[column], *(row[column] for row in sheet.rows)]
            page.set_column(column, column, min(WIDEST, 3 + max(_width(text) for text in texts)))
        if sheet.rows:
            page.autofilter(0, 0, len(sheet.rows), len(sheet.header) - 1)
    book.close()
    return target.getvalue()


def _width(value: Cell) -> int:
    """In characters of a Latin font; Chinese ones are twice as wide."""
    if isinstance(value, datetime):
        return 19
    longest = max(str("" if value is None else value).splitlines() or [""], key=len)
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in longest)
