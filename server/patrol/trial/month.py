"""The month itself: who walked where and when, who cheated and how, and what is therefore true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from server.patrol.checkpoints import sun
from server.patrol.checkpoints.policy import TagKind
from server.patrol.house import PatrolHouse
from server.patrol.trial.world import LEG_EVERY, Beat, Guard, Spot, place_at, printed, tap

TOLERANCE = timedelta(minutes=5)
GRACE = timedelta(minutes=10)
CLEAR_OF_EDGES = timedelta(seconds=20)
"""Nobody scans so close to a limit: no clock in a phone says which side of it that was."""
ATTACKED = 0.05

STILL_COUNT = frozenset({"chain_gap", "dwell_short", "out_of_order"})
"""Flagged, yet the checkpoint was visited."""


@dataclass
class Visit:
    """One scan to be: who, where, when, and how it was made."""

    guard: Guard
    spot: Spot
    at: datetime
    attack: str = ""
    """Empty: honest."""
    event_id: str = ""


@dataclass
class Walked:
    """One round as it really was."""

    round_id: int
    beat: Beat
    guard: Guard
    starts_at: datetime
    ends_at: datetime
    visits: list[Visit] = field(default_factory=list)

    def truth(self) -> dict[int, str]:
        """Checkpoint to done, late or missed."""
        found = {spot.id: "missed" for spot in self.beat.spots}
        for position, spot in enumerate(self.beat.spots):
            due = self.starts_at + (position + 1) * LEG_EVERY
            limit = min(due + TOLERANCE, self.ends_at)
            for visit in self.visits:
                counts = not visit.attack or visit.attack in STILL_COUNT
                if visit.spot.id == spot.id and counts and visit.at <= self.ends_at + GRACE:
                    found[spot.id] = "done" if visit.at <= limit else "late"
        return found


@dataclass(frozen=True)
class Made:
    """The content of a scan."""

    text: str
    how: str
    place: dict[str, object] | None
    shift: timedelta = timedelta(0)


class Forger:
    """Makes honest scans, and every kind of dishonest one. ``attack`` names the code that must be found."""

    def __init__(self, house: PatrolHouse, beats: list[Beat], random: Random) -> None:
        self._house, self._beats, self._random = house, beats, random
        self.used: dict[int, list[str]] = {}
        """Chip's spot to taps that were used and have arrived."""
        self.kept: dict[int, list[tuple[str, datetime]]] = {}
        """Chip's spot to taps somebody made and kept, with when."""
        self.tapped_at: dict[int, datetime] = {}
        """Chip's spot to the newest honest tap that was not kept."""

    def honest(self, spot: Spot, at: datetime) -> Made:
        place = place_at(spot, self._random) if self._random.random() < 0.6 else None
        if spot.kind is TagKind.NTAG424:
            if self._random.random() < 0.04:
                self.kept.setdefault(spot.id, []).append((self._tap(spot), at))
            text = self._tap(spot)
            self.tapped_at[spot.id] = at
            return Made(text, self._random.choice(["nfc", "address"]), place)
        how = "camera" if spot.kind is TagKind.QR else "nfc"
        return Made(printed(self._house, spot.code), how, place)

    def printed(self, spot: Spot) -> str:
        """What stands on its label."""
        return printed(self._house, spot.code)

    def possible(self, spot: Spot, at: datetime) -> list[str]:
        """The attacks that can be tried here and now."""
        if spot.kind is TagKind.NTAG424:
            found = ["copied_address", "bad_message", "cloned", "factory_key"]
            found += ["replayed"] if self.used.get(spot.id) else []
            found += ["counter_out_of_time"] if self._old_kept(spot, at) else []
            found += ["better_tag_required"] * 2 if spot.wants_better else []
        else:
            found = ["far_away", "bad_signature"]
            found += ["address_without_place"] if spot.kind is TagKind.QR else []
        return [
            *found,
            "malformed",
            "unknown_tag",
            "other_site",
            "clock_back",
            "clock_forward",
            "tampered",
            "chain_gap",
        ]

    def forge(self, attack: str, spot: Spot, at: datetime) -> Made:
        makers: dict[str, Callable[[], Made]] = {
            "copied_address": lambda: self._bare(f"{self._house.public_url}/t/{spot.code}"),
            "bad_message": lambda: self._bare(self._flipped(self._tap(spot))),
            "cloned": lambda: self._bare(self._foreign(spot, self._random.randbytes(16))),
            "factory_key": lambda: self._bare(self._foreign(spot, sun.ZERO_KEY)),
            "replayed": lambda: self._bare(self._random.choice(self.used[spot.id])),
            "counter_out_of_time": lambda: self._bare(self._take_kept(spot, at)),
            "better_tag_required": lambda: Made(printed(self._house, spot.old_code), "camera", None),
            "far_away": lambda: Made(
                printed(self._house, spot.code), "camera", place_at(spot, self._random, far=True)
            ),
            "bad_signature": lambda: self._bare(f"{self._house.public_url}/t/{spot.code}?s=AAAAAAAAAAAAAAAA"),
            "address_without_place": lambda: Made(printed(self._house, spot.code), "address", None),
            "malformed": lambda: self._bare("WIFI:S:guests;T:WPA;P:12345678;;"),
            "unknown_tag": lambda: self._bare(printed(self._house, "zzzzzzzzzzzz")),
            "other_site": lambda: self._bare(self._elsewhere(spot)),
        }
        if attack in makers:
            return makers[attack]()
        made = self.honest(spot, at)
        minutes = self._random.randint(20, 110)
        shift = {"clock_back": -minutes, "clock_forward": minutes}.get(attack, 0)
        return Made(made.text, made.how, made.place, timedelta(minutes=shift))

    def _tap(self, spot: Spot) -> str:
        spot.counter += 1
        return tap(self._house, spot, spot.counter)

    def _bare(self, text: str) -> Made:
        return Made(text, "nfc", None)

    def _flipped(self, text: str) -> str:
        base, _, mac = text.rpartition("c=")
        index = self._random.randrange(len(mac))
        digit = "0" if mac[index] != "0" else "F"
        return f"{base}c={mac[:index]}{digit}{mac[index + 1 :]}"

    def _foreign(self, spot: Spot, key: bytes) -> str:
        counter = spot.counter + self._random.randint(1, 50)
        picc = sun.encrypt_picc_data(key, spot.uid, counter)
        mac = sun.mac_of(key, spot.uid, counter).hex().upper()
        return f"{self._house.public_url}/t/{spot.code}?e={picc}&c={mac}"

    def _old_kept(self, spot: Spot, at: datetime) -> bool:
        """A kept tap is found out when the chip was tapped between the keeping and the use."""
        newest = self.tapped_at.get(spot.id)
        return any(
            newest is not None and kept_at + timedelta(minutes=10) < newest < at - timedelta(minutes=10)
            for _, kept_at in self.kept.get(spot.id, ())
        )

    def _take_kept(self, spot: Spot, at: datetime) -> str:
        return self.kept[spot.id].pop(0)[0]

    def _elsewhere(self, spot: Spot) -> str:
        own = next(beat for beat in self._beats if spot in beat.spots)
        other = next(beat for beat in self._beats if beat.site_id != own.site_id)
        return printed(self._house, next(one.code for one in other.spots if one.kind is not TagKind.NTAG424))


def plan_visits(walked: Walked, random: Random) -> None:
    """When the guard really came where: mostly on time, some late, some left out."""
    if random.random() < 0.01:
        return  # overslept
    lateness = timedelta(minutes=random.uniform(12, 25)) if random.random() < 0.06 else timedelta(0)
    spots = list(walked.beat.spots)
    for position, spot in enumerate(spots):
        if random.random() < 0.01:
            continue
        due = walked.starts_at + (position + 1) * LEG_EVERY
        at = due + lateness + timedelta(seconds=random.uniform(-90, 120))
        limit = min(due + TOLERANCE, walked.ends_at)
        for edge in (limit, walked.ends_at + GRACE, walked.starts_at - timedelta(minutes=15)):
            if abs(at - edge) < CLEAR_OF_EDGES:
                at = edge + 2 * CLEAR_OF_EDGES
        walked.visits.append(Visit(walked.guard, spot, at))


def choose_attacks(walked: Walked, random: Random) -> None:
    """Mark five in a hundred visits; what each becomes is drawn when its time comes.

    ``early`` ones need their neighbours: too fast, too short a stay, the wrong order.
    """
    index = 0
    while index < len(walked.visits):
        visit = walked.visits[index]
        if random.random() < ATTACKED:
            visit.attack = "any"
            following = walked.visits[index + 1] if index + 1 < len(walked.visits) else None
            if following is not None:
                _with_neighbour(walked, index, random)
            index += 1  # never two in a row: each has to be found for itself
        index += 1


def _with_neighbour(walked: Walked, index: int, random: Random) -> None:
    visit, following = walked.visits[index], walked.visits[index + 1]
    are_neighbours = walked.beat.spots.index(following.spot) == walked.beat.spots.index(visit.spot) + 1
    drawn = random.random()
    if visit.spot.dwell_s and drawn < 0.5:
        visit.attack = "dwell_short"
        visit.at = following.at - timedelta(seconds=100)
    elif are_neighbours and drawn < 0.08 and not visit.spot.dwell_s and not following.spot.dwell_s:
        following.attack, visit.attack = "out_of_order", ""
        visit.spot, following.spot = following.spot, visit.spot
    elif following.spot.kind is not TagKind.NTAG424 and drawn > 0.92:
        following.attack, visit.attack = "too_fast", ""
        following.at = visit.at + timedelta(seconds=2)


def apply_attack(forger: Forger, visit: Visit, random: Random) -> Made:
    """The content of a visit; draws the attack where only that there is one is settled."""
    if visit.attack == "any":
        visit.attack = random.choice(forger.possible(visit.spot, visit.at))
    if visit.attack == "too_fast":
        return Made(forger.printed(visit.spot), "camera", None)
    if visit.attack in {"", "dwell_short", "out_of_order"}:
        return forger.honest(visit.spot, visit.at)
    return forger.forge(visit.attack, visit.spot, visit.at)


EXPECTED_CODES = {
    "cloned": {"bad_message"},
    "clock_back": {"clock_moved"},
    "clock_forward": {"clock_moved"},
}
"""Attack to the codes of which one must be found; others are named as their code."""


def expected(attack: str) -> set[str]:
    return EXPECTED_CODES.get(attack, {attack})
