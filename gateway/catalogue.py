"""What the gateway knows of points: a retained snapshot that the server keeps on the bus."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from telemetry import topics
from telemetry.messages import Catalogue, Kind, PointEntry


class Point(msgspec.Struct, frozen=True, gc=False):
    """A catalogue entry, compiled for the hot path."""

    id: int
    kind: Kind
    shard: int
    """Of the asset: where its readings are published."""
    is_number: bool = True
    """analog or counter: stored as float, scaled."""
    is_plain: bool = True
    """A number that needs no scaling."""
    scale: float = 1.0
    offset: float = 0.0
    low: float = -sys.float_info.max
    high: float = sys.float_info.max
    """Outside of low..high, after scaling, a value cannot be true."""


UNRESOLVED = Point(id=0, kind="analog", shard=0)

Points = Mapping[tuple[str, str], Point]
"""By (device, source)."""


class DevicePoints(NamedTuple):
    """The points of one device."""

    by_source: dict[str, Point]
    shard: int | None
    """Of all of them; None where they belong to assets of several shards."""


class PointCatalogue:
    """All points of all shards. One thread learns, others look up; what they see changes as a whole."""

    def __init__(self) -> None:
        self.points: Points = {}
        self.of_device: Mapping[str, DevicePoints] = {}
        self.devices: frozenset[str] = frozenset()
        self._names: Mapping[int, tuple[str, str]] = {}
        self._shards: dict[int, Catalogue] = {}
        self._complete = threading.Event()

    @property
    def is_complete(self) -> bool:
        """Whether every shard has arrived once. Before that nothing can be called unknown."""
        return self._complete.is_set()

    @property
    def missing(self) -> int:
        """Shards that have not arrived yet."""
        return topics.SHARDS - len(self._shards)

    def find(self, point_id: int) -> tuple[str, str] | None:
        """(device, source) of a point. Looks through all: for the rare case that somebody must be told."""
        return next((name for name, point in self.points.items() if point.id == point_id), None)

    def names_of(self, point: int) -> tuple[str, str] | None:
        """Keys of the asset and of the point that an id stands for."""
        return self._names.get(point)

    def learn(self, catalogues: Iterable[Catalogue]) -> bool:
        """Take these in place of what was known of their shards; whether anything changed."""
        changed = False
        for catalogue in catalogues:
            changed |= self._shards.get(catalogue.shard) != catalogue
            self._shards[catalogue.shard] = catalogue
        if changed:
            entries = [entry for shard in self._shards.values() for entry in shard.points]
            self.points = {(entry.device, entry.source): compile_point(entry) for entry in entries}
            self.of_device = _by_device(self.points)
            self.devices = frozenset(entry.device for entry in entries)
            self._names = {entry.id: (entry.asset, entry.key) for entry in entries}
        if not self.missing:
            self._complete.set()
        return changed


def _by_device(points: Points) -> dict[str, DevicePoints]:
    found: dict[str, dict[str, Point]] = {}
    for (device, source), point in points.items():
        found.setdefault(device, {})[source] = point
    return {device: DevicePoints(of_device, _common_shard(of_device)) for device, of_device in found.items()}


def _common_shard(points: Mapping[str, Point]) -> int | None:
    shards = {point.shard for point in points.values()}
    return shards.pop() if len(shards) == 1 else None


def compile_point(entry: PointEntry) -> Point:
    """The part of an entry that the stages need."""
    is_number = entry.kind in {"analog", "counter"}
    return Point(
        id=entry.id,
        kind=entry.kind,
        shard=topics.shard_of(entry.asset),
        is_number=is_number,
        is_plain=is_number and entry.scale == 1.0 and entry.offset == 0.0,
        scale=entry.scale,
        offset=entry.offset,
        low=-sys.float_info.max if entry.physical_low is None else entry.physical_low,
        high=sys.float_info.max if entry.physical_high is None else entry.physical_high,
    )


_decode = msgspec.json.Decoder(Catalogue).decode


def read_catalogue(payload: bytes) -> Catalogue:
    """Raises ValueError for a payload that is no catalogue."""
    catalogue = _decode(payload)
    if not 0 <= catalogue.shard < topics.SHARDS:
        raise ValueError(f"there is no shard {catalogue.shard}")
    return catalogue
