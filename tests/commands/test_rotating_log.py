from __future__ import annotations

import io
from pathlib import Path

import pytest

from server.commands import rotating_log
from server.commands.rotating_log import RotatingLog


def test_a_log_is_turned_over_before_it_fills_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotating_log, "LARGEST_BYTES", 1000)
    log = RotatingLog(tmp_path / "server.log")
    log.follow(io.BytesIO(b"".join(b"%099d\n" % number for number in range(100))))
    log.finish()
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["server.log", "server.log.1", "server.log.2", "server.log.3"]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 5000
    assert log.last_lines[-1] == f"{99:099d}"


def test_what_is_not_text_is_kept_as_it_is(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "broker.log")
    log.follow(io.BytesIO(b"caf\xe9\r\nend without newline"))
    log.finish()
    assert (tmp_path / "broker.log").read_bytes() == b"caf\xe9\r\nend without newline"
    assert list(log.last_lines) == ["caf\ufffd", "end without newline"]
