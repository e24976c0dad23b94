"""The shape of every list: ``{"items": [...], "total": n, "next": cursor|null}``."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=1000, description="How many items at most")]


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int
    """How many match, on all pages together."""
    next: str | None
    """What to give as ``cursor`` for the following page; null on the last one."""
