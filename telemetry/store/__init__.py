"""Where readings are kept. ``contract`` says what any store must do; each adapter has a file."""

from __future__ import annotations

from pathlib import Path

from telemetry.store.contract import ReadingStore, Retention
from telemetry.store.sqlite import SqliteStore

_DEFAULT_RETENTION = Retention()
_SQLITE = "sqlite:///"


def open_store(
    url: str, *, retention: Retention = _DEFAULT_RETENTION, read_only: bool = False
) -> ReadingStore:
    """Open the store at a URL: ``sqlite:///relative/path.db`` or ``sqlite:////absolute/path.db``.

    A writer makes the file if there is none; a reader may come first and gets StoreUnavailable until
    there is one. Raises ValueError for a URL of no known kind, UnusableStore for a file that is not ours.
    """
    if url.startswith(_SQLITE) and len(url) > len(_SQLITE):
        return SqliteStore(Path(url.removeprefix(_SQLITE)), retention=retention, read_only=read_only)
    scheme = url.partition(":")[0]
    raise ValueError(f"{scheme}: not a store that Plantroom knows; give sqlite:///path/to/readings.db")
