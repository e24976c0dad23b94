"""kill -9 at any moment: what write() acknowledged is there, once, and rolled up right."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from telemetry.reading import Reading
from telemetry.store.sqlite import SqliteStore
from tests.telemetry.store_contract import DAY, FOREVER, HOUR, KEEP, MINUTE, T0

POINTS = range(1, 41)

# Writes batch after batch and says each number once it is stored; maintains beside that, as the gateway does.
_WRITER = """
import sys, threading, pathlib
from tests.telemetry.test_sqlite_kill import batch
from tests.telemetry.store_contract import KEEP, MINUTE, T0
from telemetry.store.sqlite import SqliteStore
store = SqliteStore(pathlib.Path(sys.argv[1]), retention=KEEP)
number = int(sys.argv[2])
def maintain():
    while True:
        store.maintain(T0 + number * MINUTE)
threading.Thread(target=maintain, daemon=True).start()
while True:
    store.write(batch(number))
    print(number, flush=True)
    number += 1
"""


def batch(number: int) -> list[Reading]:
    """A minute of all points; every seventh comes again with the next, as after a lost acknowledgement."""
    fresh = [Reading(point, T0 + number * MINUTE, float(number)) for point in POINTS]
    return batch(number - 1) + fresh if number % 7 == 1 else fresh


@pytest.mark.parametrize("seed", range(3))
def test_what_was_acknowledged_survives_kill_9(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "readings.db"
    chance = random.Random(seed)
    acknowledged = -1
    for _ in range(5):
        acknowledged = _write_until_killed(path, acknowledged + 1, acknowledged + chance.randint(10, 150))
        store = SqliteStore(path, retention=KEEP)
        found = list(store.read(POINTS, *FOREVER))
        whole = len(found) // len(POINTS)
        assert whole >= acknowledged + 1
        assert found == [Reading(p, T0 + i * MINUTE, float(i)) for i in range(whole) for p in POINTS]
        store.close()
    store = SqliteStore(path, retention=KEEP)
    store.maintain(T0 + 400 * DAY)
    hours = store.series(7, *FOREVER, max_samples=50)
    assert sum(sample.count for sample in hours.samples) == whole
    assert hours.samples[0].count == min(60, whole)
    assert all(sample.max == (sample.at_ms - T0) // MINUTE + sample.count - 1 for sample in hours.samples)
    assert whole > 60, "the writer must get past an hour, or nothing is rolled up"
    assert hours.samples[0].at_ms % HOUR == 0


def _write_until_killed(path: Path, first: int, last: int) -> int:
    """Run a writer from batch ``first`` and kill it once it has acknowledged ``last``, at whatever it is then
    doing. Returns the last number it acknowledged."""
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path), str(first)], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        acknowledged = first - 1
        while acknowledged < last:
            line = writer.stdout.readline()
            assert line, "the writer ended by itself"
            acknowledged = int(line)
        writer.kill()
        rest = [line for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        return int(rest[-1]) if rest else acknowledged
