"""What devices send that the catalogue does not have: counted and told to the server's inbox, bounded.

The values themselves are dead letters as always; this is the summary a person works from.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, deque

import msgspec
import structlog

from gateway.decoders.decoded import Part
from telemetry.messages import UnknownPoint, UnknownPoints
from telemetry.reading import Value
from telemetry.topics import is_device_id

MOST_SOURCES = 5_000
"""Beyond it the source that has been silent longest makes room."""
MOST_PER_DEVICE = 500
"""One device that invents names must not push out all the others."""
MOST_RECENT = 5
MOST_TOLD = 500
"""Sources in one telling; the rest follow with the next."""
IN_ONE_MESSAGE = 40
"""Keeps a message below the 20 KiB at which small brokers close the connection."""
TELL_EVERY_S = 5.0
LONGEST_TEXT = 64

_log = structlog.get_logger()


class _Seen:
    __slots__ = ("count", "first_ms", "last_ms", "recent")

    def __init__(self, at_ms: int) -> None:
        self.recent: deque[tuple[int, bool | Value]] = deque(maxlen=MOST_RECENT)
        self.count = 0
        self.first_ms = at_ms
        self.last_ms = at_ms


class UnknownSources:
    """``note`` belongs to the thread of the pipeline, ``take`` to the one that tells."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: OrderedDict[tuple[str, str], _Seen] = OrderedDict()
        self._of_device: Counter[str] = Counter()
        self._changed: dict[tuple[str, str], None] = {}
        self.left_out = 0
        """Values of sources there was no room for, and sources that made room, since the start."""

    def note(self, part: Part) -> None:
        """Remember a value of an unknown source; names that could never be a point are passed over."""
        key = (part.device, part.source)
        with self._lock:
            seen = self._seen.get(key) or self._make_room(key, part.at_ms)
            if seen is None:
                return
            value = part.value
            seen.recent.append((part.at_ms, value[:LONGEST_TEXT] if isinstance(value, str) else value))
            seen.count += 1
            seen.first_ms = min(seen.first_ms, part.at_ms)
            seen.last_ms = max(seen.last_ms, part.at_ms)
            self._seen.move_to_end(key)
            self._changed[key] = None

    def take(self, gateway: str, *, most: int = MOST_TOLD) -> list[bytes]:
        """Messages about what changed since it was last taken, longest waiting first."""
        with self._lock:
            keys = list(self._changed)[:most]
            for key in keys:
                del self._changed[key]
            told = [_told(key, self._seen[key]) for key in keys]
            left_out = self.left_out
        return [
            msgspec.json.encode(UnknownPoints(gateway, told[start : start + IN_ONE_MESSAGE], left_out))
            for start in range(0, len(told), IN_ONE_MESSAGE)
        ]

    def _make_room(self, key: tuple[str, str], at_ms: int) -> _Seen | None:
        device, source = key
        if not (is_device_id(device) and 0 < len(source) <= LONGEST_TEXT and source.isprintable()):
            return None
        if self._of_device[device] >= MOST_PER_DEVICE:
            self._leave_out()
            return None
        if len(self._seen) >= MOST_SOURCES:
            oldest, _ = self._seen.popitem(last=False)
            self._changed.pop(oldest, None)
            self._of_device[oldest[0]] -= 1
            self._leave_out()
        self._of_device[device] += 1
        seen = self._seen[key] = _Seen(at_ms)
        return seen

    def _leave_out(self) -> None:
        if not self.left_out:
            _log.warning(
                "more unknown sources than are remembered; all their values are dead letters",
                most=MOST_SOURCES,
                most_per_device=MOST_PER_DEVICE,
            )
        self.left_out += 1


def _told(key: tuple[str, str], seen: _Seen) -> UnknownPoint:
    return UnknownPoint(*key, list(seen.recent), seen.count, seen.first_ms, seen.last_ms)
