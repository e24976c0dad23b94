"""The only writer of the audit chain, and its check."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.audit.models import AuditEvent

FIRST_HASH = "0" * 64
_CHAIN_LOCK = 0x706C616E74
"""Number of the PostgreSQL advisory lock that lets one transaction at a time add to the chain."""


@dataclass(frozen=True)
class Actor:
    """Who acts. ``id`` is None for Plantroom itself, the command line and people who are not logged in."""

    id: int | None
    name: str


SYSTEM = Actor(None, "plantroom")
COMMAND_LINE = Actor(None, "command line")


def record(
    session: Session,
    *,
    now: datetime,
    actor: Actor,
    action: str,
    subject: tuple[str, object],
    detail: Mapping[str, object] | None = None,
) -> None:
    """Add one row to the chain, in the caller's transaction. ``subject`` is (type, id).

    Call it after the rows it speaks of were written: on PostgreSQL it holds a lock until the
    commit, and taking that one last keeps two transactions from waiting for each other.
    """
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_CHAIN_LOCK)))
    last = session.scalar(select(AuditEvent.hash).order_by(AuditEvent.id.desc()).limit(1))
    event = AuditEvent(
        at=now,
        actor_id=actor.id,
        actor=actor.name,
        action=action,
        subject_type=subject[0],
        subject_id=str(subject[1]),
        detail=dict(detail or {}),
        previous_hash=last or FIRST_HASH,
    )
    event.hash = hash_of(event)
    session.add(event)
    session.flush()


def find(
    session: Session,
    *,
    action: str | None,
    subject_type: str | None,
    subject_id: str | None,
    before_id: int | None,
    limit: int,
) -> tuple[Sequence[AuditEvent], int]:
    """(events newest first, below ``before_id``; how many match in all)."""
    matching = select(AuditEvent)
    for column, wanted in (
        (AuditEvent.action, action),
        (AuditEvent.subject_type, subject_type),
        (AuditEvent.subject_id, subject_id),
    ):
        if wanted is not None:
            matching = matching.where(column == wanted)
    total = session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    page = matching.order_by(AuditEvent.id.desc()).limit(limit)
    if before_id is not None:
        page = page.where(AuditEvent.id < before_id)
    return session.scalars(page).all(), total


def hash_of(event: AuditEvent) -> str:
    """SHA-256, hex, over all that the row says and the hash of the row before it."""
    content = [
        event.at.isoformat(),
        event.actor_id,
        event.actor,
        event.action,
        event.subject_type,
        event.subject_id,
        event.detail,
        event.previous_hash,
    ]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def verify(session: Session) -> int | None:
    """Id of the first row that was changed, added in between or whose predecessor is gone; None: the chain holds.

    Rows taken off the end cannot be seen from within; compare with a backup for that.
    """
    previous = FIRST_HASH
    rows = session.scalars(select(AuditEvent).order_by(AuditEvent.id).execution_options(yield_per=1000))
    for event in rows:
        if event.previous_hash != previous or event.hash != hash_of(event):
            return event.id
        previous = event.hash
    return None
