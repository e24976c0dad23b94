"""A data folder with a current database, and the command line on it, in this process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from server.commands.cli import app

Plantroom = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty data folder that the environment names; whatever a command adds to the environment goes."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("PLANTROOM_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PLANTROOM_DATA", str(tmp_path))
    yield tmp_path
    for name in set(os.environ) - set(before):
        del os.environ[name]


@pytest.fixture
def plantroom(data: Path) -> Plantroom:
    """``plantroom("user", "add", ...)`` on a migrated database; ``input=`` is what is piped in."""

    def run(*arguments: str, piped: str | None = None) -> Result:
        return CliRunner().invoke(app, arguments, input=piped)

    assert run("migrate").exit_code == 0
    return run
