"""What ``up`` says at the terminal: one quiet, aligned line a step; colour and redrawing only where a person looks."""

from __future__ import annotations

import os
import sys
import threading
from typing import TextIO

NAME_WIDTH = 11
_NOTED_EVERY = 0.25
"""Without a terminal a line of progress is written for each quarter, not for each per cent."""


class Terminal:
    """Writes lines; a line of progress is redrawn in place on a terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._is_tty = self._stream.isatty()
        self._colour = self._is_tty and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        self._open = False
        """Whether a redrawn line stands without its end."""
        self._noted: dict[str, float] = {}
        self._writing = threading.Lock()
        """Progress comes from the threads that read the processes' output."""

    def line(self, text: str = "") -> None:
        with self._writing:
            self._close()
            self._write(text + "\n")

    def heading(self, text: str) -> None:
        self.line(self._paint(text, "1"))

    def step(self, name: str, text: str) -> None:
        """``name`` in the left column, what is the matter on the right."""
        self.line(self._row(name, text))

    def problem(self, name: str, text: str) -> None:
        self.line(self._row(name, self._paint(text, "33")))

    def progress(self, name: str, text: str, done: float) -> None:
        """``done`` from 0 to 1."""
        row = self._row(name, f"{text} {done:4.0%}")
        with self._writing:
            if self._is_tty:
                self._write(f"\r\x1b[K{row}")
                self._open = True
            elif done - self._noted.get(name, -1.0) >= _NOTED_EVERY:
                self._noted[name] = done
                self._write(row + "\n")

    def _row(self, name: str, text: str) -> str:
        return f"  {self._paint(f'{name:<{NAME_WIDTH}}', '2')} {text}"

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text

    def _close(self) -> None:
        if self._open:
            self._open = False
            self._write("\n")

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except BrokenPipeError:
            pass  # nobody reads any more (`plantroom up | head`); the building is watched all the same
