"""What stands in the way of a start is said in one line that names it and the way out."""

from __future__ import annotations

import os
import socket
import sqlite3
from pathlib import Path

import pytest

from server.commands import preflight
from server.commands.preflight import Refused


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "plantroom.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a TEXT)")
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 1000,)] * 100)
    connection.close()
    return path


def test_it_makes_a_missing_data_folder(tmp_path: Path) -> None:
    preflight.check_data_folder(tmp_path / "a" / "b", least_free_bytes=0)
    assert (tmp_path / "a" / "b").is_dir()


def test_it_refuses_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(Refused, match=r"cannot write to the data folder .*PLANTROOM_DATA"):
        preflight.check_data_folder(tmp_path / "data")


def test_it_refuses_a_place_where_nothing_can_be_made() -> None:
    with pytest.raises(Refused, match="cannot write to the data folder /proc/plantroom"):
        preflight.check_data_folder(Path("/proc/plantroom"))


def test_it_refuses_a_disk_that_is_nearly_full(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"MB free, at least .* MB are needed: make room"):
        preflight.check_data_folder(tmp_path, least_free_bytes=1 << 60)


def test_it_names_who_holds_a_port() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        port = other.getsockname()[1]
        with pytest.raises(
            Refused, match=rf"port {port} is in use by .*process {os.getpid()}.*PLANTROOM_PORT"
        ):
            preflight.check_port("127.0.0.1", port, variable="PLANTROOM_PORT")
        assert preflight.free_port_from("127.0.0.1", port) > port


def test_the_port_that_is_meant_for_another_is_passed_over() -> None:
    free = preflight.free_port_from("127.0.0.1", 20000)
    assert preflight.free_port_from("127.0.0.1", free, taken=free) > free


def test_a_whole_file_passes(database: Path) -> None:
    preflight.check_sqlite(database)


def test_a_missing_file_passes(tmp_path: Path) -> None:
    preflight.check_sqlite(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


def test_a_file_that_is_no_database_is_named(database: Path) -> None:
    database.write_bytes(os.urandom(20000))
    with pytest.raises(Refused, match=rf"the file {database} is broken .*not a database.*backup"):
        preflight.check_sqlite(database)


def test_a_file_cut_short_is_named(database: Path) -> None:
    os.truncate(database, database.stat().st_size // 2)
    with pytest.raises(Refused, match="pages at its end are missing"):
        preflight.check_sqlite(database)


def test_damage_in_the_middle_is_found(database: Path) -> None:
    with database.open("r+b") as file:
        file.seek(8192)
        file.write(os.urandom(4096))
    with pytest.raises(Refused, match=r"the file .* is broken"):
        preflight.check_sqlite(database)
