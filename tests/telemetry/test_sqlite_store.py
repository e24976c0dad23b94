"""The SQLite adapter against the contract, and what only a file can go through."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from telemetry.reading import Quality, Reading
from telemetry.store import open_store
from telemetry.store.contract import (
    ReadingStore,
    RejectedReadings,
    Retention,
    StoreUnavailable,
    UnusableStore,
)
from telemetry.store.sqlite import SqliteStore
from telemetry.store.sqlite_expire import return_pages
from telemetry.store.sqlite_file import SqliteFile
from tests.telemetry.series_contract import SeriesContract
from tests.telemetry.store_contract import DAY, FOREVER, HOUR, KEEP, MINUTE, T0, OpenStore, StoreContract


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "readings.db"


@pytest.fixture
def open_it(path: Path) -> Iterator[OpenStore]:
    opened: list[SqliteStore] = []

    def open_sqlite(retention: Retention = KEEP, *, read_only: bool = False) -> ReadingStore:
        store = SqliteStore(path, retention=retention, read_only=read_only)
        opened.append(store)
        return store

    yield open_sqlite
    for store in opened:
        store.close()


class TestSqliteStore(StoreContract):
    pass


class TestSqliteSeries(SeriesContract):
    pass


def batch(number: int, size: int = 500) -> list[Reading]:
    return [Reading(point, T0 + number * 1000, float(number)) for point in range(size)]


def test_a_url_opens_the_file_and_makes_its_folder(path: Path) -> None:
    open_store(f"sqlite:///{path}").write(batch(1))
    assert len(list(open_store(f"sqlite:///{path}", read_only=True).read(range(500), *FOREVER))) == 500


@pytest.mark.parametrize(
    "url", ["mongodb://here/readings", "sqlite:///", "sqlite://readings.db", "readings.db", ""]
)
def test_a_url_of_no_known_kind_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not a store that Plantroom knows"):
        open_store(url)


def test_a_reader_may_come_before_the_first_reading(path: Path) -> None:
    reader = open_store(f"sqlite:///{path}", read_only=True)
    with pytest.raises(StoreUnavailable, match="nothing has been stored"):
        reader.latest([1])
    open_store(f"sqlite:///{path}").write(batch(1))
    assert reader.latest([1]) == {1: Reading(1, T0 + 1000, 1.0)}


def test_a_reader_writes_nothing(path: Path) -> None:
    open_store(f"sqlite:///{path}").write(batch(1))
    reader = open_store(f"sqlite:///{path}", read_only=True)
    with pytest.raises(RuntimeError, match="for reading only"):
        reader.write(batch(2))
    with pytest.raises(RuntimeError, match="for reading only"):
        reader.maintain(T0)


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"Dear diary, " * 1000)
    with pytest.raises(UnusableStore, match="not a store of readings") as refusal:
        open_store(f"sqlite:///{path}")
    assert refusal.value.path == str(path)
    assert path.read_bytes() == b"Dear diary, " * 1000


def test_a_database_of_another_program_is_refused(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE bookmarks (url)")
    with pytest.raises(UnusableStore, match="another program"):
        open_store(f"sqlite:///{path}")


def test_a_file_from_a_newer_version_is_refused(path: Path) -> None:
    store = SqliteStore(path, retention=KEEP)
    store.close()
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 2")
    with pytest.raises(UnusableStore, match=r"newer Plantroom \(format 2, this one knows 1\)"):
        open_store(f"sqlite:///{path}", read_only=True)


def test_damage_is_said_as_such(path: Path) -> None:
    store = SqliteStore(path, retention=KEEP)
    for number in range(50):
        store.write(batch(number))
    store.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(20_480)
        file.write(b"\xff" * (size - 20_480))
    with pytest.raises(UnusableStore, match="is damaged") as refusal:
        list(open_store(f"sqlite:///{path}").read(range(500), *FOREVER))
    assert str(path) in str(refusal.value)


def test_a_folder_in_the_way_is_said_as_such(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StoreUnavailable, match="cannot be"):
        open_store(f"sqlite:///{path}")


def test_a_store_over_its_limit_keeps_what_it_has_and_goes_on_with_more(path: Path) -> None:
    store = SqliteStore(path, retention=KEEP, max_pages=200)
    stored = 0
    with pytest.raises(StoreUnavailable, match="disk is full"):
        while True:
            store.write(batch(stored))
            stored += 1
    assert len(list(store.read(range(500), *FOREVER))) == 500 * stored > 0
    with pytest.raises(StoreUnavailable, match="disk is full"):
        store.maintain(T0 + DAY)
    store.close()
    larger = SqliteStore(path, retention=KEEP)
    larger.write(batch(stored))
    larger.maintain(T0 + DAY)
    assert len(list(larger.read(range(500), *FOREVER))) == 500 * (stored + 1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = [shutil.which("mount") or "mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("may not mount a small disk here")
    yield folder
    subprocess.run([shutil.which("umount") or "umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_waited_out(small_disk: Path) -> None:
    store = SqliteStore(small_disk / "readings.db", retention=KEEP)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1_000_000))
    stored = 0
    with pytest.raises(StoreUnavailable, match="disk is full"):
        while True:
            store.write(batch(stored))
            stored += 1
    with pytest.raises(StoreUnavailable, match="disk is full"):
        store.write(batch(stored))
    assert len(list(store.read(range(500), *FOREVER))) == 500 * stored > 0
    ballast.unlink()
    store.write(batch(stored))
    assert len(list(store.read(range(500), *FOREVER))) == 500 * (stored + 1)
    store.close()


def test_a_lock_held_for_too_long_is_said_as_such(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telemetry.store.sqlite_file.BUSY_TIMEOUT_S", 0.05)
    store = SqliteStore(path, retention=KEEP)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked by another process"):
        store.write(batch(1))
    other.execute("ROLLBACK")
    store.write(batch(1))
    other.close()


def test_rejected_readings_leave_the_store_as_if_never_sent(path: Path) -> None:
    store = SqliteStore(path, retention=KEEP)
    with pytest.raises(RejectedReadings) as refusal:
        store.write([Reading(1, 2**63, 1.0), Reading(1, T0, float("nan")), Reading(1, T0, True)])
    assert [reason for _, reason in refusal.value.rejected] == [
        "time out of range",
        "not a finite number",
        "a value cannot be of type bool",
    ]
    assert not list(store.read([1], *FOREVER))


def test_much_at_once_is_packed_before_its_hour_is_over(path: Path) -> None:
    store = SqliteStore(path, retention=KEEP)
    readings = [Reading(p, T0 + i * 100, float(i)) for i in range(600) for p in range(100)]
    store.write(readings)
    store.maintain(T0 + MINUTE)
    assert list(store.read(range(100), *FOREVER)) == readings
    assert store.latest([7]) == {7: readings[-93]}
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT count(*) FROM recent_0").fetchone() == (0,)
        assert file.execute("SELECT sum(n) FROM chunk").fetchone() == (60_000,)
    replaced = [Reading(reading.point, reading.at_ms, reading.value, Quality.SUSPECT) for reading in readings]
    store.write(replaced)
    store.maintain(T0 + MINUTE)
    assert list(store.read(range(100), *FOREVER)) == replaced
    store.write([Reading(7, T0 + 5, 1.0)])
    (hour,) = store.series(7, T0, T0 + HOUR, max_samples=30).samples
    assert (hour.count, hour.max) == (601, 599.0)


def test_free_pages_go_back_to_the_disk(path: Path) -> None:
    store = SqliteStore(path, retention=Retention(raw_days=1))
    store.write([Reading(p, T0 + i * 1000, i / 3) for i in range(500) for p in range(200)])
    store.maintain(T0 + 2 * HOUR)
    assert store.maintain(T0 + 3 * DAY).readings_expired == 100_000
    store.close()
    before = path.stat().st_size
    file = SqliteFile(path, read_only=False, synchronous="FULL", max_pages=None)
    return_pages(file, spare=10)
    file.close()
    assert path.stat().st_size < before / 3
