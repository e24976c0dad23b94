"""Children are started again when they die, stopped in order, and never outlive us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import psutil
import pytest

from server.commands.supervisor import Program, StartFailed, StopAsked, Supervisor
from server.commands.terminal import Terminal
from tests.support.waiting import eventually

FOREVER = "import time\nwhile True: time.sleep(0.05)"


@pytest.fixture
def said() -> StringIO:
    return StringIO()


@pytest.fixture
def supervisor(tmp_path: Path, said: StringIO) -> Iterator[Supervisor]:
    watched = Supervisor(Terminal(said), tmp_path)
    yield watched
    watched.stop()


def python(name: str, code: str, on_line: Callable[[str], None] | None = None) -> Program:
    return Program(name, [sys.executable, "-c", code], on_line=on_line)


def test_it_starts_a_dead_child_again_and_says_so(supervisor: Supervisor, said: StringIO) -> None:
    child = supervisor.start(python("gateway", FOREVER))
    first = child.process
    assert first is not None
    first.kill()

    def restarted() -> bool:
        supervisor.tend()
        return child.is_running and child.process is not first

    eventually(restarted)
    assert "killed by SIGKILL; starting it again in 1 s" in said.getvalue()


def test_it_waits_longer_each_time_a_child_dies_young(supervisor: Supervisor) -> None:
    child = supervisor.start(python("rules", FOREVER))
    pauses = []
    for _ in range(7):
        child.plan_restart()
        pauses.append(child.pause_s)
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_it_waits_until_a_child_is_ready(supervisor: Supervisor, tmp_path: Path) -> None:
    flag = tmp_path / "ready"
    child = supervisor.start(python("server", f"open({str(flag)!r}, 'w')\n{FOREVER}"))
    supervisor.wait_until(flag.exists, child, timeout_s=10)
    assert child.is_running


def test_a_refusal_to_start_is_told_in_the_words_of_the_child(supervisor: Supervisor) -> None:
    code = "import sys; print('plantroom: PLANTROOM_PORT: too small', file=sys.stderr); sys.exit(2)"
    child = supervisor.start(python("server", code))
    with pytest.raises(StartFailed, match="server: PLANTROOM_PORT: too small"):
        supervisor.wait_until(lambda: False, child, timeout_s=10)


def test_a_child_that_never_gets_ready_is_named(supervisor: Supervisor) -> None:
    child = supervisor.start(python("rules", FOREVER))
    with pytest.raises(StartFailed, match="rules: not ready after 0 s"):
        supervisor.wait_until(lambda: False, child, timeout_s=0.2)


def test_stop_ends_them_all_even_who_does_not_listen(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.commands.supervisor.STOP_S", 0.5)
    deaf = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)\n" + FOREVER
    )
    heard: list[str] = []
    broker = supervisor.start(python("broker", FOREVER))
    stubborn = supervisor.start(python("server", deaf, on_line=heard.append))
    eventually(lambda: heard)
    supervisor.stop()
    assert not broker.is_running
    assert stubborn.process is not None
    assert stubborn.process.returncode == -signal.SIGKILL


def test_a_signal_ends_the_waiting(supervisor: Supervisor) -> None:
    before = (
        signal.getsignal(signal.SIGTERM),
        signal.getsignal(signal.SIGINT),
        signal.getsignal(signal.SIGHUP),
    )
    try:
        supervisor.handle_signals()
        child = supervisor.start(python("server", FOREVER))
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(StopAsked):
            supervisor.wait_until(lambda: False, child, timeout_s=10)
    finally:
        for number, handler in zip((signal.SIGTERM, signal.SIGINT, signal.SIGHUP), before, strict=True):
            signal.signal(number, handler)


def test_output_goes_to_the_log_and_to_who_listens(supervisor: Supervisor, tmp_path: Path) -> None:
    heard: list[str] = []
    supervisor.start(python("simulator", "print('one'); print('two')", on_line=heard.append))
    eventually(lambda: heard == ["one", "two"])
    eventually(lambda: (tmp_path / "simulator.log").read_text() == "one\ntwo\n")


PARENT = """
import sys, time
from io import StringIO
from pathlib import Path
from server.commands.supervisor import Program, Supervisor
from server.commands.terminal import Terminal
supervisor = Supervisor(Terminal(StringIO()), Path(sys.argv[1]))
child = supervisor.start(Program("child", [sys.executable, "-c", "import time\\nwhile True: time.sleep(1)"]))
print(child.process.pid, flush=True)
time.sleep(60)
"""


def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    eventually(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_without_help_of_the_kernel_the_parent_is_watched(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom server.commands import follow\n"
        "follow._LOOK_EVERY_S = 0.05\n"
        "if os.fork():\n    sys.stdin.readline(); os._exit(0)\n"
        f"raise SystemExit(follow.watch(os.getppid(), [sys.executable, '-c', {FOREVER!r}]))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as parent:
        family = eventually(lambda: _grandchild(parent.pid))
        assert parent.stdin is not None
        parent.stdin.write(b"\n")
        parent.stdin.close()
    for process in family:
        eventually(lambda p=process: not p.is_running() or p.status() == psutil.STATUS_ZOMBIE)


def _grandchild(pid: int) -> list[psutil.Process]:
    family = psutil.Process(pid).children(recursive=True)
    return family if len(family) == 2 else []
