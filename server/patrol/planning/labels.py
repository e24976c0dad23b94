"""Labels to be printed: a QR code with the tag's address, the checkpoint's name in both languages, its code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import qrcode
import typst
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.image.svg import SvgPathImage
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import Label
from server.patrol.checkpoints.models import Checkpoint, Tag
from server.patrol.checkpoints.policy import TagKind
from server.patrol.house import PatrolHouse

FONTS = ("Noto Sans CJK SC", "Noto Sans SC", "Noto Sans", "DejaVu Sans")
A_ROW = 3
PAGE = """
#set page(paper: "a4", margin: 12mm)
#set text(font: {fonts}, size: 9pt, fallback: true)
#let labels = json(bytes(sys.inputs.labels))
#grid(columns: (1fr,) * {columns}, gutter: 6mm,
  ..labels.map(one => block(stroke: 0.4pt + luma(120), radius: 2mm, inset: 4mm, width: 100%, breakable: false,
    align(center)[
      #image(bytes(one.svg), format: "svg", width: 42mm)
      #text(weight: "bold", size: 11pt)[#one.zh]
      #linebreak()
      #text[#one.en]
      #linebreak()
      #text(size: 7pt, fill: luma(90))[#one.code]
    ])))
"""


@dataclass(frozen=True)
class Sticker:
    """One label."""

    address: str
    name: Label
    code: str


def stickers(session: Session, house: PatrolHouse, *, site_id: int | None = None) -> list[Sticker]:
    """The labels of all tags in use that are printed: a chip adds its message itself and has no label."""
    wanted = (
        select(Tag, Checkpoint)
        .join(Checkpoint, Checkpoint.id == Tag.checkpoint_id)
        .where(Tag.revoked_at.is_(None), Checkpoint.retired_at.is_(None), Tag.kind == TagKind.QR)
        .order_by(Checkpoint.key)
    )
    if site_id is not None:
        wanted = wanted.where(Checkpoint.site_id == site_id)
    return [
        Sticker(house.keys.address(tag, house.public_url), checkpoint.name, tag.code)
        for tag, checkpoint in session.execute(wanted)
    ]


def pdf(labels: Sequence[Sticker]) -> bytes:
    """A4 pages with the labels, three in a row."""
    rows = [
        {"svg": _svg(one.address), "zh": one.name["zh"], "en": one.name["en"], "code": one.code}
        for one in labels
    ]
    return _compile(rows, "pdf")


def png(labels: Sequence[Sticker]) -> bytes:
    """One page as a picture, for looking at; no more labels than fit on it."""
    rows = [
        {"svg": _svg(one.address), "zh": one.name["zh"], "en": one.name["en"], "code": one.code}
        for one in labels
    ]
    return _compile(rows, "png")


def _compile(rows: Sequence[dict[str, str]], form: Literal["pdf", "png"]) -> bytes:
    source = PAGE.format(fonts=json.dumps(FONTS).replace("[", "(").replace("]", ")"), columns=A_ROW)
    return typst.compile(
        source.encode(), format=form, ppi=200.0, sys_inputs={"labels": json.dumps(rows, ensure_ascii=False)}
    )


def _svg(address: str) -> str:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=4)
    code.add_data(address)
    out = BytesIO()
    code.make_image(image_factory=SvgPathImage).save(out)
    return out.getvalue().decode()
