"""Taking in what a phone sends: once, in its order, whole, and with an answer for each event.

An event is identified by its id: sent again, it is answered as before. Whatever is wrong with an
event is kept with it; the phone may forget every event that was answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.clock import from_ms, to_ms
from server.db import insert_ignoring, note_change
from server.identity.person import CurrentUser
from server.patrol.checkpoints.policy import Policy
from server.patrol.evidence import log
from server.patrol.evidence.chain import FIRST_HASH
from server.patrol.evidence.events import PhoneEvent, ScanMade, photos_of
from server.patrol.evidence.log import Entry
from server.patrol.evidence.models import Phone, PhoneUser
from server.patrol.house import PatrolHouse
from server.patrol.on_site import photos
from server.patrol.proof import clock
from server.patrol.proof.apply import Applier
from server.patrol.proof.arrivals import MALFORMED, Answer, Arrival, answer_known, keep_unreadable, read
from server.patrol.proof.batch import Applied, Came
from server.patrol.proof.book import Book, load
from server.patrol.proof.clock import Memory, Stamp
from server.patrol.proof.reading_tags import read_texts
from server.patrol.proof.reasons import text_of
from server.patrol.proof.suspicion import check_chain, check_people


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
    with session.no_autoflush:  # each look-up would write the phone and the checkpoints that changed so far
        phone = meet_phone(session, now=now, phone_id=phone_id, user_id=user.id, app=app)
        answers: dict[int, Answer] = {}
        arrivals: dict[int, Arrival] = {}
        for index, raw in enumerate(raw_events):
            arrival = read(raw, phone_id)
            if isinstance(arrival, str):
                answers[index] = keep_unreadable(session, raw, arrival, now=now, user=user, phone_id=phone_id)
            else:
                arrivals[index] = arrival
        answer_known(session, arrivals, answers)
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


def _judge(
    session: Session,
    house: PatrolHouse,
    phone: Phone,
    arrivals: Mapping[int, Arrival],
    answers: dict[int, Answer],
    *,
    now: datetime,
    user: CurrentUser,
    sent: Stamp | None,
) -> None:
    ordered = sorted(arrivals.items(), key=lambda item: (item[1].event.seq, item[0]))
    batch = [arrival for _, arrival in ordered]
    check_chain(session, phone, batch)
    check_people(session, phone, batch, now=now, user=user)
    book = _book(session, house, batch, now=now)
    moments = _moments(phone, batch, book, now=now, sent=sent)
    applier = Applier(session, house, book, now=now)
    entries: list[Entry] = []
    for (index, arrival), moment in zip(ordered, moments, strict=True):
        if moment.is_tricked:
            arrival.codes.append("clock_moved")
        came = _came(arrival, moment)
        applied = applier.apply(came)
        answers[index] = _answer(arrival, applied)
        entries.append(_entry(arrival, came, applied, answers[index]))
    applier.finish()
    photos.note_takers(session, _shown(batch))
    log.append(session, entries + applier.entries, now=now)


def _shown(batch: Sequence[Arrival]) -> dict[str, tuple[int, str]]:
    """(person, event) by photo, as far as the event may be believed."""
    shown: dict[str, tuple[int, str]] = {}
    for arrival in batch:
        if arrival.payload is not None and not {"tampered", "other_login"}.intersection(arrival.codes):
            for photo in photos_of(arrival.payload):
                shown.setdefault(photo, (arrival.event.user_id, arrival.event.id))
    return shown


def _book(session: Session, house: PatrolHouse, batch: Sequence[Arrival], *, now: datetime) -> Book:
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
        texts=read_texts(texts, house.public_url),
        checkpoint_ids=checkpoints,
        round_ids=rounds,
        user_ids={arrival.event.user_id for arrival in batch},
        since=from_ms(min(walls)) - slack,
        until=min(from_ms(max(walls)) + slack, now),
    )


def _moments(
    phone: Phone, batch: Sequence[Arrival], book: Book, *, now: datetime, sent: Stamp | None
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


def _came(arrival: Arrival, moment: clock.Moment) -> Came:
    return Came(
        event=arrival.event,
        payload=arrival.payload,
        at=from_ms(moment.at_ms),
        uncertain=timedelta(milliseconds=moment.uncertain_ms),
        codes=tuple(dict.fromkeys(arrival.codes)),
    )


def _answer(arrival: Arrival, applied: Applied) -> Answer:
    event_id = arrival.event.id
    if "tampered" in arrival.codes:
        return Answer(event_id, "refused", "tampered", text_of("tampered"), applied.strength, applied.codes)
    if arrival.payload_error is not None:
        return Answer(event_id, "refused", "unreadable", MALFORMED)
    if arrival.payload is None:
        return Answer(event_id, "refused", "unknown_kind", MALFORMED)
    status = "refused" if applied.strength == "refused" or applied.code != "ok" else "accepted"
    return Answer(event_id, status, applied.code, applied.message, applied.strength, applied.codes)


def _entry(arrival: Arrival, came: Came, applied: Applied, answer: Answer) -> Entry:
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
