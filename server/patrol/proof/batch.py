"""What one batch of a phone collects: rows, what supervisors are shown, scans that turn out to be worth less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, insert, update
from sqlalchemy.orm import Session

from server.errors import Label
from server.identity.models import User
from server.patrol.checkpoints.models import Checkpoint
from server.patrol.evidence import log
from server.patrol.evidence.events import Payload, PhoneEvent
from server.patrol.evidence.log import Entry
from server.patrol.evidence.models import Scan
from server.patrol.house import PatrolHouse
from server.patrol.proof.book import Book
from server.patrol.proof.judging import Verdict, counts, verdict_of
from server.patrol.proof.reasons import REASONS, text_of
from server.patrol.rounds import service as rounds
from server.patrol.rounds.lateness import LegState
from server.patrol.rounds.walks import Walk

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


class Batch:
    """What is known of it and what was done so far. Verbs are in ``deeds`` and ``apply``."""

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
        self.entries.append(log.decision("amended", detail, now=self.now))
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


def _texts(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []
