"""The verbs on maintenance windows and outages, and the only writer of them. Each leaves an audit row."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.assets.models import Space
from server.assets.service import get_asset
from server.audit import service as audit
from server.audit.service import Actor
from server.db import note_change
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.identity.models import User
from server.identity.person import CurrentUser
from server.identity.roles import Role
from server.maintenance_windows.models import MaintenanceWindow, Outage
from server.maintenance_windows.schemas import OutageCreate, WindowCreate, WindowExtend

LONGEST: dict[Role, timedelta] = {Role.ENGINEER: timedelta(hours=24), Role.ADMIN: timedelta(days=30)}
"""How long a window may be, by who makes it: a silence that nobody remembers is the dangerous one."""
NOUNS = ("windows", "alarms")


def create(session: Session, *, now: datetime, user: CurrentUser, wanted: WindowCreate) -> MaintenanceWindow:
    """A window from now or later on. Raises Invalid, Forbidden (too long for the role) or NotFound."""
    starts_at = max(wanted.starts_at or now, now)
    if wanted.space_id is not None:
        _require_space(session, wanted.space_id)
    elif wanted.asset_id is not None:
        get_asset(session, wanted.asset_id)
    _check_length(user, starts_at, wanted.ends_at, now)
    window = MaintenanceWindow(
        space_id=wanted.space_id,
        asset_id=wanted.asset_id,
        disciplines=sorted(set(wanted.disciplines)),
        life_safety=wanted.life_safety,
        reason=wanted.reason.strip(),
        owner_id=_owner(session, wanted.owner_id, user),
        starts_at=starts_at,
        ends_at=wanted.ends_at,
        created_at=now,
        created_by=user.name,
        applied=False,
    )
    session.add(window)
    session.flush()
    _audit(session, window, "window.created", now=now, actor=user.actor)
    return window


def extend(
    session: Session, window_id: int, *, now: datetime, user: CurrentUser, wanted: WindowExtend
) -> MaintenanceWindow:
    """Another end, with the reason for it. Raises Conflict where it is over."""
    window = _running(session, window_id, now)
    _check_length(user, window.starts_at, wanted.ends_at, now)
    window.ends_at = wanted.ends_at
    _audit(session, window, "window.extended", now=now, actor=user.actor, reason=wanted.reason)
    return window


def end(session: Session, window_id: int, *, now: datetime, user: CurrentUser) -> MaintenanceWindow:
    """End it now. Raises Conflict where it is over."""
    window = _running(session, window_id, now)
    window.ended_at, window.ended_by = now, user.name
    _audit(session, window, "window.ended", now=now, actor=user.actor)
    return window


def take_out(
    session: Session, asset_id: int, *, now: datetime, user: CurrentUser, wanted: OutageCreate
) -> Outage:
    """Take an asset out of service. Raises Conflict where it is."""
    get_asset(session, asset_id)
    if wanted.until is not None and wanted.until <= now:
        raise Invalid(
            "It can only be expected back in the future.",
            "预计恢复时间必须晚于当前时间。",
            code="end_too_early",
        )
    if _outage(session, asset_id) is not None:
        raise Conflict("It is out of service already.", "该设备已停用。", code="already_out")
    outage = Outage(
        asset_id=asset_id,
        reason=wanted.reason.strip(),
        since=now,
        until=wanted.until,
        by=user.name,
        applied=False,
    )
    session.add(outage)
    session.flush()
    _audit_asset(session, outage, "asset.taken_out_of_service", now=now, actor=user.actor)
    return outage


def put_back(session: Session, asset_id: int, *, now: datetime, user: CurrentUser) -> Outage:
    """Put an asset back into service. Raises Conflict where it is in service."""
    outage = _outage(session, asset_id)
    if outage is None:
        raise Conflict("It is in service.", "该设备处于在用状态。", code="in_service")
    outage.ended_at, outage.ended_by = now, user.name
    _audit_asset(session, outage, "asset.put_back_in_service", now=now, actor=user.actor)
    return outage


def get_window(session: Session, window_id: int) -> MaintenanceWindow:
    """Raises NotFound."""
    window = session.get(MaintenanceWindow, window_id)
    if window is None:
        raise NotFound(f"There is no maintenance window {window_id}.", f"没有编号为 {window_id} 的维护窗口。")
    return window


def _running(session: Session, window_id: int, now: datetime) -> MaintenanceWindow:
    window = get_window(session, window_id)
    if window.ended_at is not None or window.ends_at <= now:
        raise Conflict("It is over already.", "该维护窗口已结束。", code="over")
    return window


def _check_length(user: CurrentUser, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if ends_at <= max(starts_at, now):
        raise Invalid(
            "The end must lie after the beginning and in the future.",
            "结束时间必须晚于开始时间和当前时间。",
            code="end_too_early",
        )
    longest = LONGEST.get(user.role, timedelta(0))
    if ends_at - starts_at > longest:
        hours = round(longest.total_seconds() / 3600)
        raise Forbidden(
            f"With the role {user.role.value} a window may last {hours} h at most.",
            f"您的角色最多可设置 {hours} 小时的维护窗口。",
            code="too_long",
            longest_h=hours,
        )


def _owner(session: Session, owner_id: int | None, user: CurrentUser) -> int:
    if owner_id is None or owner_id == user.id:
        return user.id
    person = session.get(User, owner_id)
    if person is None or person.disabled_at is not None:
        raise Invalid("There is no such person.", "没有此人员。", code="no_such_person")
    return person.id


def _require_space(session: Session, space_id: int) -> None:
    if session.get(Space, space_id) is None:
        raise NotFound(f"There is no space {space_id}.", f"没有编号为 {space_id} 的空间。")


def _outage(session: Session, asset_id: int) -> Outage | None:
    return session.scalar(
        select(Outage).where(Outage.asset_id == asset_id, Outage.ended_at.is_(None)).with_for_update()
    )


def _audit(
    session: Session,
    window: MaintenanceWindow,
    action: str,
    *,
    now: datetime,
    actor: Actor,
    reason: str | None = None,
) -> None:
    for noun in NOUNS:
        note_change(session, noun)
    detail = {
        "node": f"space:{window.space_id}" if window.space_id is not None else f"asset:{window.asset_id}",
        "disciplines": window.disciplines,
        "life_safety": window.life_safety,
        "reason": reason or window.reason,
        "starts_at": window.starts_at.isoformat(),
        "ends_at": window.ends_at.isoformat(),
    }
    audit.record(
        session, now=now, actor=actor, action=action, subject=("maintenance_window", window.id), detail=detail
    )


def _audit_asset(session: Session, outage: Outage, action: str, *, now: datetime, actor: Actor) -> None:
    for noun in NOUNS:
        note_change(session, noun)
    audit.record(
        session,
        now=now,
        actor=actor,
        action=action,
        subject=("asset", outage.asset_id),
        detail={"reason": outage.reason},
    )
