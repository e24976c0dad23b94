"""What crosses the bus between our own processes, encoded as JSON.

JSON and not a binary form: with msgspec it costs about the same, and an engineer can read it
with any MQTT client at 3 a.m.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from telemetry.reading import Reading, Value

VERSION = 1

Kind = Literal["analog", "state", "flags", "counter"]


class ReadingBatch(msgspec.Struct, frozen=True, gc=False):
    """Readings of one shard that are safe (in the store, or on the gateway's disk while the store is away),
    in order per point."""

    readings: list[Reading]
    stored_ms: int
    """When they were safe, milliseconds since 1970-01-01 UTC."""
    v: int = VERSION


class PointEntry(msgspec.Struct, frozen=True, gc=False):
    """One point as the gateway needs to know it."""

    id: int
    asset: str
    """Key of the asset; its shard orders the readings."""
    key: str
    """Key of the point within its asset, e.g. ``motor_temp``."""
    device: str
    source: str
    """What the device calls it in its payload; usually the same as ``key``."""
    kind: Kind
    unit: str | None = None
    interval_s: float = 60.0
    """How often a value is expected."""
    scale: float = 1.0
    offset: float = 0.0
    """Stored value = raw * scale + offset (analog and counter only)."""
    physical_low: float | None = None
    physical_high: float | None = None
    """Outside of these a value cannot be true: quality SUSPECT."""


class Catalogue(msgspec.Struct, frozen=True):
    """All points of the devices of one shard. Replaces what was known of that shard before."""

    shard: int
    revision: int
    points: list[PointEntry]
    v: int = VERSION


class DeadLetter(msgspec.Struct, frozen=True):
    """A message, or a part of one, that could not become readings. Kept, never silently dropped."""

    id: str
    """Unique per gateway; storing it twice changes nothing."""
    at_ms: int
    topic: str
    payload: str
    """The payload as text (undecodable bytes as backslash escapes), cut at 64 KiB."""
    size: int
    """Size of the whole payload, bytes."""
    reason: str
    """Machine-readable: not_json, wrong_type, not_finite, too_large, too_deep, wrong_topic,
    future_timestamp, ancient_timestamp, bad_timestamp, unknown_device, unknown_point, rejected_by_store,
    spool_damaged."""
    detail: str
    """A sentence for a person: what was wrong, where."""
    v: int = VERSION


class UnknownPoint(msgspec.Struct, frozen=True):
    """What a gateway has heard of one source that the catalogue does not have."""

    device: str
    source: str
    recent: list[tuple[int, bool | Value]]
    """The last few values as the device sent them, in order of arrival, with event times (milliseconds since 1970-01-01 UTC)."""
    count: int
    """Values since the gateway's start; at least, where memory was short."""
    first_ms: int
    last_ms: int
    """Earliest and latest event time."""


class UnknownPoints(msgspec.Struct, frozen=True):
    """Some sources that changed since they were last told. Telling them twice changes nothing."""

    gateway: str
    points: list[UnknownPoint]
    left_out: int = 0
    """How often a value or source was passed over because too many were unknown; 0: the inbox is complete."""
    v: int = VERSION


class DevicePresence(msgspec.Struct, frozen=True):
    """A device said that it is there or gone, or its last will, its edge node or its bridge did."""

    device: str
    online: bool
    at_ms: int
    """When the gateway heard it, milliseconds since 1970-01-01 UTC."""
    v: int = VERSION


class GatewayHealth(msgspec.Struct, frozen=True):
    """Counters since start, and what is under way now."""

    gateway: str
    at_ms: int
    online: bool
    started_ms: int
    messages: int
    readings: int
    duplicates: int
    dead_letters: int
    backfilled: int
    suspect: int
    in_flight: int
    store_ok: bool
    store_error: str | None = None
    last_message_ms: int | None = None
    """When a device message last came from the broker; None: not since the start."""
    spooled_readings: int = 0
    """Readings on the gateway's disk that wait for the store."""
    spool_bytes: int = 0
    spool_limit_bytes: int = 0
    """0: there is no spool."""
    spool_oldest_ms: int | None = None
    """Event time of the oldest of them."""
    spool_full: bool = False
    """Nothing more is acknowledged to devices until there is room: the broker and the devices keep it."""
    expects_devices: bool = True
    """Whether any device is set up that could be heard."""
    broker_waiting: int | None = None
    """Messages that the broker keeps; None: it does not say."""
    broker_dropped: int | None = None
    """Messages that the broker threw away since it was started, because a queue was full; None: it does not say."""
    v: int = VERSION


class FaultCommand(msgspec.Struct, frozen=True):
    """Tells a running simulator to start or end a fault; real equipment has no such topic."""

    action: Literal["start", "end"]
    asset: str
    fault: str
    severity: float = 1.0
    """0 to 1: how far the fault develops."""
    develop_s: float = 60.0
    """How long it takes to develop fully, seconds of simulated time."""
    v: int = VERSION
