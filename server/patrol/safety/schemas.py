"""What crosses HTTP about calls for help."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, JsonValue


class SosRead(BaseModel):
    id: int
    event_id: str
    kind: str
    """sos, lone_worker."""
    site_id: int | None
    user_id: int
    person: str
    at: datetime
    received_at: datetime
    message: str | None
    place: dict[str, JsonValue] | None
    checkpoint_id: int | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    cancelled_at: datetime | None
    closed_at: datetime | None
