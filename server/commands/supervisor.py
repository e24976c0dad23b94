"""Starts processes, starts them again when they die, and ends them all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from server.commands import follow
from server.commands.rotating_log import RotatingLog
from server.commands.terminal import Terminal

LOOK_EVERY_S = 0.1
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
"""Between the end of a process and its next start; doubled each time it dies again soon."""
STEADY_AFTER_S = 60.0
"""Having lived that long, a process that dies is started again without a longer pause."""
STOP_S = 6.0
"""Each process stops cleanly within 5 s; what is not gone by then is killed."""
HOPELESS_S = 5.0


class StartFailed(Exception):
    """A process ended, or did not get ready, while we waited for it. One line for the terminal."""


class StopAsked(Exception):
    """Somebody wants us to end while we wait for something."""


@dataclass(frozen=True)
class Program:
    """What to run. ``on_line`` sees each line of its output, on another thread."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    on_line: Callable[[str], None] | None = None


class Child:
    """One program and the process that runs it now."""

    def __init__(self, program: Program, log_file: Path) -> None:
        self.program = program
        self.log_file = log_file
        self.log = RotatingLog(log_file, on_line=program.on_line)
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.pause_s = 0.0
        self.due_at: float | None = None
        """When to start it again; None while it runs."""

    def start(self, *, kept_open: tuple[int, ...]) -> None:
        """Must run on the main thread: on Linux the death of the *thread* that started it ends the child."""
        wrapper = [sys.executable, "-I", "-S", str(follow.__file__), str(os.getpid())]
        self.process = subprocess.Popen(
            [*wrapper, *self.program.command],
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self.program.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=kept_open,
            process_group=0,  # Ctrl-C at the terminal is for us alone; we end the others in order
        )
        assert self.process.stdout is not None
        self.log.follow(self.process.stdout)
        self.started_at, self.due_at = time.monotonic(), None

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """To the process and whatever it started."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def plan_restart(self) -> None:
        lived_s = time.monotonic() - self.started_at
        again = lived_s < STEADY_AFTER_S and self.pause_s > 0
        self.pause_s = min(self.pause_s * 2, LONGEST_PAUSE_S) if again else FIRST_PAUSE_S
        self.due_at = time.monotonic() + self.pause_s

    def reason(self) -> str:
        """How it ended, for the terminal: what it said itself if it refused to start."""
        code = self.process.returncode if self.process else None
        self.log.finish()
        said = [
            line.removeprefix("plantroom: ") for line in self.log.last_lines if line.startswith("plantroom: ")
        ]
        if code == 2 and said:
            return said[-1]
        if code is not None and code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"ended with exit code {code}"


class Supervisor:
    """Looks after the children until somebody asks it to stop."""

    def __init__(self, terminal: Terminal, logs: Path, *, kept_open: tuple[int, ...] = ()) -> None:
        """``kept_open``: file descriptors the children inherit, such as the lock on the data folder."""
        self._terminal = terminal
        self._logs = logs
        self._kept_open = kept_open
        self._children: list[Child] = []
        self._signals = 0
        """How often we were asked to stop. A plain number: an Event's lock may be held by the very
        thread that the signal interrupts."""

    def handle_signals(self) -> None:
        """From now on Ctrl-C and SIGTERM ask us to stop; a second one does not wait for anybody."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle_signal)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup wants us to outlive the terminal
            signal.signal(signal.SIGHUP, self._handle_signal)

    def start(self, program: Program) -> Child:
        child = Child(program, self._logs / f"{program.name}.log")
        self._children.append(child)
        child.start(kept_open=self._kept_open)
        return child

    def wait_until(
        self,
        is_ready: Callable[[], bool],
        child: Child,
        *,
        timeout_s: float,
        ask_every_s: float = LOOK_EVERY_S,
    ) -> None:
        """Wait for a child to be ready, looking after the others meanwhile. Raises StartFailed, StopAsked."""
        deadline = time.monotonic() + timeout_s
        while not is_ready():
            self._check_stop()
            if not child.is_running:
                raise StartFailed(f"{child.program.name}: {child.reason()} (log: {child.log_file})")
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"{child.program.name}: not ready after {timeout_s:.0f} s (log: {child.log_file})"
                )
            self.tend(except_for=child)
            time.sleep(ask_every_s)

    def watch(self) -> None:
        """Look after the children until somebody asks us to stop."""
        while not self._signals:
            self.tend()
            time.sleep(LOOK_EVERY_S)

    def tend(self, *, except_for: Child | None = None) -> None:
        """Notice who has died, and start again whose pause is over."""
        for child in self._children:
            if child is except_for or child.is_running:
                continue
            if child.due_at is None:
                child.plan_restart()
                self._terminal.problem(
                    child.program.name,
                    f"{child.reason()}; starting it again in {child.pause_s:.0f} s (log: {child.log_file})",
                )
            elif time.monotonic() >= child.due_at:
                child.start(kept_open=self._kept_open)

    def stop(self) -> None:
        """End all children, those started last first; the first one (the broker) after all others."""
        broker, others = self._children[:1], self._children[1:]
        self._end(list(reversed(others)), within_s=STOP_S)
        self._end(broker, within_s=1.5)

    def _end(self, children: list[Child], *, within_s: float) -> None:
        for child in children:
            child.signal(signal.SIGTERM)
        began = time.monotonic()
        while any(child.is_running for child in children):
            waited_s = time.monotonic() - began
            if waited_s > within_s or self._signals > 1:
                for child in children:
                    child.signal(signal.SIGKILL)
            if waited_s > within_s + HOPELESS_S:
                break  # stuck in the kernel, e.g. on a disk that does not answer; it ends when that does
            time.sleep(0.02)
        for child in children:
            child.log.finish()

    def _check_stop(self) -> None:
        if self._signals:
            raise StopAsked

    def _handle_signal(self, _number: int, _frame: object) -> None:
        self._signals += 1
