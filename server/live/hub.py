"""Latest values and who is watching them. Written by one thread, read by the event loop.

A watcher never has a queue: it has the newest value of each of its points that it has not been
sent yet. A slow browser therefore gets fewer, newer values, and its memory here is bounded by
the number of its points.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection, Iterable, Mapping

from telemetry.reading import Reading

NOUNS = frozenset(
    {
        "alarms",
        "tickets",
        "assets",
        "devices",
        "rules",
        "inbox",
        "notices",
        "shifts",
        "patrol",
        "sos",
        "incidents",
        "windows",
    }
)
"""What can be hinted at; anything else on the bus is not ours."""
PERSONAL = frozenset({"calls"})
"""What concerns one person only: the hint ``calls-17`` is for person 17, whose streams hear ``calls``."""


class Watcher:
    """One open stream. ``take`` belongs to the event loop it was made in."""

    def __init__(
        self,
        points: frozenset[int] | None,
        loop: asyncio.AbstractEventLoop,
        nouns: frozenset[str] = NOUNS,
    ) -> None:
        self.points = points
        """None: all points."""
        self._heard = nouns
        self._loop = loop
        self._lock = threading.Lock()
        self._wake = asyncio.Event()
        self._readings: dict[int, Reading] = {}
        self._nouns: set[str] = set()

    def put(self, readings: Mapping[int, Reading], nouns: Collection[str] = ()) -> None:
        """New values and hints, from any thread; what was not taken yet is replaced by what is newer."""
        heard = self._heard.intersection(nouns)
        with self._lock:
            was_empty = not self._readings and not self._nouns
            self._readings.update(readings)
            self._nouns.update(heard)
        if was_empty and (readings or heard or not nouns):
            try:
                self._loop.call_soon_threadsafe(self._wake.set)
            except RuntimeError:  # the loop has ended, and with it this stream
                return

    async def take(self, *, timeout_s: float) -> tuple[Collection[Reading], Collection[str]]:
        """What has changed since the last call; waits up to ``timeout_s`` for the first change."""
        try:
            await asyncio.wait_for(self._wake.wait(), timeout_s)
        except TimeoutError:
            return (), ()
        self._wake.clear()
        with self._lock:
            readings, self._readings = self._readings, {}
            nouns, self._nouns = self._nouns, set()
        return readings.values(), nouns


class Hub:
    """The latest live reading of each point, and the watchers that hear of changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: dict[int, Reading] = {}
        self._everything: set[Watcher] = set()
        self._by_point: dict[int, set[Watcher]] = {}
        self.is_closed = False

    def close(self) -> None:
        """End all streams: the server stops."""
        self.is_closed = True
        self._wake_all()

    def watch(
        self,
        points: frozenset[int] | None,
        loop: asyncio.AbstractEventLoop,
        nouns: frozenset[str] = NOUNS,
    ) -> Watcher:
        """Hear of changes of these points (None: of all) and of hints at these nouns until ``leave``."""
        watcher = Watcher(points, loop, nouns)
        with self._lock:
            if points is None:
                self._everything.add(watcher)
            else:
                self._by_point.setdefault(_HINTS_ONLY, set()).add(watcher)
                for point in points:
                    self._by_point.setdefault(point, set()).add(watcher)
        return watcher

    def leave(self, watcher: Watcher) -> None:
        """Forget a watcher; twice does no harm."""
        with self._lock:
            self._everything.discard(watcher)
            for point in (_HINTS_ONLY, *(watcher.points or ())):
                watchers = self._by_point.get(point)
                if watchers is not None:
                    watchers.discard(watcher)
                    if not watchers:
                        del self._by_point[point]

    def seed(self, readings: Iterable[Reading]) -> None:
        """What the store knows at the start; never replaces a value that has come in meanwhile."""
        with self._lock:
            fresh = {reading.point: reading for reading in readings if reading.point not in self._latest}
            self._latest.update(fresh)
            deliveries = self._deliveries(fresh)
        _deliver(deliveries)

    def apply(self, readings: Iterable[Reading]) -> int:
        """Take readings off the bus; gives how many moved a value.

        Back-filled and bad ones do not, nor one that is older than what is known.
        """
        with self._lock:
            latest = self._latest
            fresh: dict[int, Reading] = {}
            for reading in readings:
                if not reading.is_live:
                    continue
                known = latest.get(reading.point)
                if known is None or reading.at_ms >= known.at_ms or not known.is_live:
                    latest[reading.point] = fresh[reading.point] = reading
            deliveries = self._deliveries(fresh)
        _deliver(deliveries)
        return len(fresh)

    def hint(self, noun: str) -> None:
        """Tell every watcher of this noun that its rows changed."""
        if noun in NOUNS or noun.partition("-")[0] in PERSONAL:
            self._wake_all(noun)

    def latest(self, points: Iterable[int] | None) -> list[Reading]:
        """The latest reading of each of these points (None: of all) that has one."""
        with self._lock:
            if points is None:
                return list(self._latest.values())
            return [self._latest[point] for point in points if point in self._latest]

    @property
    def known(self) -> int:
        """How many points have a value."""
        return len(self._latest)

    @property
    def watchers(self) -> int:
        """How many streams are open."""
        with self._lock:
            return len(self._everything) + len(self._by_point.get(_HINTS_ONLY, ()))

    def _wake_all(self, *nouns: str) -> None:
        with self._lock:
            watchers = [*self._everything, *self._by_point.get(_HINTS_ONLY, ())]
        for watcher in watchers:
            watcher.put({}, nouns)

    def _deliveries(self, fresh: Mapping[int, Reading]) -> list[tuple[Watcher, Mapping[int, Reading]]]:
        parts: dict[Watcher, dict[int, Reading]] = {}
        if self._by_point:
            for point, reading in fresh.items():
                for watcher in self._by_point.get(point, ()):
                    parts.setdefault(watcher, {})[point] = reading
        whole: list[tuple[Watcher, Mapping[int, Reading]]] = []
        if fresh:
            whole = [(watcher, fresh) for watcher in self._everything]
        return [*whole, *parts.items()]


_HINTS_ONLY = -1
"""No point has this id; under it stand all watchers of some points, who hear hints as well."""


def _deliver(deliveries: Iterable[tuple[Watcher, Mapping[int, Reading]]]) -> None:
    for watcher, readings in deliveries:
        watcher.put(readings)
