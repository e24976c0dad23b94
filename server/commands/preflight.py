"""What can be wrong before anything is started, each said in one line with what to do about it."""

from __future__ import annotations

import errno
import shutil
import socket
import sqlite3
import tempfile
from pathlib import Path
from urllib.parse import quote

import psutil

LEAST_FREE_BYTES = 512 * 1024 * 1024
"""Less than this and a busy day could fill the disk before anybody looks."""
QUICKLY_CHECKED_BYTES = 64 * 1024 * 1024
"""Up to this size a database is checked page by page at each start; ``doctor`` does it for any size."""
_PAGE_SIZE_AT, _PAGES_AT = 16, 28
"""Offsets in the first 100 bytes of an SQLite file (sqlite.org/fileformat.html, 1.3)."""


class Refused(Exception):
    """Plantroom does not start; the text is the line for the terminal."""


def check_data_folder(folder: Path, *, least_free_bytes: int = LEAST_FREE_BYTES) -> None:
    """Make the folder if it is missing; raise Refused where it cannot be written to or the disk is full."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
        free = shutil.disk_usage(folder).free
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise Refused(f"the disk of {folder} is full: make room, then start again") from error
        raise Refused(
            f"cannot write to the data folder {folder}: {error.strerror}. "
            "Give this user the right to, or choose another folder with PLANTROOM_DATA"
        ) from error
    if free < least_free_bytes:
        raise Refused(
            f"the disk of {folder} has {free / 1e6:.0f} MB free, at least {least_free_bytes / 1e6:.0f} MB are needed: "
            "make room, or choose another folder with PLANTROOM_DATA"
        )


def check_port(host: str, port: int, *, variable: str) -> None:
    """Raise Refused if nobody can listen there, naming who does. ``variable`` chooses another port."""
    problem = _bind_problem(host, port)
    if problem is None:
        return
    if problem.errno == errno.EADDRINUSE:
        raise Refused(
            f"port {port} is in use by {holder_of(port)}: stop it, or choose another port with {variable}=..."
        )
    raise Refused(
        f"cannot listen on {host} port {port}: {problem.strerror}. Choose another with {variable}=..."
    )


def free_port_from(host: str, first: int, *, tries: int = 100, taken: int | None = None) -> int:
    """The first port from ``first`` on that is free and not ``taken``. Raises Refused if there is none."""
    for port in range(first, min(first + tries, 65536)):
        if port != taken and _bind_problem(host, port) is None:
            return port
    raise Refused(f"no free port on {host} from {first} to {first + tries - 1}")


def holder_of(port: int) -> str:
    """Who listens there, as far as this user may know: "nginx (process 4711)"."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and getattr(connection.laddr, "port", 0) == port
            if listens and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return "another program"


def check_sqlite(path: Path) -> None:
    """Raise Refused if this file exists and is broken. Thorough for small files, cheap for large ones."""
    if not path.exists():
        return
    problem = sqlite_problem(path, thorough=path.stat().st_size <= QUICKLY_CHECKED_BYTES)
    if problem is not None:
        raise Refused(
            f"the file {path} is broken ({problem}): restore it from a backup, "
            "or move it away to start with an empty one"
        )


def sqlite_problem(path: Path, *, thorough: bool) -> str | None:
    """What is wrong with this SQLite file; None: nothing was found."""
    try:
        if cut := _missing_pages(path):
            return f"{cut} pages at its end are missing"
        # through a URI with mode=rw, so that a missing file is not made; ro could not read a WAL left by a crash
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=rw", uri=True, timeout=5)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if thorough:
                (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
                return None if said == "ok" else str(said)
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        return None if "locked" in str(error) else str(error)
    except (sqlite3.DatabaseError, OSError) as error:
        return str(error)
    return None


def _missing_pages(path: Path) -> int:
    """How many pages fewer the file has than its header says; 0 while a WAL may still bring them."""
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        return 0
    with path.open("rb") as file:
        header = file.read(100)
    if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
        return 0
    page_size = int.from_bytes(header[_PAGE_SIZE_AT : _PAGE_SIZE_AT + 2], "big")
    pages = int.from_bytes(header[_PAGES_AT : _PAGES_AT + 4], "big")
    page_size = 65536 if page_size == 1 else page_size
    return max(0, pages - path.stat().st_size // page_size)


def _bind_problem(host: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            return error
    return None
