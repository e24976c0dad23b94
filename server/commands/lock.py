"""One ``plantroom up`` a data folder."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

import psutil

from server.commands.preflight import Refused

PATIENCE_S = 10.0
"""Processes of a run that was killed end by themselves within this time."""
_SAME_START_S = 2.0
"""A process id is used again after a while; the time it started at tells the two apart, clock steps aside."""


def lock_data_folder(folder: Path, *, patience_s: float = PATIENCE_S) -> int:
    """Take the folder; gives the open file that holds the lock. Raises Refused while another holds it.

    The file descriptor is handed down to all processes that are started, so the folder is free
    only when the last of them is gone, however they ended.
    """
    descriptor = os.open(folder / "plantroom.lock", os.O_RDWR | os.O_CREAT, 0o644)
    deadline = time.monotonic() + patience_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            _refuse_if_alive(folder, os.pread(descriptor, 200, 0).decode("ascii", "replace"))
            if time.monotonic() > deadline:
                os.close(descriptor)
                raise Refused(
                    f"processes of an earlier run still use {folder}: wait a moment, or end them, and start again"
                ) from None
            time.sleep(0.1)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()} {psutil.Process().create_time()}".encode(), 0)
    return descriptor


def _refuse_if_alive(folder: Path, owner: str) -> None:
    pid, _, started = owner.partition(" ")
    try:
        alive = abs(psutil.Process(int(pid)).create_time() - float(started)) < _SAME_START_S
    except (psutil.NoSuchProcess, ValueError):
        return
    if alive:
        raise Refused(
            f"already running on {folder} (process {pid}): stop that one first, "
            "or choose another folder with PLANTROOM_DATA"
        )
