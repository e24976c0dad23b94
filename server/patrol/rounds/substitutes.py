"""Rounds follow the shifts: who stands in for somebody walks their rounds, also those that exist already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.audit.service import SYSTEM
from server.db import note_change
from server.patrol.evidence import log
from server.patrol.rounds.lateness import RoundState
from server.patrol.rounds.models import Round, Schedule
from server.shifts.queries import Working, workings

_INSTANT = timedelta(microseconds=1)


def stand_in(working: Sequence[Working], user_id: int, at: datetime) -> int | None:
    """Who walks a round that begins ``at`` and is this person's: they, or who stands in for them on the
    shift of that time; None: they are away and nobody stands in, so that it is their team's."""
    for one in working:
        if not one.when.starts_at <= at < one.when.ends_at:
            continue
        if user_id in one.absent:
            return None
        for duty in one.duties:
            if duty.replaces == user_id:
                return duty.user_id
    return user_id


def move_rounds(session: Session, *, now: datetime) -> int:
    """Give rounds that did not begin to whom the shifts say by now; gives how many moved.

    A round that a person gave to somebody else stays with them.
    """
    rows = session.execute(
        select(Round, Schedule.user_id)
        .join(Schedule, Schedule.id == Round.schedule_id)
        .where(Schedule.user_id.is_not(None), Round.state == RoundState.DUE, Round.window_ends_at > now)
        .with_for_update(of=Round)
    ).all()
    working: dict[int, list[Working]] = {}
    for site_id in {found.site_id for found, _ in rows}:
        starts = [found.starts_at for found, _ in rows if found.site_id == site_id]
        working[site_id] = workings(session, start=min(starts), end=max(starts) + _INSTANT, site_id=site_id)
    moved = 0
    for found, user_id in rows:
        assert user_id is not None
        wanted = stand_in(working[found.site_id], user_id, found.starts_at)
        if wanted != found.planned_id:
            moved += found.user_id == found.planned_id
            _move(session, found, wanted, now=now)
    return moved


def _move(session: Session, found: Round, wanted: int | None, *, now: datetime) -> None:
    before, found.planned_id = found.planned_id, wanted
    if found.user_id != before:
        return
    found.user_id = wanted
    detail: dict[str, object] = {"round": found.id, "from": before, "to": wanted, "by": SYSTEM.name}
    log.note(session, now=now, kind="round_substituted", detail=detail, round_id=found.id)
    audit.record(
        session,
        now=now,
        actor=SYSTEM,
        action="round.substituted",
        subject=("round", found.id),
        detail={"from": before, "to": wanted},
    )
    note_change(session, "patrol")
