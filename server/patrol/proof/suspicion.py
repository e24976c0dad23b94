"""What is wrong with the phone that sends: its chain of events, and in whose name it speaks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.identity.models import User
from server.identity.person import CurrentUser
from server.patrol.evidence.chain import FIRST_HASH
from server.patrol.evidence.models import PatrolEvent, Phone, PhoneUser
from server.patrol.proof.arrivals import Arrival

NEW_PHONE = timedelta(days=1)


def check_chain(session: Session, phone: Phone, batch: Sequence[Arrival]) -> None:
    """Each event must hang on the one before. What is missing, or there twice, is noted on the event after."""
    around = {arrival.event.seq for arrival in batch} | {arrival.event.seq - 1 for arrival in batch}
    known: dict[int, set[str]] = {0: {FIRST_HASH}}
    if phone.last_seq >= min(around):
        stored = session.execute(
            select(PatrolEvent.seq, PatrolEvent.body).where(
                PatrolEvent.phone_id == phone.id, PatrolEvent.seq.in_(around)
            )
        )
        for seq, body in stored:
            known.setdefault(seq or 0, set()).add(str(json.loads(body)["event"]["hash"]))
    for arrival in batch:
        event = arrival.event
        before = known.get(event.seq - 1)
        if before is None:
            arrival.codes.append("chain_gap")
        elif event.prev not in before:
            arrival.codes.append("chain_fork")
        if event.seq in known and event.hash not in known[event.seq]:
            arrival.codes.append("chain_fork")
        known.setdefault(event.seq, set()).add(event.hash)
        if event.seq > phone.last_seq:
            phone.last_seq, phone.last_hash = event.seq, event.hash


def check_people(
    session: Session, phone: Phone, batch: Sequence[Arrival], *, now: datetime, user: CurrentUser
) -> None:
    """Whose events these are: of who sends them, or of somebody who was logged in on this phone."""
    here = set(session.scalars(select(PhoneUser.user_id).where(PhoneUser.phone_id == phone.id)))
    named = {arrival.event.user_id for arrival in batch}
    exist = set(session.scalars(select(User.id).where(User.id.in_(named))))
    for arrival in batch:
        event = arrival.event
        if event.user_id != user.id and (event.user_id not in here or event.user_id not in exist):
            arrival.codes.append("other_login")
        if phone.revoked_at is not None:
            arrival.codes.append("phone_revoked")
        elif now - phone.first_seen < NEW_PHONE:
            arrival.codes.append("phone_new")
