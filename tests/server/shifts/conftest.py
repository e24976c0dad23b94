from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """SQLite alone: what this room asks of the database, other rooms ask of both."""
    return f"sqlite:///{tmp_path / 'plantroom.db'}"


@pytest.fixture(autouse=True)
def on_the_demo_site(demo_site: None) -> None:
    """Every test of this room has it."""
