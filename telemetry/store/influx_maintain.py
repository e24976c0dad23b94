"""Upkeep of InfluxDB: roll up the hours that were touched, and note what is over its retention.

The database itself lets go of old data, by the retention of each bucket; but whole shards at a time, so
``State`` says from where on a tier is whole, and nothing before that is shown or rolled up again.
A pass that is cut off anywhere leaves notes that are not done: the next one serves them again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from telemetry.store.contract import Maintained, Resolution, Retention, Sample
from telemetry.store.influx_client import AnyRow, InfluxClient
from telemetry.store.influx_journal import (
    Note,
    State,
    finish,
    notes_since,
    open_from_after,
    read_state,
    write_state,
)
from telemetry.store.influx_lines import Prefixes, gone_line, rolled_line
from telemetry.store.influx_read import between, read
from telemetry.store.influx_series import as_row, rolled_samples
from telemetry.store.rollup import DAY_MS, HOUR_MS, Row, merge, roll, start_of

GRACE_MS = 60_000
"""An hour is rolled up this long after its end: most stragglers are in by then."""
_POINTS = 50
"""Points whose hour is held in memory at once: 180,000 readings at one a second."""

_NotesOf = dict[int, list[Note]]


class Maintenance:
    """One pass at one moment."""

    def __init__(
        self, client: InfluxClient, prefixes: Prefixes, retention: Retention, *, now_ms: int, rolled_ms: int
    ) -> None:
        self._client = client
        self._prefixes = prefixes
        self._now_ms = now_ms
        self._rolled_ms = rolled_ms
        self._retention = retention
        self._minutes = self._hours = 0

    def run(self) -> Maintained:
        """Do all there is to do. A pass with nothing to do costs two queries."""
        before = read_state(self._client)
        notes = notes_since(self._client, before.open_from)
        over = over_hour(self._now_ms)
        due = [note for note in notes if not note.done and note.hour < over]
        for hour, of_points in _parts(due):
            self._roll_up(hour, of_points, before)
        still_open = [note for note in notes if not note.done and note.hour >= over]
        after = self._expired(before, open_from_after(still_open, notes, before.open_from))
        expired = self._count(before.raw_from, after.raw_from)
        if after != before:
            write_state(self._client, after)
        return Maintained(self._minutes, self._hours, expired)

    def _roll_up(self, hour: int, notes: _NotesOf, state: State) -> None:
        start, end = hour * HOUR_MS, (hour + 1) * HOUR_MS
        points = set(notes)
        if start < state.raw_from:
            # what is left of an hour that has partly expired must not replace its roll-up
            rolled = rolled_samples(self._client, "hour", points, start, end)
            points -= {point for point, samples in rolled.items() if any(s.count for s in samples.values())}
        if points:
            rows: dict[int, list[Row]] = defaultdict(list)
            for reading in read(self._client, points, start, end):
                rows[reading.point].append(as_row(reading))
            minutes = {point: roll(rows[point]) for point in points}
            hours = {point: merge(minutes[point], HOUR_MS) for point in points}
            self._minutes += self._store("minute", minutes, start, end)
            self._hours += self._store("hour", hours, start, end)
        finish(self._client, [note for of_point in notes.values() for note in of_point])

    def _store(self, tier: Resolution, samples: dict[int, list[Sample]], start: int, end: int) -> int:
        """Write roll-ups over those of an earlier pass; how many there are now."""
        known = rolled_samples(self._client, tier, samples, start, end)
        lines: list[str] = []
        for point, of_point in samples.items():
            prefix = self._prefixes.of(point)
            lines += [rolled_line(prefix, sample, self._rolled_ms) for sample in of_point]
            there = {sample.at_ms for sample in of_point}
            gone = [at for at, sample in known[point].items() if sample.count and at not in there]
            lines += [gone_line(prefix, at, self._rolled_ms) for at in gone]
        if lines:
            self._client.write(tier, lines)
        return sum(map(len, samples.values()))

    def _expired(self, before: State, open_from: int) -> State:
        """The state after this pass. Never back: after a longer retention is set, what is gone is gone."""
        kept = self._retention
        return State(
            open_from,
            *(
                max(known, start_of(self._now_ms - days * DAY_MS, HOUR_MS))
                for known, days in (
                    (before.raw_from, kept.raw_days),
                    (before.minute_from, kept.minute_days),
                    (before.hour_from, kept.hour_days),
                )
            ),
        )

    def _count(self, start_ms: int, end_ms: int) -> int:
        """Readings of a range that are still there."""
        if start_ms >= end_ms:
            return 0
        groups = self._client.select(
            "raw", f"SELECT count(q) FROM reading WHERE {between(start_ms, end_ms)}", AnyRow
        )
        return sum(row.number or 0 for group in groups for row in group.values)


def over_hour(now_ms: int) -> int:
    """Hours before this one may be rolled up."""
    return (now_ms - GRACE_MS) // HOUR_MS


def _parts(notes: Sequence[Note]) -> Iterator[tuple[int, _NotesOf]]:
    """The notes by hour, oldest first, and some points of it at a time."""
    by_hour: dict[int, _NotesOf] = defaultdict(lambda: defaultdict(list))
    for note in notes:
        by_hour[note.hour][note.point].append(note)
    for hour in sorted(by_hour):
        points = sorted(by_hour[hour])
        for first in range(0, len(points), _POINTS):
            yield hour, {point: by_hour[hour][point] for point in points[first : first + _POINTS]}
