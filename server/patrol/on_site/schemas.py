"""What crosses HTTP about findings and photos."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue


class FindingRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    site_id: int | None
    round_id: int | None
    checkpoint_id: int | None
    asset_id: int | None
    user_id: int
    at: datetime
    text: str
    standard: str | None
    severity: str
    photo_ids: list[str]
    owner_id: int | None
    deadline: datetime | None
    ticket_id: int | None
    fixed_at: datetime | None
    rechecks: list[dict[str, JsonValue]]


class PhotoIn(BaseModel):
    """Which photo it is of which a piece comes, and where the piece begins."""

    model_config = ConfigDict(extra="forbid")

    offset: Annotated[int, Field(ge=0, le=8 * 1024 * 1024)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=1, le=8 * 1024 * 1024)]
    media_type: Annotated[str, Field(pattern=r"^image/(jpeg|png|webp)$")]


class PhotoOffset(BaseModel):
    offset: int
    """From which byte on to send; the size: it is all there."""
