"""The store of readings as request threads use it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from telemetry.store.contract import ReadingStore


class Stores:
    """A read-only store for each thread that asks: an instance belongs to one thread."""

    def __init__(self, open_store: Callable[[], ReadingStore]) -> None:
        self._open = open_store
        self._local = threading.local()

    def get(self) -> ReadingStore:
        """This thread's store. Raises StoreUnavailable where it cannot be opened."""
        store: ReadingStore | None = getattr(self._local, "store", None)
        if store is None:
            store = self._local.store = self._open()
        return store
