"""Readings on disk while the store is away: segment files that only grow, drained oldest first.

What ``append`` has returned from survives a power cut. A segment is removed only after the store has
acknowledged all of it; a crash before that has it drained again, which changes nothing in the store.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import IO, NamedTuple

import structlog

from gateway.segment import NOTHING, Damage, Facts, Record, encode_record, read_records, survey
from telemetry.reading import Reading

LARGEST_SEGMENT = 8 * 1024 * 1024
"""Bytes; a segment is read whole, and this is what a crash may have drained twice."""
SHARE_OF_LIMIT = 8
"""A small spool has at least this many segments, so that draining makes room early."""
_SUFFIX = ".spool"

_log = structlog.get_logger()


class SpoolFull(Exception):
    """No room: the limit of the settings or the disk's own. Nothing of the batch was kept."""


class SpoolState(NamedTuple):
    """How full it is, for health and metrics."""

    readings: int = 0
    size: int = 0
    """Bytes on disk."""
    limit: int = 0
    """Bytes it may use; 0: there is no spool."""
    oldest_ms: int | None = None
    """Event time of the oldest reading in it."""
    why_full: str | None = None


class Place(NamedTuple):
    """A segment and how much of it was drained."""

    path: Path
    offset: int


class Spool:
    """One folder of segments. One thread appends, another drains."""

    def __init__(self, folder: Path, *, limit_bytes: int) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._largest = max(1, min(LARGEST_SEGMENT, limit_bytes // SHARE_OF_LIMIT))
        self._lock = threading.Lock()
        self._segments: dict[Path, Facts] = {}
        """In order of age."""
        self._active: IO[bytes] | None = None
        self._active_path = folder
        self._number = 0
        self._drained = 0
        """Readings of the oldest segment that the store has."""
        self._why_full: str | None = None
        self.filled = threading.Event()
        """Set while there is something to drain."""

    @property
    def is_used(self) -> bool:
        """Whether the settings allow a spool."""
        return self._limit > 0

    def open(self) -> None:
        """Find what an earlier run has left; never append to that. Raises OSError."""
        if not self.is_used:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            self._segments[path] = survey(path)
            self._number = max(self._number, int(path.stem))
        if self._segments:
            self.filled.set()
            _log.info("readings of an earlier run wait in the spool", **self._told())

    def close(self) -> None:
        with self._lock:
            self._seal()

    @property
    def is_full(self) -> bool:
        """Whether the last batch found no room."""
        return self._why_full is not None

    @property
    def state(self) -> SpoolState:
        with self._lock:
            total = self._total()
            oldest_ms = total.oldest_ms if total.readings else None
            left = max(0, total.readings - self._drained)
            return SpoolState(left, total.size, self._limit, oldest_ms, self._why_full)

    @property
    def newest_ms(self) -> int:
        """The newest event time in it; far in the past when it is empty."""
        with self._lock:
            return self._total().newest_ms

    def append(self, readings: list[Reading]) -> None:
        """Durable on return. Raises SpoolFull, and then nothing of it counts as kept."""
        record, facts = encode_record(readings)
        with self._lock:
            size = self._total().size
            if size + len(record) > self._limit:
                self._why_full = f"{size} of {self._limit} bytes are used (PLANTROOM_SPOOL_MAX_MB)"
                raise SpoolFull(f"the spool is full: {self._why_full}")
            try:
                self._write(record)
            except OSError as error:
                self._take_back()
                self._why_full = f"{self._folder}: {error.strerror}"
                raise SpoolFull(f"the spool cannot be written: {self._why_full}") from error
            self._why_full = None
            known = self._segments.get(self._active_path, NOTHING)
            self._segments[self._active_path] = known.plus(facts)
            self.filled.set()

    def oldest(self) -> Place | None:
        """Where to drain next, from its beginning."""
        with self._lock:
            path = next(iter(self._segments), None)
            return None if path is None else Place(path, 0)

    def read(self, place: Place) -> Iterator[Record | Damage]:
        """What lies behind a place in its segment. Raises OSError."""
        with self._lock:
            size = self._segments[place.path].size  # what lies beyond is being written
        return read_records(place.path.read_bytes()[:size], place.offset)

    def note_drained(self, readings: int) -> None:
        """The store has acknowledged so many more of the oldest segment."""
        with self._lock:
            self._drained += readings

    def remove(self, place: Place) -> bool:
        """Remove a segment if the place is its end; False when more has been appended. Raises OSError."""
        with self._lock:
            if place.offset < self._segments[place.path].size:
                return False
            if place.path == self._active_path:
                self._seal()
            place.path.unlink()
            del self._segments[place.path]
            self._drained = 0
            if not self._segments:
                self.filled.clear()
            return True

    def set_aside(self, place: Place, damage: Damage) -> Path:
        """Keep damaged bytes for a person to look at; the path. Raises OSError."""
        folder = self._folder / "damaged"
        folder.mkdir(exist_ok=True)
        path = folder / f"{place.path.stem}-{damage.start}.bin"
        path.write_bytes(place.path.read_bytes()[damage.start : damage.end])
        return path

    def _write(self, record: bytes) -> None:
        if self._active is not None and self._segments[self._active_path].size >= self._largest:
            self._seal()
        if self._active is None:
            self._number += 1
            self._active_path = self._folder / f"{self._number:010d}{_SUFFIX}"
            self._active = self._active_path.open("xb", buffering=0)
            _sync_folder(self._folder)
        unwritten = memoryview(record)
        while unwritten:
            unwritten = unwritten[self._active.write(unwritten) :]
        os.fsync(self._active.fileno())

    def _take_back(self) -> None:
        """After a failed write: what there is of the record goes, and the next one begins a new segment,
        because after a failed fsync nobody knows what of this one is on the disk."""
        size = self._segments.get(self._active_path, NOTHING).size
        if self._active is None:
            return
        try:
            os.truncate(self._active.fileno(), size)
            if size == 0:
                self._active_path.unlink()
        except OSError as error:
            _log.warning("a torn record stays at the end of a segment", error=str(error))
        self._seal()

    def _seal(self) -> None:
        if self._active is not None:
            self._active.close()
            self._active = None
            self._active_path = self._folder

    def _total(self) -> Facts:
        return reduce(Facts.plus, self._segments.values(), NOTHING)

    def _told(self) -> dict[str, int]:
        total = self._total()
        return {"readings": total.readings, "bytes": total.size, "segments": len(self._segments)}


def _sync_folder(folder: Path) -> None:
    """A new file is only there after a power cut when its folder was synced too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
