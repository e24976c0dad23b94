"""PDF from a template and data. Everything that people typed is data: it cannot become markup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import typst


def make_pdf(
    template: str, data: Mapping[str, object], pictures: Mapping[str, Path], *, now: datetime
) -> bytes:
    """The document. ``template`` is a .typ file beside this one; ``pictures`` are copied beside it by name.

    The same data at the same ``now`` gives the same bytes. Chinese needs a CJK font on the machine
    (Debian: fonts-noto-cjk).
    """
    with TemporaryDirectory(prefix="plantroom-report-") as name:
        folder = Path(name)
        (folder / "main.typ").write_text(files(__package__).joinpath(template).read_text("utf-8"), "utf-8")
        (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), "utf-8")
        for picture, path in pictures.items():
            (folder / picture).write_bytes(path.read_bytes())
        return bytes(typst.compile(folder / "main.typ", root=folder, timestamp=int(now.timestamp())))
