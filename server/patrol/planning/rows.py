"""Rows of plans: found by number, kept from having the key of another, changed with a trace in the audit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.audit.service import Actor
from server.db import Base, note_change
from server.errors import Conflict, NotFound
from server.patrol.checkpoints.models import Checkpoint
from server.patrol.rounds.models import Route, Schedule

M = TypeVar("M", bound=Base)


def find(session: Session, kind: type[M], row_id: int) -> M:
    """The row of this number. Raises NotFound."""
    row = session.get(kind, row_id)
    if row is None:
        en, zh = _NAMES.get(kind.__tablename__, (kind.__tablename__, kind.__tablename__))
        raise NotFound(f"There is no {en} number {row_id}.", f"没有编号为 {row_id} 的{zh}。")
    return row


_NAMES = {
    "spaces": ("space", "空间"),
    "assets": ("asset", "设备"),
    "checkpoints": ("checkpoint", "巡更点"),
    "tags": ("tag", "标签"),
    "floor_plans": ("floor plan", "平面图"),
    "patrol_routes": ("route", "路线"),
    "patrol_schedules": ("schedule", "排班"),
    "forms": ("form", "表单"),
    "rounds": ("round", "巡更任务"),
    "fire_watches": ("fire watch", "消防巡查"),
    "users": ("user", "用户"),
    "teams": ("team", "班组"),
}


def require_free(session: Session, kind: type[Checkpoint] | type[Route], key: str) -> None:
    """Raises Conflict for a key that another has."""
    if session.scalar(select(kind.id).where(kind.key == key)) is not None:
        raise Conflict(f"The key {key} is taken.", f"编号 {key} 已被使用。", code="key_taken")


def change(
    session: Session,
    row: Checkpoint | Schedule,
    values: Mapping[str, object],
    noun: str,
    *,
    now: datetime,
    by: Actor,
) -> None:
    """Set what is different, and say in the audit what it was."""
    changed: dict[str, object] = {}
    for key, value in values.items():
        before = getattr(row, key)
        if before != value:
            setattr(row, key, value)
            changed[key] = [str(before), str(value)]
    if changed:
        record(session, f"{noun}.changed", (noun, row.id), changed, now=now, by=by)


def record(
    session: Session,
    action: str,
    subject: tuple[str, object],
    detail: Mapping[str, object],
    *,
    now: datetime,
    by: Actor,
) -> None:
    """Say in the audit who did it, and to those who look that plans changed."""
    note_change(session, "patrol")
    audit.record(session, now=now, actor=by, action=action, subject=subject, detail=detail)
