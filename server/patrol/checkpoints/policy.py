"""What a site decides about its rounds: tolerances, what counts as proof, how long things are kept."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.patrol.checkpoints.models import PatrolSite

Seconds = Annotated[int, Field(ge=0, le=86_400)]


class Strength(StrEnum):
    """How far a scan proves that its person was there."""

    REFUSED = "refused"
    WEAK = "weak"
    FAIR = "fair"
    STRONG = "strong"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {strength: rank for rank, strength in enumerate(Strength)}


class TagKind(StrEnum):
    """What marks a checkpoint, the more easily copied first."""

    QR = "qr"
    NFC = "nfc"
    NTAG424 = "ntag424"

    @property
    def rank(self) -> int:
        return _KIND_RANKS[self]


_KIND_RANKS = {kind: rank for rank, kind in enumerate(TagKind)}


class EmergencyNumber(BaseModel):
    """A line of the phone's emergency page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name_en: Annotated[str, Field(min_length=1, max_length=80)]
    name_zh: Annotated[str, Field(min_length=1, max_length=80)]
    number: Annotated[str, Field(pattern=r"^[0-9+][0-9 -]{1,23}$")]


class Policy(BaseModel):
    """All values are defaults that a site may change; none is taken from a standard."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    counts: Strength = Strength.FAIR
    """The least strength with which a checkpoint is done."""
    least_tag: TagKind = TagKind.QR
    """The least kind of tag that may prove anything here; a checkpoint may ask for more."""
    tolerance_s: Seconds = 300
    """How much earlier or later than planned a checkpoint is still on time."""
    grace_s: Seconds = 600
    """How long after that a missing checkpoint or round is waited for before it is called missed."""
    early_s: Seconds = 900
    """How long before its time a round may be started."""
    clock_tolerance_s: Annotated[int, Field(ge=5, le=3600)] = 60
    """How much a phone's clock may move during a shift."""
    place_radius_m: Annotated[int, Field(ge=5, le=2000)] = 60
    place_accuracy_m: Annotated[int, Field(ge=5, le=5000)] = 150
    """Fixes less certain than this say nothing."""
    place_age_s: Annotated[int, Field(ge=5, le=3600)] = 180
    """Fixes older than this say nothing."""
    fastest_m_s: Annotated[float, Field(gt=0, le=20)] = 4.0
    """Nobody is faster from one checkpoint to the next, metres a second in a straight line."""
    seconds_a_floor: Annotated[int, Field(ge=0, le=120)] = 4
    """Nobody is faster up or down a floor."""
    least_travel_s: Seconds = 4
    """Two checkpoints are never scanned within less."""
    known_phones_only: bool = False
    """Whether a phone that is new today makes a scan weaker."""
    photo_counts: bool = True
    """Whether photo and place with a reason (a damaged tag) do a checkpoint, although weak."""
    dispatch_severities: list[Literal["critical", "high", "medium", "low"]] = ["critical"]
    """Alarms of these severities send the nearest person on a round."""
    alarm_suspends: bool = True
    """Whether that suspends the round they walk; else the checkpoint is inserted into it."""
    answer_within_s: Annotated[int, Field(ge=60, le=14_400)] = 900
    """How soon somebody sent by an alarm should be there."""
    fire_watch_every_s: Annotated[int, Field(ge=300, le=86_400)] = 3600
    """How often a fire zone that is switched off is walked."""
    fire_watch_route_id: int | None = None
    """The walk of a fire watch; null: the checkpoints in the same building."""
    lone_worker_grace_s: Seconds = 60
    place_days: Annotated[int, Field(ge=1, le=366)] = 30
    """Days after which places of people are removed from what can be read."""
    photo_days: Annotated[int, Field(ge=1, le=3660)] = 400
    emergency: Annotated[list[EmergencyNumber], Field(max_length=20)] = []
    """Telephone numbers on the phone's emergency page."""


DEFAULTS = Policy()
"""Of a site that decided nothing."""


def policies(session: Session) -> dict[int, Policy]:
    """What each site decided."""
    return {row.site_id: Policy.model_validate(row.policy) for row in session.scalars(select(PatrolSite))}


def policy_of(session: Session, site_id: int | None) -> Policy:
    """What one site decided, or the defaults."""
    row = session.get(PatrolSite, site_id) if site_id is not None else None
    return DEFAULTS if row is None else Policy.model_validate(row.policy)
