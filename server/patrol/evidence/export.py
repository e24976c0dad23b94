"""The log of evidence as a file that anyone can check, without this program and without its database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import TextIO

from sqlalchemy.orm import Session

from server.patrol.evidence import log
from server.patrol.evidence.chain import FIRST_HASH


def write(session: Session, out: TextIO, *, now: datetime) -> dict[str, object]:
    """One line a row: ``{"hash": ..., "body": ...}``, the body exactly as it was hashed; gives the summary
    that belongs beside the file: number of rows, the last hash, SHA-256 of the file."""
    digest = hashlib.sha256()
    count, last = 0, FIRST_HASH
    for line, row_hash in _lines(session):
        out.write(line)
        digest.update(line.encode())
        count, last = count + 1, row_hash
    return {
        "rows": count,
        "first_previous_hash": FIRST_HASH,
        "last_hash": last,
        "sha256": digest.hexdigest(),
        "exported_at": now.isoformat(timespec="seconds"),
        "procedure": "docs/patrol.md, How a third party verifies an export",
    }


def check(lines: Iterator[str]) -> tuple[int, str]:
    """(rows, last hash) of an export. Raises ValueError naming the first line that does not hold."""
    previous, count = FIRST_HASH, 0
    for count, line in enumerate(lines, 1):
        row = json.loads(line)
        expected = hashlib.sha256(previous.encode() + b"\n" + row["body"].encode()).hexdigest()
        if row["hash"] != expected:
            raise ValueError(f"line {count} does not hold")
        previous = expected
    return count, previous


def _lines(session: Session) -> Iterator[tuple[str, str]]:
    for row in log.rows(session):
        line = json.dumps({"hash": row.hash, "body": row.body}, ensure_ascii=False, separators=(",", ":"))
        yield line + "\n", row.hash
