"""Readings in InfluxDB 2.x (1.8 too): one bucket a tier, shared by all processes of all machines.

See docs/guides/connect-influxdb.md for versions, and influx_lines and influx_journal for what is stored how.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from threading import Lock

from telemetry.reading import Reading
from telemetry.store.contract import (
    Maintained,
    RejectedReadings,
    Retention,
    Series,
    StoreUnavailable,
)
from telemetry.store.influx_client import InfluxClient, Refused, parse_url
from telemetry.store.influx_journal import Journal, read_state, wall_ms
from telemetry.store.influx_lines import Describe, Prefixes, raw_lines
from telemetry.store.influx_maintain import Maintenance, over_hour
from telemetry.store.influx_read import latest, read
from telemetry.store.influx_series import series
from telemetry.store.influx_setup import check

_LINES = 5_000
"""Lines in one request: more are not faster."""

_Rejected = list[tuple[Reading, str]]


class InfluxStore:
    """The contract's five verbs on a database. One instance may be used by several threads at once."""

    def __init__(
        self,
        url: str,
        *,
        retention: Retention,
        token: str | None = None,
        read_only: bool = False,
        describe: Describe | None = None,
    ) -> None:
        self._client = InfluxClient(parse_url(url), token)
        self._retention = retention
        self._read_only = read_only
        self._prefixes = Prefixes(describe)
        self._journal = Journal(self._client)
        self._writing = Lock()
        if not read_only:
            try:
                check(self._client)
            except StoreUnavailable:
                self._client.close()
                raise

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def write(self, readings: Sequence[Reading]) -> None:
        """See the contract. Some thousands at once; a second request notes what is to be rolled up."""
        self._check_may_write()
        lines, kept, rejected = raw_lines(readings, self._prefixes)
        # a note must not be taken for written while an hour is being rolled up without its readings
        with self._writing:
            for first in range(0, len(lines), _LINES):
                rejected += self._send(lines[first : first + _LINES], kept[first : first + _LINES])
            try:
                self._journal.note(kept)
            except Refused as error:
                raise StoreUnavailable(f"InfluxDB refuses the notes of what was written: {error}") from error
        if rejected:
            raise RejectedReadings(rejected)

    def read(self, points: Collection[int], start_ms: int, end_ms: int) -> Iterator[Reading]:
        """See the contract. Readings of the same instant come in order of their points."""
        if points:
            raw_from = read_state(self._client).raw_from
            yield from read(self._client, points, max(start_ms, raw_from), end_ms)

    def series(self, point: int, start_ms: int, end_ms: int, *, max_samples: int = 2000) -> Series:
        """See the contract. Buckets that only partly lie in the range are given whole."""
        return series(self._client, point, start_ms, end_ms, max_samples)

    def latest(self, points: Collection[int]) -> dict[int, Reading]:
        """See the contract. A tenth of a second for a thousand points that speak."""
        return latest(self._client, points, read_state(self._client).raw_from) if points else {}

    def maintain(self, now_ms: int) -> Maintained:
        """See the contract. Hours are rolled up when they are over; the database deletes what expires."""
        self._check_may_write()
        with self._writing:
            self._journal.forget(over_hour(now_ms))
        work = Maintenance(self._client, self._prefixes, self._retention, now_ms=now_ms, rolled_ms=wall_ms())
        try:
            return work.run()
        except Refused as error:
            raise StoreUnavailable(f"InfluxDB refuses the roll-ups: {error}") from error

    def _check_may_write(self) -> None:
        if self._read_only:
            raise RuntimeError("this store was opened for reading only")

    def _send(self, lines: list[str], readings: list[Reading]) -> _Rejected:
        """Write the lines; those that the database will not take are searched out by halving."""
        try:
            self._client.write("raw", lines)
        except Refused as error:
            if len(lines) == 1:
                self._check_takes_anything(error)
                return [(readings[0], str(error))]
            half = len(lines) // 2
            return self._send(lines[:half], readings[:half]) + self._send(lines[half:], readings[half:])
        return []

    def _check_takes_anything(self, refusal: Refused) -> None:
        """Whether it is really this reading: a database that refuses everything must not cost us everything."""
        try:
            self._client.write("raw", [f"probe ok=1i {wall_ms()}"])
        except Refused:
            raise StoreUnavailable(f"InfluxDB refuses whatever is written: {refusal}") from refusal
