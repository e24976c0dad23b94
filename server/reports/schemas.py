"""What crosses HTTP about reports."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from server.errors import Label


class RatesRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    rounds: int
    due: int
    """Checkpoints that were due, without the excused ones."""
    completion: float | None
    on_time: float | None
    missed: float | None
    exceptions: float | None
    """Exceptions a scan."""


class GroupRead(BaseModel):
    key: str
    """Id of the site, route or person; or the month, YYYY-MM."""
    name: Label | None
    """Null for months; a person's is the same in both languages."""
    rates: RatesRead


class KpiRead(BaseModel):
    together: RatesRead
    groups: list[GroupRead]


class VisitsRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    checkpoint_id: int
    plan_id: int | None
    x: int | None
    y: int | None
    visits: int
    missed: int
