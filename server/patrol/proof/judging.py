"""How far a scan proves that its person was there, and why. Pure; the table in ``reasons`` says it all.

Every finding about a scan is a code. A code may cap the strength, may be an exception that a
supervisor sees, or may only explain. The strength is the lowest cap; without any it is strong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from server.patrol.checkpoints.policy import Policy, Strength, TagKind
from server.patrol.proof.reasons import REASONS

EARTH_M = 6_371_000


@dataclass(frozen=True)
class Fix:
    """A place against the checkpoint's."""

    distance_m: float
    accuracy_m: int
    radius_m: int


@dataclass(frozen=True)
class Facts:
    """What is known of one scan."""

    how: str
    """camera, nfc, address, photo."""
    tag_codes: Sequence[str] = ()
    """What server.patrol.reading_tags found about the tag."""
    tag_kind: TagKind | None = None
    least_tag: TagKind = TagKind.QR
    phone_codes: Sequence[str] = ()
    """What is wrong with the phone, its chain and its login."""
    is_clock_moved: bool = False
    is_clock_unsure: bool = False
    fix: Fix | None = None
    travel_s: float | None = None
    """From the scan before, as short as the clocks' uncertainty allows to think."""
    least_travel_s: float = 0
    walk_codes: Sequence[str] = ()
    """Order, window, whose round."""
    has_photo: bool = False
    has_reason: bool = False


@dataclass(frozen=True)
class Verdict:
    """The answer, with all its reasons; the first is the one that weighs most."""

    strength: Strength
    codes: tuple[str, ...]

    @property
    def exceptions(self) -> tuple[str, ...]:
        return tuple(code for code in self.codes if REASONS[code].is_exception)


def judge(facts: Facts) -> Verdict:
    """The strength of a scan and its reasons."""
    codes = [
        *facts.tag_codes,
        *_tag_level(facts),
        *facts.phone_codes,
        *(["clock_moved"] if facts.is_clock_moved else ["clock_unsure"] if facts.is_clock_unsure else []),
        *_place(facts),
        *(["too_fast"] if facts.travel_s is not None and facts.travel_s < facts.least_travel_s else []),
        *facts.walk_codes,
    ]
    return verdict_of(codes)


def verdict_of(codes: Sequence[str]) -> Verdict:
    """The strength that these codes leave."""
    once = list(dict.fromkeys(codes))
    caps = [cap for code in once if (cap := REASONS[code].cap) is not None]
    strength = min(caps, key=lambda cap: cap.rank, default=Strength.STRONG)
    if "message_verified" not in once and strength is Strength.STRONG:
        strength = Strength.FAIR
    once.sort(key=_weight)
    return Verdict(strength, tuple(once))


def counts(verdict: Verdict, policy: Policy) -> bool:
    """Whether a scan of this verdict does a checkpoint on a site of this policy."""
    if verdict.strength.rank >= policy.counts.rank and verdict.strength is not Strength.REFUSED:
        return True
    weak = [
        code
        for code in verdict.codes
        if (cap := REASONS[code].cap) is not None and cap.rank <= Strength.WEAK.rank
    ]
    return policy.photo_counts and weak == ["photo_instead"]


def distance_m(a: tuple[int, int], b: tuple[int, int]) -> float:
    """Metres between two places in degrees times ten million, on a sphere."""
    lat_a, lng_a, lat_b, lng_b = (radians(number / 1e7) for number in (*a, *b))
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lng_b - lng_a) / 2) ** 2
    return 2 * EARTH_M * asin(min(1, sqrt(half)))


def _weight(code: str) -> int:
    cap = REASONS[code].cap
    return 10 if cap is None else cap.rank


def _tag_level(facts: Facts) -> list[str]:
    if facts.how == "photo":
        return ["photo_instead"] if facts.has_photo and facts.has_reason else ["photo_missing"]
    if facts.tag_kind is None:
        return []
    if facts.tag_kind.rank < facts.least_tag.rank:
        return ["better_tag_required"]
    if facts.tag_kind is TagKind.QR and facts.how == "address" and _near(facts.fix) is not True:
        return ["address_without_place"]
    return []


def _near(fix: Fix | None) -> bool | None:
    """Whether the phone was there; None: it cannot be told."""
    if fix is None:
        return None
    return fix.distance_m <= fix.radius_m + fix.accuracy_m


def _place(facts: Facts) -> list[str]:
    near = _near(facts.fix)
    return [] if near is None else ["place_matches"] if near else ["far_away"]
