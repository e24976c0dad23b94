"""How far the simulator's history is: a line of its output, shown by whoever started it."""

from __future__ import annotations

from server.commands.terminal import Terminal

_MARK = "progress "


def report(share: float) -> None:
    """Print how much of the history is written, 0 to 1."""
    print(f"{_MARK}{share:.3f}", flush=True)


class SimulatorProgress:
    """Turns those lines into one line at the terminal."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._is_live = False

    def note(self, line: str) -> None:
        if not line.startswith(_MARK):
            return
        share = float(line.removeprefix(_MARK))
        if share < 1:
            self._terminal.progress("simulator", "writing the building's history", share)
        elif not self._is_live:
            self._is_live = True
            self._terminal.step("simulator", "live; within three minutes something goes wrong")
