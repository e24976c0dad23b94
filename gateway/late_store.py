"""A store that is opened when it is first there: the gateway starts, spools and publishes without it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence

from telemetry.reading import Reading
from telemetry.store.contract import Maintained, ReadingStore, Series


class LateStore:
    """Every verb opens the store if it is not open yet, and raises StoreUnavailable as long as it cannot be."""

    def __init__(self, open_it: Callable[[], ReadingStore]) -> None:
        self._open_it = open_it
        self._opening = threading.Lock()
        self._store: ReadingStore | None = None

    def open(self) -> ReadingStore:
        """The store itself. Raises StoreUnavailable, and what else opening it raises."""
        with self._opening:
            if self._store is None:
                self._store = self._open_it()
            return self._store

    def write(self, readings: Sequence[Reading]) -> None:
        self.open().write(readings)

    def read(self, points: Collection[int], start_ms: int, end_ms: int) -> Iterator[Reading]:
        return self.open().read(points, start_ms, end_ms)

    def series(self, point: int, start_ms: int, end_ms: int, *, max_samples: int = 2000) -> Series:
        return self.open().series(point, start_ms, end_ms, max_samples=max_samples)

    def latest(self, points: Collection[int]) -> dict[int, Reading]:
        return self.open().latest(points)

    def maintain(self, now_ms: int) -> Maintained:
        return self.open().maintain(now_ms)
