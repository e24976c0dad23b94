"""What each kind of event besides a scan does."""

from __future__ import annotations

from server.audit.service import Actor
from server.db import insert_ignoring, note_change
from server.errors import DomainError, Label
from server.patrol.evidence.events import (
    Answered,
    CallAnswered,
    Contested,
    Found,
    HandedOver,
    LoneStarted,
    Payload,
    Rechecked,
    RoundFinished,
    RoundStarted,
    SosCancelled,
    SosSent,
)
from server.patrol.on_site import answers, findings
from server.patrol.on_site.models import Handover
from server.patrol.proof.batch import Applied, Batch, Came
from server.patrol.proof.reasons import text_of
from server.patrol.rounds import calling
from server.patrol.rounds.models import Contest
from server.patrol.rounds.walking import window_of
from server.patrol.safety import calls, lone_workers
from server.patrol.safety.whereabouts import site_of


def _no(code: str, en: str, zh: str, round_id: int | None = None) -> Applied:
    return Applied(code, Label(en=en, zh=zh), round_id=round_id)


class Deeds(Batch):
    """The verbs of one batch besides scanning."""

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
                    lone_workers.sign(self.session, came.event, at=came.at, now=self.now)
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
        site_id = payload.site_id or site_of(self.session, came.event.user_id, at=came.at)
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
                calls.call(
                    self.session,
                    now=self.now,
                    event_id=came.event.id,
                    user_id=came.event.user_id,
                    at=came.at,
                    message=payload.message,
                    place=came.event.place,
                )
            case SosCancelled():
                if not calls.cancel(
                    self.session, payload.sos_id, user_id=came.event.user_id, now=self.now, at=came.at
                ):
                    return _no("unknown_sos", "There is no such call.", "没有此求助记录。")
            case LoneStarted():
                lone_workers.start(self.session, came.event, every_s=payload.every_s, at=came.at)
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
