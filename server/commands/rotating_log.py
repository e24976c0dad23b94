"""The output of one process, line by line, into a file that cannot fill the disk."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO

LARGEST_BYTES = 10 * 1024 * 1024
KEPT = 3
"""Older files beside the current one: ``server.log.1`` is the newest of them."""


class RotatingLog:
    """Reads a process's output on a thread of its own and keeps the last lines at hand."""

    def __init__(self, path: Path, *, on_line: Callable[[str], None] | None = None) -> None:
        self._path = path
        self._on_line = on_line
        self.last_lines: deque[str] = deque(maxlen=20)
        self._thread: threading.Thread | None = None

    def follow(self, output: IO[bytes]) -> None:
        """Copy everything until the process closes its output; returns at once."""
        self._thread = threading.Thread(target=self._copy, args=(output,), daemon=True)
        self._thread.start()

    def finish(self, timeout_s: float = 2.0) -> None:
        """Wait for the rest of the output of a process that has ended."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _copy(self, output: IO[bytes]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with output:
            file = self._path.open("ab")
            for raw in output:
                try:
                    file.write(raw)
                    file.flush()
                    if file.tell() > LARGEST_BYTES:
                        file.close()
                        self._rotate()
                        file = self._path.open("ab")
                except OSError:
                    pass  # a full disk must not stop the process by a pipe that nobody empties
                self._note(raw.decode("utf-8", "replace").rstrip("\r\n"))
            file.close()

    def _note(self, line: str) -> None:
        self.last_lines.append(line)
        if self._on_line is not None:
            self._on_line(line)

    def _rotate(self) -> None:
        for number in range(KEPT - 1, 0, -1):
            older = self._numbered(number)
            if older.exists():
                older.replace(self._numbered(number + 1))
        self._path.replace(self._numbered(1))

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")
