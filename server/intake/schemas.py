"""What crosses HTTP about dead letters and gateways."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class DeadLetterRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    gateway: str
    at: datetime
    topic: str
    payload: str
    size: int
    reason: str
    detail: str


class GatewayRead(BaseModel):
    name: str
    at: datetime
    """When it was last heard of."""
    online: bool
    started_at: datetime
    messages: int
    readings: int
    duplicates: int
    dead_letters: int
    backfilled: int
    suspect: int
    in_flight: int
    store_ok: bool
    store_error: str | None
    last_message_at: datetime | None
    """When a device message last came; none since its start: null."""
    spooled_readings: int
    spool_bytes: int
    spool_limit_bytes: int
    spool_oldest_at: datetime | None
    spool_full: bool
    broker_waiting: int | None
    """Messages that the broker keeps; null: it does not say."""
    broker_dropped: int | None
    """Messages that the broker threw away since it was started; null: it does not say."""
