"""What has been touched and not yet rolled up, kept in the database itself: no local state.

After its readings are stored, a batch notes each (point, hour) it has changed in the measurement ``touch``
of the raw tier: time = when noted, field ``hour``. Rolling up adds ``done`` to the notes it has served. Notes before
``open_from`` (measurement ``state`` of the hour tier) are all done, so a pass looks at the last hour or so.
The note comes after the readings and before the acknowledgement: who sees a note sees its readings, and a
batch cut off in between comes again.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from typing import NamedTuple

import msgspec

from telemetry.reading import Reading
from telemetry.store.influx_client import AnyRow, InfluxClient
from telemetry.store.influx_lines import LAST_MS
from telemetry.store.rollup import HOUR_MS, start_of

_SLACK_MS = 600_000
"""How far the clocks of two gateways on one database may differ."""
_LINES = 5_000


class _StateRow(NamedTuple):
    at_ms: int
    open_from: int | None
    raw_from: int | None
    minute_from: int | None
    hour_from: int | None


class _NoteRow(NamedTuple):
    at_ms: int
    hour: int | None
    done: int | None
    point: str


class State(msgspec.Struct, frozen=True):
    """Instants before which all notes are done, and before which a tier has let go. They only grow, which is
    why the largest ever written holds, whatever the clock did."""

    open_from: int = -LAST_MS
    raw_from: int = -LAST_MS
    minute_from: int = -LAST_MS
    hour_from: int = -LAST_MS


class Note(NamedTuple):
    """One (point, hour) that was touched."""

    point: int
    noted_ms: int
    hour: int
    """Number of hours since 1970."""
    done: bool


def read_state(client: InfluxClient) -> State:
    """The state, or its defaults in a new database."""
    largest = ", ".join(f"max({name})" for name in State.__struct_fields__)
    groups = client.select("hour", f"SELECT {largest} FROM state", _StateRow)
    if not groups:
        return State()
    known = groups[0].values[0][1:]
    return State(*(-LAST_MS if number is None else number for number in known))


def write_state(client: InfluxClient, state: State) -> None:
    """One row an hour at the most, because later ones of the hour replace it."""
    fields = ",".join(f"{name}={number}i" for name, number in msgspec.structs.asdict(state).items())
    client.write("hour", [f"state {fields} {start_of(wall_ms(), HOUR_MS)}"])


def notes_since(client: InfluxClient, open_from: int, *, point: int | None = None) -> list[Note]:
    """Notes from an instant on, done or not, oldest first; of one point or of all."""
    of_point = "" if point is None else f" AND point = '{point}'"
    groups = client.select(
        "raw", f"SELECT hour, done, point FROM touch WHERE time >= {open_from}ms{of_point}", _NoteRow
    )
    return [
        Note(int(row.point), row.at_ms, row.hour, row.done is not None)
        for group in groups
        for row in group.values
        if row.hour is not None
    ]


def finish(client: InfluxClient, notes: Iterable[Note]) -> None:
    """Say that what these notes ask for is done."""
    lines = [f"touch,point={note.point} done=1i {note.noted_ms}" for note in notes]
    for first in range(0, len(lines), _LINES):
        client.write("raw", lines[first : first + _LINES])


def open_from_after(open_notes: Collection[Note], seen: Collection[Note], before: int) -> int:
    """Where the next pass begins to look."""
    newest = max((note.noted_ms for note in seen), default=before)
    oldest_open = min((note.noted_ms for note in open_notes), default=newest)
    return max(before, min(oldest_open, newest - _SLACK_MS, wall_ms() - _SLACK_MS))


class Journal:
    """Writes the notes of one writer. An hour that is not over is noted once a point; one that is over may
    be rolled up by anyone at any moment, so each batch that changes it says so."""

    def __init__(self, client: InfluxClient) -> None:
        self._client = client
        self._noted: dict[int, set[int]] = {}
        """Points by hour: their note is written and cannot have been served yet."""
        self._last_ms: int | None = None

    def note(self, readings: Iterable[Reading]) -> None:
        """Note what these readings, already stored, have touched."""
        running = wall_ms() // HOUR_MS
        self.forget(running)
        touched = {(reading.point, reading.at_ms // HOUR_MS) for reading in readings}
        fresh = [(point, hour) for point, hour in touched if point not in self._noted.get(hour, ())]
        if not fresh:
            return
        self._write(fresh)
        for point, hour in fresh:
            if hour >= running:
                self._noted.setdefault(hour, set()).add(point)

    def forget(self, before_hour: int) -> None:
        """Hours before this are about to be rolled up: what changes them from now on is noted anew."""
        for hour in [hour for hour in self._noted if hour < before_hour]:
            del self._noted[hour]

    def _write(self, touched: list[tuple[int, int]]) -> None:
        base = max(wall_ms(), self._newest() + 1)
        of_point: dict[int, int] = {}
        lines = []
        for point, hour in touched:
            # a point's notes of one batch need times of their own, or one would replace the other
            place = of_point[point] = of_point.get(point, -1) + 1
            lines.append(f"touch,point={point} hour={hour}i {base + place}")
        for first in range(0, len(lines), _LINES):
            self._client.write("raw", lines[first : first + _LINES])
        self._last_ms = base + max(of_point.values())

    def _newest(self) -> int:
        """Time of the newest note: the clock may have been set back while we were not running."""
        if self._last_ms is None:
            groups = self._client.select("raw", "SELECT last(hour) FROM touch", AnyRow)
            self._last_ms = groups[0].values[0].at_ms if groups else -LAST_MS
        return self._last_ms


def wall_ms() -> int:
    """Milliseconds since 1970-01-01 UTC, of this machine's clock."""
    return time.time_ns() // 1_000_000
