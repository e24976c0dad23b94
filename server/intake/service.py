"""The only writer of dead letters, gateways and heartbeats. Everything may be told twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.clock import from_ms
from server.db import insert_ignoring
from server.intake.models import DeadLetterRow, Gateway, Heartbeat
from telemetry.messages import DeadLetter, GatewayHealth

MOST_DEAD_LETTERS = 100_000
"""The newest are kept; a device gone mad must not fill the disk."""


def beat(session: Session, name: str, now: datetime, detail: Mapping[str, object]) -> None:
    """Keep that the process or loop ``name`` was alive ``now``."""
    session.merge(Heartbeat(name=name, at=now, detail=dict(detail)))


def last_beat(session: Session, name: str) -> Heartbeat | None:
    return session.get(Heartbeat, name)


def keep_dead_letters(session: Session, letters: Sequence[tuple[str, DeadLetter]]) -> None:
    """Keep letters, each with the name of its gateway; those that are here already stay as they are."""
    rows = [
        {
            "gateway": gateway,
            "letter": letter.id,
            "at": from_ms(letter.at_ms),
            "topic": _storable(letter.topic),
            "payload": _storable(letter.payload),
            "size": letter.size,
            "reason": letter.reason,
            "detail": _storable(letter.detail),
        }
        for gateway, letter in letters
    ]
    insert_ignoring(session, DeadLetterRow, rows)


def drop_old_dead_letters(session: Session, *, keep: int = MOST_DEAD_LETTERS) -> None:
    """Delete all but about the newest ``keep``, by the order in which they came."""
    newest = session.scalar(select(func.max(DeadLetterRow.id)))
    if newest is not None:
        session.execute(delete(DeadLetterRow).where(DeadLetterRow.id <= newest - keep))


def keep_health(session: Session, health: GatewayHealth) -> None:
    """Keep the newest health of a gateway; one that is older than what is known changes nothing.

    A last will carries the time of its connection, not of its loss: what says "offline" always counts.
    """
    known = session.get(Gateway, health.gateway)
    at = from_ms(health.at_ms)
    if known is not None and health.online and at < known.at:
        return
    session.merge(
        Gateway(
            name=health.gateway,
            at=max(at, known.at) if known else at,
            online=health.online,
            started_at=from_ms(health.started_ms),
            health=msgspec.to_builtins(health),
        )
    )


def gateways(session: Session) -> Sequence[Gateway]:
    """All gateways ever heard of, by name."""
    return session.scalars(select(Gateway).order_by(Gateway.name)).all()


def dead_letters(
    session: Session, *, reason: str | None, before_id: int | None, limit: int
) -> tuple[Sequence[DeadLetterRow], int]:
    """(newest first, below ``before_id``; how many match in all)."""
    matching = select(DeadLetterRow)
    if reason is not None:
        matching = matching.where(DeadLetterRow.reason == reason)
    total = session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    page = matching.order_by(DeadLetterRow.id.desc()).limit(limit)
    if before_id is not None:
        page = page.where(DeadLetterRow.id < before_id)
    return session.scalars(page).all(), total


def _storable(text: str) -> str:
    """PostgreSQL keeps no NUL and nobody encodes a lone surrogate; both are shown as escapes."""
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
