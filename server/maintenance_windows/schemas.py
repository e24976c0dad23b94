"""What crosses HTTP about maintenance windows and assets out of service."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from server.db import RowId
from server.errors import Label

Reason = Annotated[str, Field(min_length=2, max_length=2000)]
"""Two characters say enough in Chinese: 检修."""
Discipline = Annotated[str, Field(min_length=1, max_length=40)]
WindowState = Literal["planned", "active", "over"]


class NodeRef(BaseModel):
    """The space or asset that a window stands on."""

    kind: Literal["space", "asset"]
    id: int
    name: Label


class OwnerRef(BaseModel):
    id: int
    display_name: str


class WindowRead(BaseModel):
    id: int
    node: NodeRef
    disciplines: list[str]
    """Empty: all."""
    life_safety: bool
    reason: str
    owner: OwnerRef
    starts_at: datetime
    ends_at: datetime
    state: WindowState
    created_at: datetime
    created_by: str
    ended_at: datetime | None
    ended_by: str | None


class WindowCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    space_id: RowId | None = None
    asset_id: RowId | None = None
    disciplines: Annotated[list[Discipline], Field(max_length=20)] = []
    life_safety: bool = False
    """Also fire, entrapment and panic. Say it only after the person has confirmed it."""
    reason: Reason
    owner_id: RowId | None = None
    """Null: whoever makes it."""
    starts_at: AwareDatetime | None = None
    """Null: now."""
    ends_at: AwareDatetime

    @model_validator(mode="after")
    def _one_node(self) -> Self:
        if (self.space_id is None) == (self.asset_id is None):
            raise ValueError("give either space_id or asset_id")
        return self


class WindowExtend(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ends_at: AwareDatetime
    reason: Reason


class OutageRead(BaseModel):
    id: int
    asset: NodeRef
    reason: str
    since: datetime
    by: str
    until: datetime | None
    """When it is expected back; it stays out of service until somebody puts it back."""
    ended_at: datetime | None
    ended_by: str | None


class OutageCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Reason
    until: AwareDatetime | None = None
    """When it is expected back; null: nobody knows."""
