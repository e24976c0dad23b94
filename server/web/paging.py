"""The shape of every list: ``{"items": [...], "total": n, "next": cursor|null}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=1000, description="How many items at most")]
Offset = Annotated[int, Query(ge=0, le=10_000_000, description="How many items to pass over")]
Cursor = Annotated[int | None, Query(ge=0, le=2**62, description="``next`` of the page before")]


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int
    """How many match, on all pages together."""
    next: str | None
    """What to give as ``cursor`` for the following page; null on the last one."""


def next_offset(offset: int, shown: int, total: int) -> str | None:
    """Where the following page begins, in lists that are paged by offset."""
    return str(offset + shown) if shown and offset + shown < total else None


def cut(rows: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """(the page, whether more follows) of rows that were asked for with ``limit + 1``."""
    return rows[:limit], len(rows) > limit
