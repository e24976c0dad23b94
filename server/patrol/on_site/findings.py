"""Findings: kept, made into tickets in one tap, and looked at again on a later round."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from server.alarms.lifecycle import Severity
from server.assets.models import Asset
from server.audit.service import Actor
from server.clock import from_ms
from server.errors import Invalid
from server.identity.models import User
from server.identity.person import CurrentUser
from server.identity.roles import Role
from server.patrol.checkpoints.models import Checkpoint
from server.patrol.evidence.events import Found, PhoneEvent, Rechecked
from server.patrol.on_site.models import Finding
from server.tickets import service as tickets

_TITLE = 200


def keep(
    session: Session,
    event: PhoneEvent,
    found: Found,
    *,
    at: datetime,
    now: datetime,
    actor: Actor,
    checkpoint: Checkpoint | None,
    site_id: int | None,
) -> None:
    """A finding; with ``ticket`` also the ticket on its asset. Raises Invalid where that needs an asset;
    the finding itself is kept in any case."""
    if session.get(Finding, found.id) is not None:
        return
    row = _row(event, found, at=at, site_id=site_id, asset_id=_asset_of(session, found, checkpoint))
    session.add(row)
    session.flush()
    if not found.ticket:
        return
    if row.asset_id is None:
        raise Invalid(
            "The finding is kept. A ticket needs a piece of equipment: choose one at the desk.",
            "隐患已记录。生成工单需要指定设备，请在工作台选择。",
            code="asset_needed",
        )
    make_ticket(session, row, now=now, actor=actor)


def make_ticket(session: Session, row: Finding, *, now: datetime, actor: Actor) -> int:
    """The ticket of a finding; the one it has, if it has one. Its owner gets it, if they may; its deadline is due."""
    if row.ticket_id is not None:
        return row.ticket_id
    assert row.asset_id is not None
    person = session.get(User, row.user_id)
    user = CurrentUser(
        id=row.user_id,
        name=actor.name,
        display_name=person.display_name if person else actor.name,
        role=person.role if person else Role.GUARD,
        locale=None,
        session_id=None,
    )
    parts = [row.text]
    if row.standard:
        parts.append(f"标准 Standard: {row.standard}")
    ticket = tickets.report(
        session,
        now=now,
        user=user,
        asset_id=row.asset_id,
        title=row.text.splitlines()[0][:_TITLE],
        description="\n".join(parts),
        severity=Severity(row.severity),
        owner_id=row.owner_id,
        due_at=row.deadline,
    )
    row.ticket_id = ticket.id
    return ticket.id


def recheck(session: Session, event: PhoneEvent, seen: Rechecked, *, at: datetime) -> bool:
    """Looked at again: gone, or still there. False where there is no such finding."""
    row = session.get(Finding, seen.finding_id, with_for_update=True)
    if row is None:
        return False
    entry: dict[str, object] = {
        "event": event.id,
        "at": at.isoformat(),
        "by": event.user_id,
        "fixed": seen.fixed,
        "photo_ids": list(seen.photo_ids),
    }
    row.rechecks = [*row.rechecks, entry]
    if seen.fixed and row.fixed_at is None:
        row.fixed_at, row.fixed_by = at, event.user_id
    return True


def _asset_of(session: Session, found: Found, checkpoint: Checkpoint | None) -> int | None:
    """What it is about: as the phone says, else what stands at the checkpoint; None: nothing that there is."""
    asset_id = found.asset_id or (checkpoint.asset_id if checkpoint else None)
    return asset_id if asset_id is not None and session.get(Asset, asset_id) is not None else None


def _row(
    event: PhoneEvent, found: Found, *, at: datetime, site_id: int | None, asset_id: int | None
) -> Finding:
    return Finding(
        id=found.id,
        event_id=event.id,
        site_id=site_id,
        round_id=found.round_id,
        checkpoint_id=found.checkpoint_id,
        asset_id=asset_id,
        user_id=event.user_id,
        at=at,
        text=found.text,
        standard=found.standard,
        severity=found.severity,
        photo_ids=list(found.photo_ids),
        owner_id=found.owner_id,
        deadline=_deadline(found.deadline),
        rechecks=[],
    )


def _deadline(given: int | str | None) -> datetime | None:
    if given is None:
        return None
    if isinstance(given, int):
        return from_ms(given)
    try:
        parsed = datetime.fromisoformat(given)
    except ValueError:
        return None
    return parsed if parsed.tzinfo is not None else None
