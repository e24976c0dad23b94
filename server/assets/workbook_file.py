"""Opening a workbook that somebody sent: bounded before it is read, then as rows of text, numbers and truths.

Readers of Excel hold a sheet as a full rectangle in memory, so one cell far out at the right bottom is as much of
a bomb as a file that inflates to gigabytes. Both are found by one pass over the inflated bytes, which keeps none.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

from server.assets.workbook import MOST_ROWS, SHEETS, Cell
from server.errors import Invalid

LARGEST_FILE = 16 * 1024 * 1024
"""Bytes; 50,000 points make about 4 MB."""
MOST_INFLATED = 256 * 1024 * 1024
"""Bytes of all parts together; 50,000 points make about 70 MB."""
MOST_PARTS = 200
_CHUNK = 1 << 20
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_FAR_AWAY = re.compile(rb"""\br\s*=\s*["'](?:[B-Z][A-Z]\d|[A-Z]{3}|[A-Z]{0,2}0*[1-9]\d{5})""")
"""The address of a cell beyond column AZ or below row 99,999."""
_OVERLAP = 32
_BLANK = b"\0 \t\r\n\xfe\xff"
_FOREIGN = frozenset({"xl/workbook.bin", "content.xml"})
"""Parts of other formats, which the reader would also try."""


class BrokenWorkbook(Invalid):
    code = "broken_workbook"


class Row(NamedTuple):
    """One row as it stands: its number on the sheet (the header is 1), and its cells by column; empty ones left out."""

    number: int
    cells: Mapping[str, Cell]


class Sheet(NamedTuple):
    rows: list[Row]
    unknown: list[str]
    """Headings that are no column of ours."""


def read_workbook(data: bytes) -> dict[str, Sheet]:
    """The sheets we know. Raises BrokenWorkbook for what is no workbook, too large, or has none of them."""
    _require_bounded(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        found = {name: _sheet(book, name) for name in SHEETS if name in book.sheet_names}
    except (CalamineError, WorksheetNotFound, ValueError, OSError) as error:
        raise _broken() from error
    if not found:
        raise BrokenWorkbook(
            f"The workbook has none of the sheets {', '.join(SHEETS)}. Export one to begin with.",
            f"工作簿中没有 {'、'.join(SHEETS)} 这些工作表。请先导出一份作为模板。",
        )
    return found


def _sheet(book: CalamineWorkbook, name: str) -> Sheet:
    lines = iter(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
    heads = [str(head).strip().lower() for head in next(lines, [])]
    known = {column.name for column in SHEETS[name]}
    places = [(place, head) for place, head in enumerate(heads) if head in known]
    rows = [
        Row(number, cells)
        for number, line in enumerate(lines, start=2)
        if (cells := {head: cell for place, head in places if (cell := _cell(line[place])) is not None})
    ]
    return Sheet(rows, [head for head in heads if head and head not in known])


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, date | datetime | time | timedelta):  # Excel made a date of what was typed
        return str(value)
    return None


def _require_bounded(data: bytes) -> None:
    if len(data) > LARGEST_FILE:
        raise _too_large()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _broken() from error
    names = {part.filename.lower().lstrip("/") for part in parts}
    if "xl/workbook.xml" not in names or names & _FOREIGN:
        raise _broken()
    if len(parts) > MOST_PARTS:
        raise _too_large()
    left = MOST_INFLATED
    for part in parts:
        left -= _look_through(data, part, most=left)


def _look_through(data: bytes, part: zipfile.ZipInfo, *, most: int) -> int:
    """Bytes of one part. Raises BrokenWorkbook where they are more than ``most``, or a cell is far away."""
    size, before = 0, b""
    is_sheet = is_far = False
    for piece in _inflated(data, part):
        if not size and piece.lstrip(_BLANK).startswith(b"<") and b"\0" in piece:
            raise _broken()  # two bytes a letter would hide the addresses from the search
        size += len(piece)
        is_sheet = is_sheet or b"sheetData" in before + piece
        is_far = is_far or _FAR_AWAY.search(before + piece) is not None  # drawings have an r of their own
        if size > most or (is_sheet and is_far):
            raise _too_large()
        before = piece[-_OVERLAP:]
    return size


def _inflated(data: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes really packed, whatever the file says their number is."""
    head = data[part.header_offset : part.header_offset + 30]
    if len(head) < 30 or part.flag_bits & 1:
        raise _broken()
    _, name, extra = _LOCAL_HEADER.unpack(head)
    start = part.header_offset + 30 + name + extra
    packed = data[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        yield packed
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise _broken()
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while packed and not inflate.eof:
            yield inflate.decompress(packed, _CHUNK)
            packed = inflate.unconsumed_tail
    except zlib.error as error:
        raise _broken() from error


def _broken() -> BrokenWorkbook:
    return BrokenWorkbook(
        "This is not an Excel workbook (.xlsx) that can be read.", "这不是可读取的 Excel 工作簿（.xlsx）。"
    )


def _too_large() -> BrokenWorkbook:
    return BrokenWorkbook(
        f"The workbook is too large: at most {LARGEST_FILE >> 20} MB, {MOST_ROWS:,} rows and columns up to AZ.",
        f"工作簿过大：最多 {LARGEST_FILE >> 20} MB、{MOST_ROWS} 行，列至 AZ。",
        code="workbook_too_large",
    )
