"""The log of evidence: rows are added at its end, each with a hash over itself and the row before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import uuid4

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from server.clock import to_ms
from server.patrol.evidence.chain import FIRST_HASH, canonical, event_hash, log_hash, spelled
from server.patrol.evidence.models import PatrolEvent

_TABLE = cast("Table", PatrolEvent.__table__)
_LOG_LOCK = 0x70617472
"""Number of the PostgreSQL advisory lock that lets one transaction at a time add to the log."""


@dataclass(frozen=True)
class Entry:
    """A row to be."""

    id: str
    origin: str
    kind: str
    at: datetime
    body: dict[str, object]
    """Whole: for a phone's event ``event`` (as it was sent) and ``verdict``."""
    answer: dict[str, object]
    phone_id: str | None = None
    seq: int | None = None
    user_id: int | None = None
    round_id: int | None = None


def append(session: Session, entries: Sequence[Entry], *, now: datetime) -> None:
    """Add rows in this order, in the caller's transaction. Until its end nobody else can add any."""
    if not entries:
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOG_LOCK)))
    newest = session.execute(
        select(PatrolEvent.number, PatrolEvent.hash).order_by(PatrolEvent.number.desc()).limit(1)
    ).one_or_none()
    number, previous = (newest.number, newest.hash) if newest else (0, FIRST_HASH)
    rows: list[dict[str, object]] = []
    for entry in entries:
        number += 1
        whole = _whole(entry, number, now)
        # a phone's event was looked through when it was read
        body = spelled(whole) if entry.origin == "phone" else canonical(whole)
        previous = log_hash(previous, body)
        rows.append(
            {
                "number": number,
                "id": entry.id,
                "origin": entry.origin,
                "kind": entry.kind,
                "phone_id": entry.phone_id,
                "seq": entry.seq,
                "user_id": entry.user_id,
                "round_id": entry.round_id,
                "at": entry.at,
                "received_at": now,
                "body": body.decode(),
                "answer": entry.answer,
                "hash": previous,
            }
        )
    # the table and not the class: the mapper would look at each value of each row once more
    session.execute(insert(_TABLE), rows)


def note(
    session: Session,
    *,
    now: datetime,
    kind: str,
    detail: Mapping[str, object],
    round_id: int | None = None,
    user_id: int | None = None,
) -> str:
    """Add what the server decided by itself, or what somebody decided at a desk; gives the row's id."""
    entry = decision(kind, detail, now=now, round_id=round_id, user_id=user_id)
    append(session, [entry], now=now)
    return entry.id


def decision(
    kind: str,
    detail: Mapping[str, object],
    *,
    now: datetime,
    round_id: int | None = None,
    user_id: int | None = None,
) -> Entry:
    """The row of what was decided here, to be added with others."""
    return Entry(
        id=str(uuid4()),
        origin="server",
        kind=kind,
        at=now,
        body={"detail": dict(detail)},
        answer={},
        user_id=user_id,
        round_id=round_id,
    )


@dataclass(frozen=True)
class Break:
    """The first row at which the log does not hold."""

    number: int
    code: str
    """missing_row, wrong_hash, not_what_was_sent."""


def verify(session: Session) -> Break | None:
    """Walk the whole log; None: it holds. What was cut off its end only a kept digest can show."""
    previous, expected = FIRST_HASH, 1
    for row in rows(session):
        if row.number != expected:
            return Break(expected, "missing_row")
        if row.hash != log_hash(previous, row.body.encode()):
            return Break(row.number, "wrong_hash")
        if not _tells_what_was_sent(row.body, row.id):
            return Break(row.number, "not_what_was_sent")
        previous, expected = row.hash, expected + 1
    return None


def rows(session: Session) -> Iterator[PatrolEvent]:
    """All of the log in its order, without holding it in memory."""
    found = session.scalars(
        select(PatrolEvent).order_by(PatrolEvent.number).execution_options(yield_per=1000)
    )
    yield from found


def _whole(entry: Entry, number: int, now: datetime) -> dict[str, object]:
    return {
        "number": number,
        "id": entry.id,
        "origin": entry.origin,
        "kind": entry.kind,
        "at_ms": to_ms(entry.at),
        "received_ms": to_ms(now),
        "user_id": entry.user_id,
        "round_id": entry.round_id,
        **entry.body,
    }


def _tells_what_was_sent(body: str, row_id: str) -> bool:
    """A phone's event still has the hash the phone gave it, unless it came without a right one."""
    whole = json.loads(body)
    event = whole.get("event")
    if whole["id"] != row_id:
        return False
    if event is None or "tampered" in whole.get("verdict", {}).get("reasons", []):
        return True
    return bool(event_hash(event) == event.get("hash"))
