"""What each kind of event besides a scan does, and what supervisors are shown of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import uuid4

from sqlalchemy import Table, insert, update
from sqlalchemy.orm import Session

from server.audit.service import Actor
from server.db import insert_ignoring, note_change
from server.errors import DomainError, Label
from server.identity.models import User
from server.patrol import answers, calling, findings, rounds, safety
from server.patrol.book import Book, Walk
from server.patrol.events import (
    Answered,
    CallAnswered,
    Contested,
    Found,
    HandedOver,
    LoneStarted,
    Payload,
    PhoneEvent,
    Rechecked,
    RoundFinished,
    RoundStarted,
    SosCancelled,
    SosSent,
)
from server.patrol.house import PatrolHouse
from server.patrol.lateness import LegState
from server.patrol.log import Entry
from server.patrol.models import Checkpoint
from server.patrol.proof import Verdict, counts, verdict_of
from server.patrol.reasons import REASONS, text_of
from server.patrol.records import Contest, Handover, Scan
from server.patrol.walking import window_of

OK = "ok"
_SCANS = cast("Table", Scan.__table__)
"""The table and not the class: the mapper would look at each value of each row once more."""


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


class Deeds:
    """The verbs of one batch besides scanning."""

    def __init__(self, session: Session, house: PatrolHouse, book: Book, *, now: datetime) -> None:
        self.session = session
        self.house = house
        self.book = book
        self.now = now
        self.entries: list[Entry] = []
        """What the server decided meanwhile, for the log."""
        self._scans: dict[str, dict[str, object]] = {}
        self._exceptions: list[dict[str, object]] = []
        self._touched: set[int] = set()
        """Rounds to be settled at the end."""
        self._people: dict[int, User | None] = {}
        self._last: dict[int, tuple[str, Checkpoint, datetime]] = {}
        """Person to their newest scan of this batch, for how long they stayed."""

    def _write_so_far(self) -> None:
        """What was done of this batch, for who looks where a person walks and was last."""
        if self._scans:
            self.session.execute(insert(_SCANS), list(self._scans.values()))
            self._scans.clear()
        self.session.flush()

    def _do(self, came: Came, payload: Payload) -> Applied:
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
            case HandedOver() | Contested() | CallAnswered():
                applied = self._say(came, payload)
            case SosSent() | SosCancelled() | LoneStarted():
                applied = self._safety(came, payload)
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

    def _say(self, came: Came, payload: HandedOver | Contested | CallAnswered) -> Applied:
        match payload:
            case HandedOver():
                return self._handover(came, payload)
            case Contested():
                return self._contest(came, payload)
            case CallAnswered():
                return self._answer_call(came, payload.call_id)

    def _handover(self, came: Came, payload: HandedOver) -> Applied:
        self._write_so_far()
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
        self._write_so_far()
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

    def _answer_call(self, came: Came, call_id: str) -> Applied:
        person = self._person(came.event.user_id)
        by = Actor(came.event.user_id, person.name if person else "?")
        round_id = calling.answer(self.session, call_id, by=by, at=came.at, now=self.now)
        if round_id is None:
            return _no("unknown_call", "There is no such call.", "没有此呼叫。")
        return Applied(round_id=round_id)

    def _person(self, user_id: int) -> User | None:
        if user_id not in self._people:
            self._people[user_id] = self.session.get(User, user_id)
        return self._people[user_id]

    def _walk_for(self, came: Came, round_id: int | None) -> tuple[Walk | None, list[str]]:
        walk = self.book.walks.get(round_id or 0)
        if walk is None:
            return None, []
        owner = walk.round.user_id
        return walk, ["not_your_round"] if owner not in (None, came.event.user_id) else []

    # -- how long one stayed

    def _note_stay(self, came: Came, checkpoint: Checkpoint) -> None:
        """The next scan says how long one stayed at the one before."""
        before = self._last.get(came.event.user_id)
        if before is not None and before[1].id != checkpoint.id:
            self._check_stay(came, *before)
        self._last[came.event.user_id] = (came.event.id, checkpoint, came.at)

    def _check_stay(self, came: Came, event_id: str, checkpoint: Checkpoint, since: datetime) -> None:
        stayed = came.at - since
        if checkpoint.dwell_s and timedelta(0) <= stayed < timedelta(seconds=checkpoint.dwell_s):
            self._amend(event_id, "dwell_short", checkpoint)

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


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
