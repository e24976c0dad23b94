"""One demo building for all tests of this folder, and for no longer than they take."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.plantroom import CALM, RunningPlantroom


@pytest.fixture(scope="package")
def running_plantroom() -> Iterator[RunningPlantroom]:
    """The demo building, calm, with a few hours of history.

    Starting and running it costs more than any test of it: all files that ask for it go to one worker
    (``tests/conftest.py``), and it stops before that worker goes on.
    """
    folder = Path(tempfile.mkdtemp(prefix="plantroom-up-"))
    plantroom = RunningPlantroom(folder / "data", "--demo", "--scenario", str(CALM), "--history-days", "0.1")
    try:
        plantroom.start()
        yield plantroom
    finally:
        plantroom.close()
        shutil.rmtree(folder, ignore_errors=True)
