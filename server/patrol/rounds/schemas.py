"""A checkpoint of a round, as it crosses HTTP."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, JsonValue

from server.patrol.rounds.models import RoundLeg


class LegRead(BaseModel):
    position: int
    checkpoint_id: int
    due_at: datetime | None
    tolerance_s: int
    state: str
    """pending, done, late, missed, excused."""
    is_overdue: bool
    done: bool
    done_at: datetime | None
    scan_id: str | None
    strength: str | None
    cause: dict[str, JsonValue] | None
    """Why it was inserted: {kind: alarm|person, id, text}."""


def leg_read(leg: RoundLeg) -> LegRead:
    return LegRead(
        position=leg.position,
        checkpoint_id=leg.checkpoint_id,
        due_at=leg.due_at,
        tolerance_s=leg.tolerance_s,
        state=leg.state,
        is_overdue=leg.is_overdue,
        done=leg.state in {"done", "late", "excused"},
        done_at=leg.done_at,
        scan_id=leg.event_id,
        strength=leg.strength,
        cause=leg.cause,
    )
