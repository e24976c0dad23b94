"""Fixtures for all tests; each lives in tests/support, in a file named after what it starts."""

from __future__ import annotations

import pytest

pytest_plugins = [
    "tests.support.chromium",
    "tests.support.databases",
    "tests.support.influx",
    "tests.support.mosquitto",
    "tests.support.phone",
    "tests.support.plantroom",
]

WAITS_MOST = ("faults", "e2e", "incidents", "rules", "gateway_decoders")
"""Folders whose tests mostly wait for real processes: begun first, so that none of them runs alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order of files; within a file, tests stay as they are written."""
    items.sort(key=lambda item: item.path.parent.name not in WAITS_MOST)
