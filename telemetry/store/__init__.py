"""Where readings are kept. ``contract`` says what any store must do; each adapter has a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from telemetry.store.contract import ReadingStore, Retention
from telemetry.store.sqlite import SqliteStore

_DEFAULT_RETENTION = Retention()
_SQLITE = "sqlite:///"
_INFLUX = ("influxdb://", "influxdbs://")


def open_store(
    url: str,
    *,
    retention: Retention = _DEFAULT_RETENTION,
    read_only: bool = False,
    token: str | None = None,
    describe: Callable[[int], tuple[str, str] | None] | None = None,
) -> ReadingStore:
    """Open the store at a URL: ``sqlite:///relative/path.db``, ``sqlite:////absolute/path.db``,
    ``influxdb://host:8086/DATABASE?org=ORG`` or ``influxdbs://`` for TLS.

    SQLite: a writer makes the file if there is none; a reader may come first and gets StoreUnavailable
    until there is one. InfluxDB: ``token`` is its API token (1.8: user:password); ``describe`` gives the
    keys of a point's asset and of the point, which become tags for people's queries; a writer looks
    whether all is set up. Raises ValueError for a URL of no known kind, UnusableStore where a person has
    to put something right.
    """
    if url.startswith(_SQLITE) and len(url) > len(_SQLITE):
        return SqliteStore(Path(url.removeprefix(_SQLITE)), retention=retention, read_only=read_only)
    if url.startswith(_INFLUX):
        # half a second of CPU to import, which only those who use it pay
        from telemetry.store.influx import InfluxStore  # noqa: PLC0415

        return InfluxStore(url, retention=retention, token=token, read_only=read_only, describe=describe)
    scheme = url.partition(":")[0]
    raise ValueError(
        f"{scheme}: not a store that Plantroom knows; give sqlite:///path/to/readings.db"
        " or influxdb://host:8086/DATABASE?org=ORG"
    )


def set_up_store(url: str, *, retention: Retention, token: str | None = None) -> list[str]:
    """Make what the store at this URL needs before it is first written; the steps taken. A SQLite file
    needs nothing. Raises as open_store does."""
    if not url.startswith(_INFLUX):
        return []
    from telemetry.store.influx_setup import setup  # noqa: PLC0415

    return setup(url, token, retention)
