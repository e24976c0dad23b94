"""What crosses HTTP when a phone synchronises."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, JsonValue

from server.errors import Label
from server.patrol.checkpoints.policy import Strength

MOST_EVENTS = 200
_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
UuidText = Annotated[str, Field(pattern=_UUID)]


class SentClock(BaseModel):
    """The phone's clocks when it sends."""

    wall_ms: Annotated[int, Field(ge=0, le=4_102_444_800_000)]
    mono_ms: Annotated[int, Field(ge=0, le=2**53 - 1)]
    boot: UuidText


class SyncIn(BaseModel):
    """Events are read one by one: a broken one does not keep the others from being taken."""

    device_id: UuidText
    app: Annotated[str, Field(max_length=40)]
    events: Annotated[list[dict[str, JsonValue]], Field(max_length=MOST_EVENTS)]
    sent: SentClock | None = None


class ReasonRead(BaseModel):
    code: str
    text: Label


class SyncResult(BaseModel):
    id: str
    status: str
    """accepted, duplicate, refused. Any of them: the server has it, the phone may forget it."""
    code: str
    message: Label | None
    strength: Strength | None
    reasons: list[ReasonRead]


class SyncOut(BaseModel):
    server_ms: int
    results: list[SyncResult]
