"""Only one ``up`` works on a data folder, and the folder is free again however the first one ended."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.commands.lock import lock_data_folder
from server.commands.preflight import Refused

HOLD = """
import sys, subprocess
from pathlib import Path
from server.commands.lock import lock_data_folder
lock = lock_data_folder(Path(sys.argv[1]))
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=sys.stdin, pass_fds=(lock,))
print(child.pid, flush=True)
child.wait()
"""


def hold(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_a_second_one_is_refused_by_name(tmp_path: Path) -> None:
    with hold(tmp_path) as first, pytest.raises(Refused, match=rf"already running .*process {first.pid}"):
        try:
            lock_data_folder(tmp_path)
        finally:
            first.kill()


def test_it_waits_for_what_a_killed_run_left_behind(tmp_path: Path) -> None:
    with hold(tmp_path) as first:
        first.kill()
        first.wait()
        with pytest.raises(Refused, match="earlier run still use"):
            lock_data_folder(tmp_path, patience_s=0.3)
        assert first.stdin is not None
        first.stdin.close()  # its child ends
        os.close(lock_data_folder(tmp_path))


def test_the_folder_can_be_taken_again(tmp_path: Path) -> None:
    for _ in range(2):
        os.close(lock_data_folder(tmp_path))
