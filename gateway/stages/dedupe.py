"""Values that went through before: the broker delivers a message again after each broken connection."""

from __future__ import annotations

from gateway.decoders.decoded import Part
from gateway.stages import Surroundings
from telemetry.reading import Quality, Reading

REMEMBERED = 200_000
"""Values, in two halves. Delivered again are at most the 10,000 messages of the receive window."""

_NOTHING = object()
_BAD = object()


class _Half:
    """What passed in one stretch of time: by identity, or still as it was told."""

    __slots__ = ("marks", "size", "unsorted")

    def __init__(self) -> None:
        self.marks: dict[int, object] = {}
        self.unsorted: list[list[Reading]] = []
        self.size = 0

    def sort(self) -> dict[int, object]:
        """All of it by identity."""
        marks = self.marks
        for readings in self.unsorted:
            for reading in readings:
                marks[reading.point << 48 | reading.at_ms] = reading.value
        self.unsorted.clear()
        return marks


class Dedupe:
    """Drops a value that is the last one seen of its (point, at).

    Safe although it remembers before anything is stored: batches are stored, published and
    acknowledged in order, so the copy is acknowledged only after the first one is safe. After a
    restart it knows nothing, and copies pass: writing twice changes no answer, and consumers
    ignore what they have seen.
    """

    def __init__(self, around: Surroundings) -> None:
        self._counters = around.counters
        self._half = _Half()
        self._before = _Half()
        self.newest: dict[int, int] = {}
        """The latest time seen of each point: what is later has surely not been seen."""

    def __call__(self, parts: list[Part]) -> list[Part]:
        if not parts:
            return parts
        self._make_room(len(parts))
        newest, half, before = self.newest, self._half, self._before
        seen, seen_before = half.marks, before.marks
        new = []
        for part in parts:
            point, at_ms = part.point.id, part.at_ms
            identity = point << 48 | at_ms  # one number costs half of a pair; at is below 2^48
            mark = _BAD if part.quality is Quality.BAD else part.value
            if newest.get(point, -1) < at_ms:
                newest[point] = at_ms
                last = _NOTHING
            else:
                if half.unsorted or before.unsorted:
                    half.sort()
                    before.sort()
                last = seen.get(identity, _NOTHING)
                if last is _NOTHING:
                    last = seen_before.get(identity, _NOTHING)
            if last == mark:
                self._counters.duplicates += 1
            else:
                seen[identity] = mark
                new.append(part)
        return new

    def remember(self, readings: list[Reading]) -> None:
        """Good values that came another way, each later than all that was seen of its point.

        They are sorted only when a value comes that may be a copy, which is nearly never.
        """
        self._make_room(len(readings))
        self._half.unsorted.append(readings)
        newest = self.newest
        for reading in readings:
            newest[reading.point] = reading.at_ms

    def _make_room(self, more: int) -> None:
        if self._half.size > REMEMBERED // 2:
            self._before, self._half = self._half, _Half()
        self._half.size += more
