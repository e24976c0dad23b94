"""Plays the month through the real synchronisation and compares with the truth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from server.clock import to_ms
from server.db import reading, session_factory, transaction
from server.patrol.checkpoints.policy import TagKind
from server.patrol.evidence import log
from server.patrol.evidence.models import PatrolException, Scan
from server.patrol.house import PatrolHouse
from server.patrol.proof import sync
from server.patrol.proof.clock import Stamp
from server.patrol.rounds import making
from server.patrol.rounds import service as rounds
from server.patrol.rounds.models import RoundLeg
from server.patrol.trial.month import (
    Forger,
    Visit,
    Walked,
    apply_attack,
    choose_attacks,
    expected,
    plan_visits,
)
from server.patrol.trial.world import ROUNDS_AT, WINDOW, Beat, Guard, add_round, build, people

START = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
SHIFT = timedelta(hours=12)
_KEY = "the key of a trial, known to everyone who reads this"
MOST_SENT = 200


@dataclass(frozen=True)
class Size:
    """How large a month."""

    routes: int = 20
    guards: int = 40
    legs: int = 8
    days: int = 30
    seed: int = 1


@dataclass
class Outcome:
    """What came of it."""

    scans: int = 0
    honest: int = 0
    downgraded: int = 0
    """Honest scans that got less than such a tag can give."""
    honest_excepted: Counter[str] = field(default_factory=Counter)
    """Honest scans a supervisor was shown, by code."""
    attacks: Counter[str] = field(default_factory=Counter)
    unflagged: list[str] = field(default_factory=list)
    legs: Counter[str] = field(default_factory=Counter)
    wrong_legs: list[str] = field(default_factory=list)
    chain_holds: bool = False
    strengths: Counter[str] = field(default_factory=Counter)

    @property
    def passed(self) -> bool:
        return (
            not self.unflagged
            and not self.wrong_legs
            and self.downgraded < 0.01 * self.honest
            and self.chain_holds
        )


@dataclass(frozen=True)
class Parcel:
    """What one phone sends at one moment."""

    at: datetime
    guard: Guard
    events: tuple[dict[str, object], ...]
    sent: Stamp
    taps: tuple[tuple[int, str], ...] = ()


def play(size: Size, engine: Engine) -> Outcome:
    """The whole month, on an empty database of the current schema."""
    random = Random(size.seed)  # noqa: S311 - a trial that can be repeated
    sessions = session_factory(engine)
    house = PatrolHouse(lambda: _KEY, Path("unused"), "https://trial.example")
    with transaction(sessions) as session:
        beats = build(session, house, random, routes=size.routes, legs=size.legs, now=START)
        guards = people(session, random, count=size.guards, now=START)
    for guard in guards:
        guard.seen_ms, guard.seen_mono_ms = to_ms(START), guard.mono_ms(START)
        _deliver(sessions, house, Parcel(START, guard, (), guard.stamp(START)))
    forger = Forger(house, beats, random)
    walks: list[Walked] = []
    late: list[Parcel] = []
    for shift in range(size.days * 2):
        begins = START + shift * SHIFT
        arrived, late = _due(late, begins)
        _deliver_all(sessions, house, forger, arrived)
        parcels = _walk_shift(
            sessions, beats, guards, forger=forger, random=random, begins=begins, shift=shift, walks=walks
        )
        now_due, still_late = _due(parcels, begins + SHIFT)
        late += still_late
        _deliver_all(sessions, house, forger, now_due)
        with transaction(sessions) as session:
            rounds.bring_up_to_date(session, now=begins + SHIFT)
    _deliver_all(sessions, house, forger, late)
    end = START + (size.days * 2 + 4) * SHIFT
    with transaction(sessions) as session:
        rounds.bring_up_to_date(session, now=end)
    with reading(sessions) as session:
        return _compare(session, walks)


def _walk_shift(
    sessions: sessionmaker[Session],
    beats: list[Beat],
    guards: list[Guard],
    *,
    forger: Forger,
    random: Random,
    begins: datetime,
    shift: int,
    walks: list[Walked],
) -> list[Parcel]:
    """Each route is walked by one guard, who is off every other shift."""
    mine: dict[int, list[Walked]] = {}
    with transaction(sessions) as session:
        for number, beat in enumerate(beats):
            guard = guards[(number * 2 + shift) % len(guards)]
            legs = making.legs_of(session, beat.id)
            for after in ROUNDS_AT[: 1 + (number + shift) % 2]:
                starts_at = begins + after
                found = add_round(session, beat, legs, starts_at, guard.user.id)
                walked = Walked(found.id, beat, guard, starts_at, starts_at + WINDOW)
                plan_visits(walked, random)
                choose_attacks(walked, random)
                walks.append(walked)
                mine.setdefault(guard.user.id, []).append(walked)
    return [
        parcel
        for walked in mine.values()
        for parcel in _record(walked, forger, random, shift_ends=begins + SHIFT)
    ]


def _record(walked: list[Walked], forger: Forger, random: Random, *, shift_ends: datetime) -> list[Parcel]:
    """What one guard's phone writes in a shift, and when it sends that."""
    guard = walked[0].guard
    is_online = random.random() < 0.4
    parcels: list[Parcel] = []
    taps: list[tuple[int, str]] = []
    if random.random() < 0.3:
        guard.restart(walked[0].starts_at - timedelta(minutes=20), random)
    for one in walked:
        if one.visits:
            guard.note(
                random, one.visits[0].at - timedelta(minutes=1), "round_started", {"round_id": one.round_id}
            )
        for visit in one.visits:
            taps += _scan(guard, one, visit, forger, random)
        if one.visits:
            finished: dict[str, object] = {"round_id": one.round_id, "signature": None}
            last = one.visits[-1].at + timedelta(minutes=2)
            guard.note(random, last, "round_finished", finished)
        if is_online and one.visits:
            parcels.append(_parcel(guard, one.visits[-1].at + timedelta(minutes=3), taps))
            taps = []
    if not is_online:
        parcels.append(_parcel(guard, shift_ends + timedelta(minutes=random.uniform(1, 600)), taps))
    return parcels


def _scan(
    guard: Guard, walked: Walked, visit: Visit, forger: Forger, random: Random
) -> list[tuple[int, str]]:
    made = apply_attack(forger, visit, random)
    if visit.attack == "chain_gap":  # an event that somebody took out of the phone's log
        guard.note(random, visit.at - timedelta(seconds=20), "place", {})
        guard.waiting.pop()
    payload: dict[str, object] = {
        "round_id": walked.round_id,
        "checkpoint_id": visit.spot.id,
        "how": made.how,
        "text": made.text,
        "reason": None,
        "photo_ids": [],
    }
    event = guard.note(random, visit.at, "scan", payload, place=made.place, shift=made.shift)
    visit.event_id = str(event["id"])
    if visit.attack == "tampered":
        event["battery_percent"] = 71
    is_genuine = not visit.attack and visit.spot.kind is TagKind.NTAG424
    return [(visit.spot.id, made.text)] if is_genuine else []


def _parcel(guard: Guard, at: datetime, taps: list[tuple[int, str]]) -> Parcel:
    parcel = Parcel(at, guard, tuple(guard.waiting), guard.stamp(at), tuple(taps))
    guard.waiting.clear()
    guard.saw_server(at)
    return parcel


def _due(parcels: list[Parcel], until: datetime) -> tuple[list[Parcel], list[Parcel]]:
    return [one for one in parcels if one.at <= until], [one for one in parcels if one.at > until]


def _deliver_all(
    sessions: sessionmaker[Session], house: PatrolHouse, forger: Forger, parcels: list[Parcel]
) -> None:
    for parcel in sorted(parcels, key=lambda one: (one.at, one.guard.user.id)):
        _deliver(sessions, house, parcel)
        for spot_id, text in parcel.taps:
            forger.used.setdefault(spot_id, []).append(text)


def _deliver(sessions: sessionmaker[Session], house: PatrolHouse, parcel: Parcel) -> None:
    with transaction(sessions) as session:
        sync.take_in(
            session,
            house,
            now=parcel.at + timedelta(milliseconds=400),
            user=parcel.guard.user,
            phone_id=parcel.guard.phone,
            app="0.1.0",
            raw_events=parcel.events[:MOST_SENT],
            sent=parcel.sent,
        )


def _compare(session: Session, walks: list[Walked]) -> Outcome:
    outcome = Outcome(chain_holds=log.verify(session) is None)
    scans: dict[str, str] = {row.id: row.strength for row in session.execute(select(Scan.id, Scan.strength))}
    flagged: dict[str, set[str]] = {}
    for event_id, code in session.execute(select(PatrolException.event_id, PatrolException.code)):
        flagged.setdefault(event_id or "", set()).add(code)
    legs: dict[tuple[int, int], str] = {
        (row.round_id, row.checkpoint_id): row.state
        for row in session.execute(select(RoundLeg.round_id, RoundLeg.checkpoint_id, RoundLeg.state))
    }
    for walked in walks:
        for visit in walked.visits:
            _judge_visit(
                outcome, visit, scans.get(visit.event_id, "lost"), flagged.get(visit.event_id, set())
            )
        for checkpoint_id, state in walked.truth().items():
            outcome.legs[state] += 1
            found = legs[walked.round_id, checkpoint_id]
            if found != state:
                outcome.wrong_legs.append(
                    f"round {walked.round_id}, checkpoint {checkpoint_id}: {found}, truly {state}"
                )
    return outcome


def _judge_visit(outcome: Outcome, visit: Visit, strength: str, codes: set[str]) -> None:
    outcome.scans += 1
    if visit.attack:
        outcome.attacks[visit.attack] += 1
        if not codes & expected(visit.attack):
            outcome.unflagged.append(f"{visit.attack} {visit.event_id} {sorted(codes)}")
        return
    outcome.honest += 1
    outcome.strengths[strength] += 1
    best = "strong" if visit.spot.kind is TagKind.NTAG424 else "fair"
    outcome.downgraded += strength != best
    outcome.honest_excepted.update(codes)
