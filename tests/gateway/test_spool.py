"""Segments on disk: order, limits, and what crashes and broken disks leave behind."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.segment import Damage, Record, encode_record, read_records, survey
from gateway.spool import Place, Spool, SpoolFull, SpoolState
from telemetry.reading import Quality, Reading
from tests.gateway.support import NOW_MS

MIB = 1024 * 1024


def readings(start: int, count: int = 3) -> list[Reading]:
    """Numbered ones; the number is the value."""
    return [Reading(n % 7, NOW_MS + n, float(n)) for n in range(start, start + count)]


def opened(folder: Path, limit: int = MIB) -> Spool:
    spool = Spool(folder / "spool", limit_bytes=limit)
    spool.open()
    return spool


def drained(spool: Spool) -> list[Reading]:
    """All of it, as the drain takes it, but only what can be read."""
    taken: list[Reading] = []
    while place := spool.oldest():
        end = 0
        for found in spool.read(place):
            end = found.end
            if isinstance(found, Record):
                taken += found.readings
        assert spool.remove(Place(place.path, end))
    return taken


def test_readings_of_all_kinds_come_back_as_they_were(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    given = [
        Reading(1, NOW_MS, 1.5),
        Reading(2, NOW_MS, 2**40, Quality.SUSPECT),
        Reading(3, NOW_MS, "运行", Quality.BACKFILLED),
        Reading(4, NOW_MS, None, Quality.BAD),
    ]
    spool.append(given)
    assert drained(spool) == given


def test_they_come_in_their_order_over_many_segments(tmp_path: Path) -> None:
    spool = opened(tmp_path, limit=64 * 1024)
    for start in range(0, 3000, 10):
        spool.append(readings(start, 10))
    assert len(list((tmp_path / "spool").glob("*.spool"))) > 3
    assert spool.state.readings == 3000
    assert drained(spool) == readings(0, 3000)
    assert spool.state == SpoolState(limit=64 * 1024)
    assert not spool.filled.is_set()


def test_what_was_appended_meanwhile_is_not_removed(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    spool.append(readings(0))
    place = spool.oldest()
    assert place
    (first,) = spool.read(place)
    spool.append(readings(3))
    place = Place(place.path, first.end)
    assert not spool.remove(place)
    (second,) = spool.read(place)
    assert isinstance(second, Record)
    assert second.readings == readings(3)
    assert spool.remove(Place(place.path, second.end))


def test_another_run_finds_everything_and_appends_behind_it(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    spool.append(readings(0))
    again = opened(tmp_path)
    assert again.filled.is_set()
    assert (again.state.readings, again.state.oldest_ms, again.newest_ms) == (3, NOW_MS, NOW_MS + 2)
    again.append(readings(3))
    assert drained(again) == readings(0, 6)


def test_a_full_spool_keeps_what_it_has_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    spool = opened(tmp_path, limit=32 * 1024)
    kept = 0
    with pytest.raises(SpoolFull, match="PLANTROOM_SPOOL_MAX_MB"):
        while True:
            spool.append(readings(kept, 10))
            kept += 10
    assert spool.state.why_full
    assert spool.state.size <= 32 * 1024
    assert drained(spool) == readings(0, kept)
    spool.append(readings(kept, 10))
    assert spool.state.why_full is None


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """The operating system refuses to let any file grow beyond this, in the middle of a write."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_fills_in_the_middle_of_a_record_costs_only_that_record(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    spool.append(readings(0, 50))
    size = spool.state.size
    with no_file_larger_than(size + 20), pytest.raises(SpoolFull, match="File too large"):
        spool.append(readings(50, 50))
    assert (spool.state.readings, spool.state.size) == (50, size)
    spool.append(readings(100, 50))
    assert drained(spool) == readings(0, 50) + readings(100, 50)


def test_a_torn_end_is_told_from_damage(tmp_path: Path) -> None:
    first, _ = encode_record(readings(0))
    second, _ = encode_record(readings(3))
    for cut in range(1, len(second)):
        whole, torn = read_records(first + second[:cut])
        assert whole == Record(readings(0), len(first))
        assert torn == Damage(len(first), len(first) + cut, is_torn_end=True)


def test_a_broken_record_costs_no_other(tmp_path: Path) -> None:
    records = [encode_record(readings(start))[0] for start in (0, 3, 6)]
    for broken in range(len(records[1])):
        changed = bytearray(records[1])
        changed[broken] ^= 0x55
        found = list(read_records(records[0] + bytes(changed) + records[2]))
        kept = [each for record in found if isinstance(record, Record) for each in record.readings]
        assert kept == readings(0) + readings(6)
        (damage,) = (each for each in found if isinstance(each, Damage))
        assert (damage.start, damage.end) == (len(records[0]), len(records[0]) + len(changed))
        assert not damage.is_torn_end


def test_damaged_bytes_are_kept_for_a_person(tmp_path: Path) -> None:
    spool = opened(tmp_path)
    spool.append(readings(0))
    spool.close()
    (path,) = (tmp_path / "spool").glob("*.spool")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    again = opened(tmp_path)
    place = again.oldest()
    assert place
    (damage,) = again.read(place)
    assert isinstance(damage, Damage)
    assert again.set_aside(place, damage).read_bytes() == content


def test_a_survey_counts_without_reading_all(tmp_path: Path) -> None:
    records = [encode_record(readings(start))[0] for start in (0, 3, 6)]
    path = tmp_path / "0000000001.spool"
    path.write_bytes(b"".join(records)[:-4])
    assert survey(path)[:3] == (6, NOW_MS, NOW_MS + 5)
    path.write_bytes(records[0] + b"rubbish" + records[2])
    assert survey(path)[:3] == (6, NOW_MS, NOW_MS + 8)


_APPENDS = """
import sys
from pathlib import Path
from gateway.spool import Spool
from tests.gateway.test_spool import readings
spool = Spool(Path(sys.argv[1]), limit_bytes=2**20)
spool.open()
for start in range(0, 10**6, 3):
    spool.append(readings(start))
    print(start + 3, flush=True)
"""


def test_what_append_returned_from_survives_a_kill(tmp_path: Path) -> None:
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", _APPENDS, str(tmp_path / "spool")],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        assert process.stdout
        said = [int(process.stdout.readline()) for _ in range(50)]
        process.kill()
        said += [int(line) for line in process.stdout if line.endswith("\n")]
        process.wait(10)
        process.stdout.close()
        taken = drained(opened(tmp_path))
        assert taken[: said[-1]] == readings(0, said[-1])
        assert len(taken) in {said[-1], said[-1] + 3}
