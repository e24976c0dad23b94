"""What each kind of event does. One applier a batch; it writes rows, and gives the log what it decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from server.audit.service import Actor
from server.db import insert_ignoring, note_change
from server.errors import DomainError, Label
from server.identity.models import User
from server.patrol import answers, findings, learning, rounds, safety
from server.patrol.book import Book, Visit, Walk
from server.patrol.events import (
    Answered,
    Contested,
    Found,
    HandedOver,
    LoneStarted,
    Payload,
    PhoneEvent,
    Rechecked,
    RoundFinished,
    RoundStarted,
    ScanMade,
    SosCancelled,
    SosSent,
)
from server.patrol.house import PatrolHouse
from server.patrol.lateness import LegState, RoundState, state_of_scan
from server.patrol.log import Entry
from server.patrol.models import Checkpoint, RoundLeg
from server.patrol.policy import Policy, Strength, TagKind
from server.patrol.proof import REASONS, Facts, Fix, Verdict, counts, distance_m, judge, text_of, verdict_of
from server.patrol.reading_tags import ReadTag, read_tag
from server.patrol.records import Contest, Handover, PatrolException, Scan
from server.patrol.walking import refresh, tolerance_of, window_of

OK = "ok"


@dataclass(frozen=True)
class Came:
    """An event with what was found about its phone and its time."""

    event: PhoneEvent
    payload: Payload | None
    at: datetime
    uncertain: timedelta
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Applied:
    """What came of it."""

    code: str = OK
    message: Label | None = None
    strength: str | None = None
    codes: Sequence[str] = ()
    round_id: int | None = None


def _no(code: str, en: str, zh: str, round_id: int | None = None) -> Applied:
    return Applied(code, Label(en=en, zh=zh), round_id=round_id)


@dataclass
class Applier:
    """The verbs of one batch."""

    session: Session
    house: PatrolHouse
    book: Book
    now: datetime
    entries: list[Entry] = field(default_factory=list)
    """What the server decided meanwhile, for the log."""
    _scans: dict[str, dict[str, object]] = field(default_factory=dict)
    _exceptions: list[dict[str, object]] = field(default_factory=list)
    _touched: set[int] = field(default_factory=set)
    _people: dict[int, User | None] = field(default_factory=dict)
    _last: dict[int, tuple[str, Checkpoint, datetime]] = field(default_factory=dict)
    """Person to their newest scan of this batch, for how long they stayed."""

    def __init__(self, session: Session, house: PatrolHouse, book: Book, *, now: datetime) -> None:
        self.session, self.house, self.book, self.now = session, house, book, now
        self.entries, self._scans, self._exceptions = [], {}, []
        self._touched, self._people, self._last = set(), {}, {}

    def apply(self, came: Came) -> Applied:
        """Do what the event says, if it may be believed; what is wrong with it becomes an exception."""
        payload = came.payload
        if payload is None or "tampered" in came.codes:
            self._except_codes(came, came.codes, None, None)
            return Applied(strength="refused" if came.event.kind == "scan" else None, codes=came.codes)
        if isinstance(payload, ScanMade):
            return self._scan(came, payload)
        applied = self._other(came, payload)
        bad = [code for code in came.codes if REASONS[code].is_exception]
        self._except_codes(came, bad, applied.round_id, getattr(payload, "checkpoint_id", None))
        return applied

    def finish(self) -> None:
        """Write what was collected, and settle the rounds that were touched."""
        self._dwell_of_finished()
        if self._scans:
            self.session.execute(insert(Scan), list(self._scans.values()))
        for round_id in sorted(self._touched):
            walk = self.book.walks[round_id]
            was_closed = walk.round.closed_at is not None
            refresh(walk, policy=self.book.policy(walk.round.site_id), now=self.now)
            if was_closed:
                rounds.settle_evidence(self.session, walk, now=self.now)
            if walk.round.state == RoundState.FINISHED:
                learning.learn(self.session, walk, self.book)
        if self._exceptions:
            self.session.execute(insert(PatrolException), self._exceptions)

    # -- scans

    def _scan(self, came: Came, scan: ScanMade) -> Applied:
        walk, walk_codes = self._walk_for(came, scan.round_id)
        read = self._read_tag(came, scan, walk)
        checkpoint = read.checkpoint
        if scan.how == "photo":
            checkpoint = self.book.checkpoints.get(scan.checkpoint_id or 0)
        policy = self.book.policy(checkpoint.site_id if checkpoint else walk.round.site_id if walk else None)
        leg, leg_codes = self._leg_for(came, walk, checkpoint, policy)
        walk_codes += leg_codes
        if scan.checkpoint_id is not None and checkpoint is not None and scan.checkpoint_id != checkpoint.id:
            walk_codes.append("other_checkpoint")
        facts = self._facts(came, scan, read, checkpoint=checkpoint, policy=policy, walk_codes=walk_codes)
        verdict = judge(facts)
        does = checkpoint is not None and counts(verdict, policy)
        if walk is not None and leg is not None and does and "not_your_round" not in walk_codes:
            self._do_leg(came, walk, leg, verdict, policy)
        self._keep_scan(came, scan, read, checkpoint=checkpoint, walk=walk, verdict=verdict, does=does)
        self._except_codes(
            came, verdict.exceptions, walk.round.id if walk else None, checkpoint.id if checkpoint else None
        )
        for event_id in read.kept:
            if checkpoint is not None:
                self._amend(event_id, "counter_out_of_time", checkpoint)
        if checkpoint is not None and verdict.strength.rank >= Strength.FAIR.rank:
            self._note_stay(came, checkpoint, policy)
            visit = Visit(came.at, came.event.id, checkpoint.id, came.event.device_id, came.uncertain)
            self.book.add_visit(came.event.user_id, visit)
        refused = verdict.strength is Strength.REFUSED
        code = verdict.codes[0] if refused else OK
        return Applied(
            code,
            text_of(code) if refused else None,
            verdict.strength,
            verdict.codes,
            walk.round.id if walk else None,
        )

    def _read_tag(self, came: Came, scan: ScanMade, walk: Walk | None) -> ReadTag:
        if scan.how == "photo":
            return ReadTag(())
        return read_tag(
            self.session,
            self.house,
            self.book,
            text=scan.text,
            site_id=walk.round.site_id if walk else None,
            event_id=came.event.id,
            at=came.at,
            uncertain=came.uncertain,
        )

    def _walk_for(self, came: Came, round_id: int | None) -> tuple[Walk | None, list[str]]:
        walk = self.book.walks.get(round_id or 0)
        if walk is None:
            return None, []
        owner = walk.round.user_id
        return walk, ["not_your_round"] if owner not in (None, came.event.user_id) else []

    def _leg_for(
        self, came: Came, walk: Walk | None, checkpoint: Checkpoint | None, policy: Policy
    ) -> tuple[RoundLeg | None, list[str]]:
        if walk is None or checkpoint is None:
            return None, []
        legs = [leg for leg in walk.legs if leg.checkpoint_id == checkpoint.id]
        if not legs:
            return None, ["not_in_round"]
        window = window_of(walk.round, policy)
        if came.at < window.opens_at:
            return None, ["too_early"]
        if came.at > window.closes_at:
            return None, ["after_window"]
        open_legs = [leg for leg in legs if leg.state in {LegState.PENDING, LegState.MISSED}]
        leg = (open_legs or legs)[0]
        was_ahead = any(
            other.position > leg.position
            and other.cause is None
            and other.done_at is not None
            and other.done_at < came.at
            for other in walk.legs
        )
        is_first = leg in open_legs
        return leg, ["out_of_order"] if walk.round.walk == "ordered" and was_ahead and is_first else []

    def _facts(
        self,
        came: Came,
        scan: ScanMade,
        read: ReadTag,
        *,
        checkpoint: Checkpoint | None,
        policy: Policy,
        walk_codes: Sequence[str],
    ) -> Facts:
        least = policy.least_tag
        if checkpoint is not None and TagKind(checkpoint.least_tag).rank > least.rank:
            least = TagKind(checkpoint.least_tag)
        phone = [code for code in came.codes if code != "clock_moved"]
        if policy.known_phones_only and "phone_new" in phone:
            phone = ["phone_unknown" if code == "phone_new" else code for code in phone]
        travel_s, least_s = self._travel(came, checkpoint, policy)
        return Facts(
            how=scan.how,
            tag_codes=read.codes,
            tag_kind=read.kind,
            least_tag=least,
            phone_codes=phone,
            is_clock_moved="clock_moved" in came.codes,
            is_clock_unsure=came.uncertain > timedelta(seconds=policy.clock_tolerance_s),
            fix=_fix(came, checkpoint, policy),
            travel_s=travel_s,
            least_travel_s=least_s,
            walk_codes=walk_codes,
            has_photo=bool(scan.photo_ids),
            has_reason=bool(scan.reason and scan.reason.strip()),
        )

    def _travel(
        self, came: Came, checkpoint: Checkpoint | None, policy: Policy
    ) -> tuple[float | None, float]:
        """The tightest way to or from a neighbouring scan: (seconds it took at most, seconds it needs)."""
        if checkpoint is None:
            return None, 0
        tightest: tuple[float, float] | None = None
        for visit in self.book.neighbours(came.event.user_id, came.at):
            first, second = visit.checkpoint_id, checkpoint.id
            if visit.at > came.at:
                first, second = second, first
            needed = self.book.least_travel_s(first, second, policy)
            took = abs((came.at - visit.at).total_seconds())
            if visit.phone_id != came.event.device_id:
                took += (visit.uncertain + came.uncertain).total_seconds()
            if needed and (tightest is None or took - needed < tightest[0] - tightest[1]):
                tightest = took, needed
        return tightest if tightest is not None else (None, 0)

    def _do_leg(self, came: Came, walk: Walk, leg: RoundLeg, verdict: Verdict, policy: Policy) -> None:
        window = window_of(walk.round, policy)
        state = state_of_scan(window, at=came.at, due_at=leg.due_at, tolerance=tolerance_of(leg))
        if state is None:
            return
        is_done = leg.state in {LegState.DONE, LegState.LATE}
        better = is_done and leg.strength is not None and verdict.strength.rank > Strength(leg.strength).rank
        earlier = is_done and leg.done_at is not None and came.at < leg.done_at
        if is_done and not (better or earlier):
            return
        leg.state, leg.event_id, leg.done_at, leg.strength = state, came.event.id, came.at, verdict.strength
        leg.is_overdue = state is LegState.LATE
        if walk.round.user_id is None:
            walk.round.user_id = came.event.user_id
        if walk.round.started_at is None or came.at < walk.round.started_at:
            walk.round.started_at = came.at
        self._touched.add(walk.round.id)

    def _keep_scan(
        self,
        came: Came,
        scan: ScanMade,
        read: ReadTag,
        *,
        checkpoint: Checkpoint | None,
        walk: Walk | None,
        verdict: Verdict,
        does: bool,
    ) -> None:
        event, place = came.event, came.event.place if walk is not None else None
        self._scans[event.id] = {
            "id": event.id,
            "phone_id": event.device_id,
            "seq": event.seq,
            "user_id": event.user_id,
            "site_id": checkpoint.site_id if checkpoint else walk.round.site_id if walk else None,
            "round_id": walk.round.id if walk else None,
            "checkpoint_id": checkpoint.id if checkpoint else None,
            "tag_id": read.tag.id if read.tag else None,
            "how": scan.how,
            "at": came.at,
            "uncertain_s": round(came.uncertain.total_seconds()),
            "received_at": self.now,
            "strength": verdict.strength,
            "counts": does,
            "reasons": list(verdict.codes),
            "lat_e7": place.lat_e7 if place else None,
            "lng_e7": place.lng_e7 if place else None,
            "accuracy_m": place.accuracy_m if place else None,
            "photo_ids": list(scan.photo_ids),
        }

    # -- how long one stayed

    def _note_stay(self, came: Came, checkpoint: Checkpoint, policy: Policy) -> None:
        """The next scan says how long one stayed at the one before."""
        before = self._last.get(came.event.user_id)
        if before is not None and before[1].id != checkpoint.id:
            self._check_stay(came, *before)
        self._last[came.event.user_id] = (came.event.id, checkpoint, came.at)

    def _check_stay(self, came: Came, event_id: str, checkpoint: Checkpoint, since: datetime) -> None:
        stayed = came.at - since
        if checkpoint.dwell_s and timedelta(0) <= stayed < timedelta(seconds=checkpoint.dwell_s):
            self._amend(event_id, "dwell_short", checkpoint)

    def _dwell_of_finished(self) -> None:
        self._last.clear()

    def _amend(self, event_id: str, code: str, checkpoint: Checkpoint) -> None:
        """A scan turns out to be worth less."""
        kept = self._scans.get(event_id) or self._stored(event_id)
        if kept is None or code in (codes := [*_texts(kept["reasons"])]):
            return
        verdict = verdict_of([*codes, code])
        policy = self.book.policy(checkpoint.site_id)
        does = bool(kept["counts"]) and counts(verdict, policy)
        values = {"strength": verdict.strength, "reasons": list(verdict.codes), "counts": does}
        if event_id in self._scans:
            kept.update(values)
        else:
            self.session.execute(update(Scan).where(Scan.id == event_id).values(values))
        self._amend_leg(event_id, kept["round_id"], verdict, does=does)
        detail: dict[str, object] = {
            "scan": event_id,
            "reasons": list(verdict.codes),
            "strength": verdict.strength,
        }
        self.entries.append(self._decision("amended", detail))
        self._exceptions.append(
            self._exception(
                code,
                checkpoint_id=checkpoint.id,
                event_id=event_id,
                at=kept["at"],
                round_id=kept["round_id"],
                user_id=kept["user_id"],
                phone_id=kept["phone_id"],
            )
        )

    def _stored(self, event_id: str) -> dict[str, object] | None:
        row = self.session.get(Scan, event_id)
        if row is None:
            return None
        names = ("reasons", "counts", "round_id", "at", "user_id", "phone_id")
        return {name: getattr(row, name) for name in names}

    def _amend_leg(self, event_id: str, round_id: object, verdict: Verdict, *, does: bool) -> None:
        if not isinstance(round_id, int):
            return
        walk = self.book.walks.get(round_id)
        if walk is None:
            walk = self.book.walks[round_id] = rounds.get_round(self.session, round_id)
        for leg in walk.legs:
            if leg.event_id == event_id:
                leg.strength = verdict.strength
                if not does:
                    leg.state, leg.event_id, leg.done_at = LegState.PENDING, None, None
                self._touched.add(round_id)

    # -- everything else

    def _other(self, came: Came, payload: Payload) -> Applied:
        match payload:
            case RoundStarted():
                applied = self._start(came, payload.round_id)
            case RoundFinished():
                applied = self._finish_round(came, payload)
            case Answered():
                applied = self._answers(came, payload)
            case Found():
                applied = self._finding(came, payload)
            case Rechecked():
                applied = self._recheck(came, payload)
            case HandedOver():
                applied = self._handover(came, payload)
            case SosSent() | SosCancelled() | LoneStarted():
                applied = self._safety(came, payload)
            case Contested():
                applied = self._contest(came, payload)
            case _:
                applied = Applied()
                if came.event.kind in {"lone_ok", "lone_ended"}:
                    safety.lone_sign(self.session, came.event, at=came.at, now=self.now)
        return applied

    def _start(self, came: Came, round_id: int) -> Applied:
        walk, codes = self._walk_for(came, round_id)
        if walk is None:
            return _no("unknown_round", "There is no such round.", "没有此巡更任务。")
        if codes:
            return Applied("not_your_round", text_of("not_your_round"), codes=codes, round_id=round_id)
        found = walk.round
        window = window_of(found, self.book.policy(found.site_id))
        if not window.opens_at <= came.at <= window.closes_at:
            return _no(
                "outside_window", "It is not the time of this round.", "不在该巡更的时段内。", round_id
            )
        found.user_id = came.event.user_id
        if found.started_at is None or came.at < found.started_at:
            found.started_at = came.at
        self._touched.add(found.id)
        return Applied(round_id=round_id)

    def _finish_round(self, came: Came, payload: RoundFinished) -> Applied:
        walk, codes = self._walk_for(came, payload.round_id)
        if walk is None:
            return _no("unknown_round", "There is no such round.", "没有此巡更任务。")
        if codes:
            return Applied(
                "not_your_round", text_of("not_your_round"), codes=codes, round_id=payload.round_id
            )
        last = self._last.pop(came.event.user_id, None)
        if last is not None:
            self._check_stay(came, *last)
        if walk.round.finished_at is None or came.at > walk.round.finished_at:
            walk.round.finished_at = came.at
            walk.round.signature_id = payload.signature or walk.round.signature_id
        self._touched.add(walk.round.id)
        return Applied(round_id=payload.round_id)

    def _answers(self, came: Came, payload: Answered) -> Applied:
        refused = answers.keep(
            self.session,
            came.event,
            payload,
            at=came.at,
            checkpoint=self.book.checkpoints.get(payload.checkpoint_id),
        )
        if refused:
            return Applied("incomplete_form", refused[0].text, round_id=payload.round_id)
        return Applied(round_id=payload.round_id)

    def _finding(self, came: Came, payload: Found) -> Applied:
        person = self._person(came.event.user_id)
        checkpoint = self.book.checkpoints.get(payload.checkpoint_id or 0)
        walk = self.book.walks.get(payload.round_id or 0)
        try:
            findings.keep(
                self.session,
                came.event,
                payload,
                at=came.at,
                now=self.now,
                actor=Actor(came.event.user_id, person.name if person else "?"),
                checkpoint=checkpoint,
                site_id=checkpoint.site_id if checkpoint else walk.round.site_id if walk else None,
            )
        except DomainError as error:
            return Applied(error.code, error.detail, round_id=payload.round_id)
        return Applied(round_id=payload.round_id)

    def _recheck(self, came: Came, payload: Rechecked) -> Applied:
        if not findings.recheck(self.session, came.event, payload, at=came.at):
            return _no("unknown_finding", "There is no such finding.", "没有此隐患记录。")
        return Applied()

    def _handover(self, came: Came, payload: HandedOver) -> Applied:
        site_id = payload.site_id or safety.site_of(self.session, came.event.user_id, at=came.at)
        if site_id is None:
            return _no("unknown_site", "Say for which site the note is.", "请注明交接记录所属项目。")
        values = {
            "id": came.event.id,
            "site_id": site_id,
            "user_id": came.event.user_id,
            "at": came.at,
            "text": payload.text,
            "photo_ids": list(payload.photo_ids),
        }
        insert_ignoring(self.session, Handover, [values])
        return Applied()

    def _safety(self, came: Came, payload: SosSent | SosCancelled | LoneStarted) -> Applied:
        match payload:
            case SosSent():
                safety.call(
                    self.session,
                    now=self.now,
                    event_id=came.event.id,
                    user_id=came.event.user_id,
                    at=came.at,
                    message=payload.message,
                    place=came.event.place,
                )
            case SosCancelled():
                if not safety.cancel(
                    self.session, payload.sos_id, user_id=came.event.user_id, now=self.now, at=came.at
                ):
                    return _no("unknown_sos", "There is no such call.", "没有此求助记录。")
            case LoneStarted():
                safety.lone_start(self.session, came.event, every_s=payload.every_s, at=came.at)
        note_change(self.session, "sos")
        return Applied()

    def _contest(self, came: Came, payload: Contested) -> Applied:
        if payload.round_id not in self.book.walks:
            return _no("unknown_round", "There is no such round.", "没有此巡更任务。")
        values = {
            "id": came.event.id,
            "round_id": payload.round_id,
            "checkpoint_id": payload.checkpoint_id,
            "user_id": came.event.user_id,
            "at": came.at,
            "reason": payload.reason,
        }
        insert_ignoring(self.session, Contest, [values])
        return Applied(round_id=payload.round_id)

    def _person(self, user_id: int) -> User | None:
        if user_id not in self._people:
            self._people[user_id] = self.session.get(User, user_id)
        return self._people[user_id]

    # -- what supervisors see

    def _except_codes(
        self, came: Came, codes: Sequence[str], round_id: int | None, checkpoint_id: int | None
    ) -> None:
        for code in codes:
            if REASONS[code].is_exception:
                self._exceptions.append(
                    self._exception(
                        code,
                        checkpoint_id=checkpoint_id,
                        event_id=came.event.id,
                        at=came.at,
                        round_id=round_id,
                        user_id=came.event.user_id,
                        phone_id=came.event.device_id,
                    )
                )

    def _exception(
        self,
        code: str,
        *,
        checkpoint_id: int | None,
        event_id: str,
        at: object,
        round_id: object,
        user_id: object,
        phone_id: object,
    ) -> dict[str, object]:
        checkpoint = self.book.checkpoints.get(checkpoint_id or 0)
        walk = self.book.walks.get(round_id) if isinstance(round_id, int) else None
        return {
            "at": at,
            "recorded_at": self.now,
            "code": code,
            "site_id": checkpoint.site_id if checkpoint else walk.round.site_id if walk else None,
            "user_id": user_id,
            "phone_id": phone_id,
            "round_id": round_id,
            "checkpoint_id": checkpoint_id,
            "event_id": event_id,
            "detail": text_of(code),
        }

    def _decision(self, kind: str, detail: dict[str, object]) -> Entry:
        return Entry(
            id=str(uuid4()), origin="server", kind=kind, at=self.now, body={"detail": detail}, answer={}
        )


def _fix(came: Came, checkpoint: Checkpoint | None, policy: Policy) -> Fix | None:
    """The phone's place against the checkpoint's; None where either is unknown or too old to say anything."""
    place = came.event.place
    if place is None or checkpoint is None or checkpoint.lat_e7 is None or checkpoint.lng_e7 is None:
        return None
    if place.accuracy_m > policy.place_accuracy_m or place.age_ms > policy.place_age_s * 1000:
        return None
    metres = distance_m((place.lat_e7, place.lng_e7), (checkpoint.lat_e7, checkpoint.lng_e7))
    return Fix(metres, place.accuracy_m, checkpoint.radius_m or policy.place_radius_m)


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
