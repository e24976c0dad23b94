"""Raw readings out of InfluxDB: in order of time page by page, and the newest of each point."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from heapq import merge
from itertools import pairwise
from operator import attrgetter

from telemetry.reading import Reading
from telemetry.store.influx_client import InfluxClient
from telemetry.store.influx_journal import wall_ms
from telemetry.store.influx_lines import LAST_MS, NOT_BAD, RAW_FIELDS, USABLE, RawRow, is_whole, to_reading

_PAGE = 20_000
_POINTS = 2_000
"""Points in one query."""
_QUARTER_MS, _DAY_MS = 900_000, 86_400_000


def of_points(points: Iterable[int]) -> str:
    """The condition that selects these points."""
    wanted = sorted(points)
    if len(wanted) == 1:
        return f"point = '{wanted[0]}'"
    return f"point =~ /^(?:{'|'.join(map(str, wanted))})$/"


def between(start_ms: int, end_ms: int) -> str:
    """The condition that selects a range of time, as far as the database knows time."""
    return f"time >= {max(start_ms, -LAST_MS)}ms AND time < {min(end_ms, LAST_MS)}ms"


def read(client: InfluxClient, points: Collection[int], start_ms: int, end_ms: int) -> Iterator[Reading]:
    """Readings of all qualities by time, and by point within an instant."""
    wanted = sorted(set(points))
    parts = [wanted[first : first + _POINTS] for first in range(0, len(wanted), _POINTS)]
    streams = [_stream(client, part, start_ms, end_ms) for part in parts]
    return streams[0] if len(streams) == 1 else merge(*streams, key=attrgetter("at_ms", "point"))


def _stream(client: InfluxClient, points: list[int], start_ms: int, end_ms: int) -> Iterator[Reading]:
    limit, start_ms = _PAGE, max(start_ms, -LAST_MS)
    fields = f"SELECT {RAW_FIELDS}, point FROM reading WHERE {of_points(points)}"
    while start_ms < end_ms:
        groups = client.select("raw", f"{fields} AND {between(start_ms, end_ms)} LIMIT {limit}", RawRow)
        rows = [row for group in groups for row in group.values]
        next_ms = end_ms
        if len(rows) == limit:
            # the last instant may go on behind the page's end
            next_ms = rows[-1].at_ms
            rows = [row for row in rows if row.at_ms < next_ms]
            if not rows:
                limit *= 2
                continue
        yield from _distinct(rows)
        start_ms = next_ms


def _distinct(rows: list[RawRow]) -> Iterator[Reading]:
    """In order, one reading an instant and point. There may be two where the asset was renamed in between."""
    found = {(row.at_ms, int(row.point)): row for row in rows if is_whole(row)}
    for place in sorted(found):
        yield to_reading(found[place], place[1])


def usable_rows(
    client: InfluxClient, point: int, start_ms: int, end_ms: int, *, most: int
) -> list[Reading] | None:
    """The readings of one point that a series shows, oldest first; None if there are more than ``most``."""
    where = f"point = '{point}' AND {USABLE} AND {between(start_ms, end_ms)}"
    groups = client.select(
        "raw", f"SELECT {RAW_FIELDS}, point FROM reading WHERE {where} LIMIT {most + 1}", RawRow
    )
    rows = [row for group in groups for row in group.values]
    return list(_distinct(rows)) if len(rows) <= most else None


def latest(client: InfluxClient, points: Collection[int], raw_from_ms: int) -> dict[int, Reading]:
    """Newest reading by point that is not BAD. What speaks now is found in the last quarter of an hour; for
    the others the look goes back a day, and then as far as there is anything."""
    now, found = wall_ms(), {}
    missing = set(points)
    edges = (LAST_MS, now - _QUARTER_MS, now - _DAY_MS, raw_from_ms)
    for end, start in pairwise(edges):
        ordered = sorted(missing)
        for first in range(0, len(ordered), _POINTS):
            found.update(_newest(client, ordered[first : first + _POINTS], start, end))
        missing -= found.keys()
    return found


def _newest(client: InfluxClient, points: list[int], start_ms: int, end_ms: int) -> dict[int, Reading]:
    if start_ms >= end_ms:
        return {}
    where = f"{of_points(points)} AND {NOT_BAD} AND {between(start_ms, end_ms)}"
    query = f"SELECT {RAW_FIELDS}, point FROM reading WHERE {where} GROUP BY point ORDER BY time DESC LIMIT 1"
    groups = client.select("raw", query, RawRow)
    newest = {int(group.tags["point"]): group.values[0] for group in groups}
    return {point: to_reading(row, point) for point, row in newest.items() if is_whole(row)}
