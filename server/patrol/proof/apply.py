"""What a batch of events does: scans are judged here, everything else is done in ``deeds``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import cast

from sqlalchemy import Table, insert

from server.patrol.checkpoints.models import Checkpoint
from server.patrol.checkpoints.policy import Policy, Strength, TagKind
from server.patrol.evidence.events import ScanMade
from server.patrol.evidence.models import PatrolException
from server.patrol.proof import learning
from server.patrol.proof.batch import OK, Applied, Came
from server.patrol.proof.book import Visit
from server.patrol.proof.deeds import Deeds
from server.patrol.proof.judging import Facts, Fix, Verdict, counts, distance_m, judge
from server.patrol.proof.reading_tags import ReadTag, read_tag
from server.patrol.proof.reasons import REASONS, text_of
from server.patrol.rounds import alarms
from server.patrol.rounds import service as rounds
from server.patrol.rounds.lateness import LegState, RoundState, state_of_scan
from server.patrol.rounds.models import RoundLeg
from server.patrol.rounds.walking import tolerance_of, window_of
from server.patrol.rounds.walks import Walk

_EXCEPTIONS = cast("Table", PatrolException.__table__)


class Applier(Deeds):
    """One batch of one phone: it writes rows, and gives the log what it decided."""

    def apply(self, came: Came) -> Applied:
        """Do what the event says, if it may be believed; what is wrong with it becomes an exception."""
        payload = came.payload
        if payload is None or "tampered" in came.codes:
            self._except_codes(came, came.codes, None, None)
            return Applied(strength="refused" if came.event.kind == "scan" else None, codes=came.codes)
        if isinstance(payload, ScanMade):
            return self._scan(came, payload)
        applied = self._do(came, payload)
        bad = [code for code in came.codes if REASONS[code].is_exception]
        self._except_codes(came, bad, applied.round_id, getattr(payload, "checkpoint_id", None))
        return applied

    def finish(self) -> None:
        """Write what was collected, and settle the rounds that were touched."""
        self._write_so_far()
        for round_id in sorted(self._touched):
            walk = self.book.walks[round_id]
            was_closed = walk.round.closed_at is not None
            rounds.settle(self.session, walk, policy=self.book.policy(walk.round.site_id), now=self.now)
            if was_closed:
                alarms.settle_evidence(self.session, walk, now=self.now)
            if walk.round.state == RoundState.FINISHED:
                learning.learn(self.session, walk, self.book)
        if self._exceptions:
            self.session.execute(insert(_EXCEPTIONS), self._exceptions)

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
            self._note_stay(came, checkpoint)
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


def _fix(came: Came, checkpoint: Checkpoint | None, policy: Policy) -> Fix | None:
    """The phone's place against the checkpoint's; None where either is unknown or too old to say anything."""
    place = came.event.place
    if place is None or checkpoint is None or checkpoint.lat_e7 is None or checkpoint.lng_e7 is None:
        return None
    if place.accuracy_m > policy.place_accuracy_m or place.age_ms > policy.place_age_s * 1000:
        return None
    metres = distance_m((place.lat_e7, place.lng_e7), (checkpoint.lat_e7, checkpoint.lng_e7))
    return Fix(metres, place.accuracy_m, checkpoint.radius_m or policy.place_radius_m)
