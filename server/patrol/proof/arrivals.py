"""Events as they arrive: read one by one, known ones answered as before, broken ones kept as they came."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import Label
from server.identity.person import CurrentUser
from server.patrol.evidence import log
from server.patrol.evidence.chain import NotCanonical, event_hash
from server.patrol.evidence.events import Payload, PhoneEvent, read_event, read_payload
from server.patrol.evidence.models import PatrolEvent, PatrolException

MALFORMED = Label(
    en="The record could not be read; it is kept, and your supervisor sees it.",
    zh="该记录无法读取，已保留并提交主管查看。",
)


@dataclass(frozen=True)
class Answer:
    """What the phone hears about one event."""

    id: str
    status: str
    """accepted, duplicate, refused."""
    code: str = "ok"
    message: Label | None = None
    strength: str | None = None
    reasons: Sequence[str] = ()

    def as_dict(self) -> dict[str, object]:
        """As it is kept with the event."""
        return {
            "code": self.code,
            "message": self.message,
            "strength": self.strength,
            "reasons": list(self.reasons),
            "status": self.status,
        }


@dataclass
class Arrival:
    raw: Mapping[str, object]
    event: PhoneEvent
    payload: Payload | None
    codes: list[str] = field(default_factory=list)
    payload_error: str | None = None


def read(raw: Mapping[str, object], phone_id: str) -> Arrival | str:
    """The event, or what is wrong with it."""
    try:
        event = read_event(raw)
        own_hash = event_hash(raw)
    except (msgspec.ValidationError, NotCanonical) as error:
        return str(error)
    if event.device_id != phone_id:
        return "it was made on another phone"
    arrival = Arrival(raw, event, None)
    if own_hash != event.hash:
        arrival.codes.append("tampered")
    try:
        arrival.payload = read_payload(event)
    except msgspec.ValidationError as error:
        arrival.payload_error = str(error)
    return arrival


def keep_unreadable(
    session: Session,
    raw: Mapping[str, object],
    problem: str,
    *,
    now: datetime,
    user: CurrentUser,
    phone_id: str,
) -> Answer:
    """It goes to the log and the supervisor as it came; the phone may forget it."""
    text = json.dumps(raw, ensure_ascii=True)[:8000]
    given = raw.get("id")
    event_id = given if isinstance(given, str) and len(given) <= 64 else "unknown"
    log.note(
        session,
        now=now,
        kind="unreadable",
        detail={"sent": text, "problem": problem[:500], "phone": phone_id},
        user_id=user.id,
    )
    detail = Label(
        en=f"An event could not be read: {problem[:300]}", zh=f"收到无法读取的记录：{problem[:300]}"
    )
    session.add(
        PatrolException(
            at=now, recorded_at=now, code="unreadable", user_id=user.id, phone_id=phone_id, detail=detail
        )
    )
    return Answer(event_id, "refused", "unreadable", MALFORMED)


def answer_known(session: Session, arrivals: dict[int, Arrival], answers: dict[int, Answer]) -> None:
    """Answer what was sent before, and what stands in the batch twice."""
    ids = {arrival.event.id for arrival in arrivals.values()}
    known = {
        row.id: row.answer
        for row in session.execute(select(PatrolEvent.id, PatrolEvent.answer).where(PatrolEvent.id.in_(ids)))
    }
    first: set[str] = set()
    for index, arrival in list(arrivals.items()):
        event_id = arrival.event.id
        if event_id in known:
            answers[index] = _again(event_id, known[event_id])
        elif event_id in first:
            answers[index] = Answer(event_id, "duplicate")
        else:
            first.add(event_id)
            continue
        del arrivals[index]


def _again(event_id: str, kept: Mapping[str, object]) -> Answer:
    message, reasons = kept.get("message"), kept.get("reasons")
    return Answer(
        event_id,
        "duplicate",
        str(kept.get("code", "ok")),
        Label(en=str(message["en"]), zh=str(message["zh"])) if isinstance(message, dict) else None,
        str(kept["strength"]) if kept.get("strength") else None,
        [str(code) for code in reasons] if isinstance(reasons, list) else (),
    )
