"""Taking in what a phone sends: once, in its order, whole, and with an answer for each event.

An event is identified by its id: sent again, it is answered as before. Whatever is wrong with an
event is kept with it; the phone may forget every event that was answered.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.clock import from_ms, to_ms
from server.db import insert_ignoring, note_change
from server.errors import Label
from server.identity.access import CurrentUser
from server.identity.models import User
from server.patrol import clock, log
from server.patrol.apply import Applier
from server.patrol.book import Book, load
from server.patrol.chain import FIRST_HASH, NotCanonical, event_hash
from server.patrol.clock import Memory, Stamp
from server.patrol.deeds import Applied, Came
from server.patrol.events import Payload, PhoneEvent, ScanMade, read_event, read_payload
from server.patrol.house import PatrolHouse
from server.patrol.log import Entry
from server.patrol.policy import Policy
from server.patrol.proof import text_of
from server.patrol.reading_tags import codes_in
from server.patrol.records import PatrolEvent, PatrolException, Phone, PhoneUser

NEW_PHONE = timedelta(days=1)
_MALFORMED = Label(
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
class _Arrival:
    raw: Mapping[str, object]
    event: PhoneEvent
    payload: Payload | None
    codes: list[str] = field(default_factory=list)
    payload_error: str | None = None


def take_in(
    session: Session,
    house: PatrolHouse,
    *,
    now: datetime,
    user: CurrentUser,
    phone_id: str,
    app: str,
    raw_events: Sequence[Mapping[str, object]],
    sent: Stamp | None,
) -> list[Answer]:
    """Keep and judge a batch; the answers stand in the order of the events."""
    phone = meet_phone(session, now=now, phone_id=phone_id, user_id=user.id, app=app)
    answers: dict[int, Answer] = {}
    arrivals: dict[int, _Arrival] = {}
    for index, raw in enumerate(raw_events):
        read = _read(raw, phone_id)
        if isinstance(read, str):
            answers[index] = _keep_unreadable(session, raw, read, now=now, user=user, phone_id=phone_id)
        else:
            arrivals[index] = read
    _answer_known(session, arrivals, answers)
    if arrivals:
        _judge(session, house, phone, arrivals, answers, now=now, user=user, sent=sent)
        note_change(session, "patrol")
    elif sent is not None:
        phone.offset_ms = to_ms(now) - sent.wall_ms
        phone.last_stamp = clock.as_dict(sent._replace(seq=phone.last_seq))
    return [answers[index] for index in range(len(raw_events))]


def meet_phone(session: Session, *, now: datetime, phone_id: str, user_id: int, app: str) -> Phone:
    """The phone's row, locked; made at its first visit. Notes who is logged in there."""
    insert_ignoring(
        session,
        Phone,
        [
            {
                "id": phone_id,
                "user_id": user_id,
                "app": app,
                "first_seen": now,
                "last_seen": now,
                "last_seq": 0,
                "last_hash": FIRST_HASH,
            }
        ],
    )
    insert_ignoring(session, PhoneUser, [{"phone_id": phone_id, "user_id": user_id, "since": now}])
    phone = session.scalars(select(Phone).where(Phone.id == phone_id).with_for_update()).one()
    phone.last_seen, phone.app = now, app
    return phone


def _read(raw: Mapping[str, object], phone_id: str) -> _Arrival | str:
    """The event, or what is wrong with it."""
    try:
        event = read_event(raw)
        own_hash = event_hash(raw)
    except (msgspec.ValidationError, NotCanonical) as error:
        return str(error)
    if event.device_id != phone_id:
        return "it was made on another phone"
    arrival = _Arrival(raw, event, None)
    if own_hash != event.hash:
        arrival.codes.append("tampered")
    try:
        arrival.payload = read_payload(event)
    except msgspec.ValidationError as error:
        arrival.payload_error = str(error)
    return arrival


def _keep_unreadable(
    session: Session,
    raw: Mapping[str, object],
    problem: str,
    *,
    now: datetime,
    user: CurrentUser,
    phone_id: str,
) -> Answer:
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
    return Answer(event_id, "refused", "unreadable", _MALFORMED)


def _answer_known(session: Session, arrivals: dict[int, _Arrival], answers: dict[int, Answer]) -> None:
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


def _judge(
    session: Session,
    house: PatrolHouse,
    phone: Phone,
    arrivals: Mapping[int, _Arrival],
    answers: dict[int, Answer],
    *,
    now: datetime,
    user: CurrentUser,
    sent: Stamp | None,
) -> None:
    ordered = sorted(arrivals.items(), key=lambda item: (item[1].event.seq, item[0]))
    batch = [arrival for _, arrival in ordered]
    _check_chain(session, phone, batch)
    _check_people(session, phone, batch, now=now, user=user)
    book = _book(session, house, batch, now=now)
    moments = _moments(phone, batch, book, now=now, sent=sent)
    applier = Applier(session, house, book, now=now)
    entries: list[Entry] = []
    with session.no_autoflush:  # each look-up would write the checkpoints that changed so far
        for (index, arrival), moment in zip(ordered, moments, strict=True):
            if moment.is_tricked:
                arrival.codes.append("clock_moved")
            came = _came(arrival, moment)
            applied = applier.apply(came)
            answers[index] = _answer(arrival, applied)
            entries.append(_entry(arrival, came, applied, answers[index]))
        applier.finish()
    log.append(session, entries + applier.entries, now=now)


def _check_chain(session: Session, phone: Phone, batch: Sequence[_Arrival]) -> None:
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


def _check_people(
    session: Session, phone: Phone, batch: Sequence[_Arrival], *, now: datetime, user: CurrentUser
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


def _book(session: Session, house: PatrolHouse, batch: Sequence[_Arrival], *, now: datetime) -> Book:
    texts, checkpoints, rounds = [], set(), set()
    for arrival in batch:
        payload = arrival.payload
        if isinstance(payload, ScanMade):
            texts.append(payload.text)
        if (checkpoint := getattr(payload, "checkpoint_id", None)) is not None:
            checkpoints.add(checkpoint)
        if (round_id := getattr(payload, "round_id", None)) is not None:
            rounds.add(round_id)
    walls = [arrival.event.wall_ms for arrival in batch]
    slack = timedelta(hours=26)  # clocks are wrong by hours; a day is a wrong date
    return load(
        session,
        codes=codes_in(texts, house.public_url),
        checkpoint_ids=checkpoints,
        round_ids=rounds,
        user_ids={arrival.event.user_id for arrival in batch},
        since=from_ms(min(walls)) - slack,
        until=min(from_ms(max(walls)) + slack, now),
    )


def _moments(
    phone: Phone, batch: Sequence[_Arrival], book: Book, *, now: datetime, sent: Stamp | None
) -> list[clock.Moment]:
    stamps = [stamp_of(arrival.event) for arrival in batch]
    memory = Memory(phone.offset_ms, clock.from_dict(phone.last_stamp))
    tolerance_ms = _policy(book).clock_tolerance_s * 1000
    moments = clock.estimate(
        stamps, received_ms=to_ms(now), sent=sent, memory=memory, tolerance_ms=tolerance_ms
    )
    kept = clock.remembered(stamps, moments, sent=sent, received_ms=to_ms(now), before=memory)
    phone.offset_ms = kept.offset_ms
    phone.last_stamp = clock.as_dict(kept.last) if kept.last is not None else None
    return moments


def _policy(book: Book) -> Policy:
    """Of the site that the batch is about."""
    sites = {walk.round.site_id for walk in book.walks.values()} or {
        checkpoint.site_id for checkpoint in book.checkpoints.values()
    }
    return book.policy(min(sites, default=None))


def stamp_of(event: PhoneEvent) -> Stamp:
    """The clocks of an event."""
    return Stamp(
        event.seq, event.wall_ms, event.mono_ms, event.boot, event.server_seen_ms, event.server_seen_mono_ms
    )


def _came(arrival: _Arrival, moment: clock.Moment) -> Came:
    return Came(
        event=arrival.event,
        payload=arrival.payload,
        at=from_ms(moment.at_ms),
        uncertain=timedelta(milliseconds=moment.uncertain_ms),
        codes=tuple(dict.fromkeys(arrival.codes)),
    )


def _answer(arrival: _Arrival, applied: Applied) -> Answer:
    event_id = arrival.event.id
    if "tampered" in arrival.codes:
        return Answer(event_id, "refused", "tampered", text_of("tampered"), applied.strength, applied.codes)
    if arrival.payload_error is not None:
        return Answer(event_id, "refused", "unreadable", _MALFORMED)
    if arrival.payload is None:
        return Answer(event_id, "refused", "unknown_kind", _MALFORMED)
    status = "refused" if applied.strength == "refused" or applied.code != "ok" else "accepted"
    return Answer(event_id, status, applied.code, applied.message, applied.strength, applied.codes)


def _entry(arrival: _Arrival, came: Came, applied: Applied, answer: Answer) -> Entry:
    verdict: dict[str, object] = {
        "at_ms": to_ms(came.at),
        "uncertain_ms": came.uncertain // timedelta(milliseconds=1),
        "reasons": list(dict.fromkeys([*came.codes, *applied.codes])),
        "strength": applied.strength,
        "code": answer.code,
        "problem": arrival.payload_error,
    }
    return Entry(
        id=arrival.event.id,
        origin="phone",
        kind=arrival.event.kind,
        at=came.at,
        body={"event": dict(arrival.raw), "verdict": verdict},
        answer=answer.as_dict(),
        phone_id=arrival.event.device_id,
        seq=arrival.event.seq,
        user_id=arrival.event.user_id,
        round_id=applied.round_id,
    )


__all__ = ["Answer", "meet_phone", "stamp_of", "take_in"]
