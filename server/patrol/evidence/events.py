"""What a phone may send, as types. Anything beyond the known fields is kept, and ignored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

_UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")
Uuid = Annotated[str, Meta(pattern=_UUID.pattern)]
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
RowNumber = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Moment = Annotated[int, Meta(ge=0, le=4_102_444_800_000)]
"""Milliseconds since 1970-01-01 UTC, up to the year 2100."""
Text = Annotated[str, Meta(min_length=1, max_length=4000)]
PhotoIds = Annotated[list[Uuid], Meta(max_length=20)]


class Place(Struct, frozen=True):
    """Where the phone thinks it is (WGS 84)."""

    lat_e7: Annotated[int, Meta(ge=-900_000_000, le=900_000_000)]
    lng_e7: Annotated[int, Meta(ge=-1_800_000_000, le=1_800_000_000)]
    accuracy_m: Annotated[int, Meta(ge=0, le=10_000_000)]
    age_ms: Annotated[int, Meta(ge=0, le=2**53 - 1)]


class PhoneEvent(Struct, frozen=True):
    """The envelope of every event."""

    id: Uuid
    device_id: Uuid
    seq: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    prev: Hash
    hash: Hash
    kind: Annotated[str, Meta(min_length=1, max_length=24)]
    wall_ms: Moment
    mono_ms: Annotated[int, Meta(ge=0, le=2**53 - 1)]
    boot: Uuid
    user_id: RowNumber
    app: Annotated[str, Meta(max_length=40)]
    payload: dict[str, object]
    server_seen_ms: Moment | None = None
    server_seen_mono_ms: Annotated[int, Meta(ge=0, le=2**53 - 1)] | None = None
    place: Place | None = None
    battery_percent: Annotated[int, Meta(ge=0, le=100)] | None = None


class RoundStarted(Struct, frozen=True):
    round_id: RowNumber


class ScanMade(Struct, frozen=True):
    how: Annotated[str, Meta(pattern="^(camera|nfc|address|photo)$")]
    text: Annotated[str, Meta(max_length=2000)] = ""
    round_id: RowNumber | None = None
    checkpoint_id: RowNumber | None = None
    reason: Annotated[str, Meta(max_length=2000)] | None = None
    photo_ids: PhotoIds = []


class Answered(Struct, frozen=True):
    checkpoint_id: RowNumber
    form_id: RowNumber
    form_version: RowNumber
    answers: dict[str, str | int | bool | list[str] | None]
    round_id: RowNumber | None = None
    scan_id: Uuid | None = None


class Found(Struct, frozen=True):
    id: Uuid
    text: Text
    severity: Annotated[str, Meta(pattern="^(critical|high|medium|low)$")]
    round_id: RowNumber | None = None
    checkpoint_id: RowNumber | None = None
    asset_id: RowNumber | None = None
    photo_ids: PhotoIds = []
    ticket: bool = False
    owner_id: RowNumber | None = None
    deadline: Moment | Annotated[str, Meta(max_length=40)] | None = None
    standard: Annotated[str, Meta(max_length=2000)] | None = None


class Rechecked(Struct, frozen=True):
    finding_id: Uuid
    fixed: bool
    photo_ids: PhotoIds = []


class HandedOver(Struct, frozen=True):
    text: Text
    site_id: RowNumber | None = None
    photo_ids: PhotoIds = []


class RoundFinished(Struct, frozen=True):
    round_id: RowNumber
    signature: Uuid | None = None


class SosSent(Struct, frozen=True):
    message: Annotated[str, Meta(max_length=2000)] | None = None


class SosCancelled(Struct, frozen=True):
    sos_id: RowNumber | Uuid
    """Its number, or the id of the event that called."""


class LoneStarted(Struct, frozen=True):
    every_s: Annotated[int, Meta(ge=60, le=14_400)]


class Contested(Struct, frozen=True):
    round_id: RowNumber
    checkpoint_id: RowNumber
    reason: Text


class CallAnswered(Struct, frozen=True):
    call_id: Uuid


class Nothing(Struct, frozen=True):
    """Kinds whose envelope says all."""


Payload = (
    RoundStarted
    | ScanMade
    | Answered
    | Found
    | Rechecked
    | HandedOver
    | RoundFinished
    | SosSent
    | SosCancelled
    | LoneStarted
    | Contested
    | CallAnswered
    | Nothing
)

KINDS: Final[Mapping[str, type[Payload]]] = {
    "round_started": RoundStarted,
    "scan": ScanMade,
    "answers": Answered,
    "finding": Found,
    "recheck": Rechecked,
    "handover": HandedOver,
    "round_finished": RoundFinished,
    "sos": SosSent,
    "sos_cancelled": SosCancelled,
    "lone_started": LoneStarted,
    "lone_ok": Nothing,
    "lone_ended": Nothing,
    "contest": Contested,
    "call_answered": CallAnswered,
    "place": Nothing,
}


def photos_of(payload: Payload) -> set[str]:
    """Ids of the photos an event shows: of a scan, a finding, a note, a form, a signature."""
    shown: set[str] = set(getattr(payload, "photo_ids", ()))
    if isinstance(payload, Answered):
        lists = [answer for answer in payload.answers.values() if isinstance(answer, list)]
        shown.update(one for answer in lists for one in answer if _UUID.fullmatch(one))
    if isinstance(payload, RoundFinished) and payload.signature is not None:
        shown.add(payload.signature)
    return shown


def read_event(raw: Mapping[str, object]) -> PhoneEvent:
    """The envelope. Raises msgspec.ValidationError, whose text says where it is wrong."""
    return msgspec.convert(raw, PhoneEvent)


def read_payload(event: PhoneEvent) -> Payload | None:
    """What belongs to its kind; None for a kind this version does not know. Raises msgspec.ValidationError."""
    kind = KINDS.get(event.kind)
    return None if kind is None else msgspec.convert(event.payload, kind)
