"""Runs a program that ends when its parent does, also when the parent was killed without a chance to say so.

``python -m server.commands.follow PARENT_PID PROGRAM ARGUMENT...`` becomes PROGRAM. On Linux the
kernel sends SIGTERM to it when the parent is gone; elsewhere this process stays in between and looks.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time

_PR_SET_PDEATHSIG = 1  # linux/prctl.h; kept across exec
_LOOK_EVERY_S = 1.0


def main(arguments: list[str]) -> int:
    parent, command = int(arguments[0]), arguments[1:]
    if not sys.platform.startswith("linux"):
        return watch(parent, command)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked to be told
        return 0
    return os.execvp(command[0], command)  # noqa: S606 - the point of this module; no shell


def watch(parent: int, command: list[str]) -> int:
    """Run the program as a child, hand on SIGTERM, end it once our own parent is another one."""
    with subprocess.Popen(command) as child:
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        signal.signal(signal.SIGINT, lambda *_: child.terminate())
        while child.poll() is None:
            if os.getppid() != parent:
                child.terminate()
            time.sleep(_LOOK_EVERY_S)
        return child.returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
