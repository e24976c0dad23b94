"""Values that went through before: the broker delivers a message again after each broken connection."""

from __future__ import annotations

from gateway.decoders.decoded import Part
from gateway.stages import Surroundings
from telemetry.reading import Quality

REMEMBERED = 200_000
"""Values, in two halves. Delivered again are at most the 10,000 messages of the receive window."""

_NOTHING = object()
_BAD = object()


class Dedupe:
    """Drops a value that is the last one seen of its (point, at).

    Safe although it remembers before anything is stored: batches are stored, published and
    acknowledged in order, so the copy is acknowledged only after the first one is safe. After a
    restart it knows nothing, and copies pass: writing twice changes no answer, and consumers
    ignore what they have seen.
    """

    def __init__(self, around: Surroundings) -> None:
        self._counters = around.counters
        self._seen: dict[int, object] = {}
        self._seen_before: dict[int, object] = {}

    def __call__(self, parts: list[Part]) -> list[Part]:
        if len(self._seen) > REMEMBERED // 2:
            self._seen_before, self._seen = self._seen, {}
        seen, seen_before = self._seen, self._seen_before
        new = []
        for part in parts:
            identity = part.point.id << 48 | part.at_ms  # one number costs half of a pair; at is below 2^48
            mark = _BAD if part.quality is Quality.BAD else part.value
            last = seen.get(identity, _NOTHING)
            if last is _NOTHING:
                last = seen_before.get(identity, _NOTHING)
            if last == mark:
                self._counters.duplicates += 1
            else:
                seen[identity] = mark
                new.append(part)
        return new
