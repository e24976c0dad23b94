"""Fixtures for all tests; each lives in tests/support, in a file named after what it starts."""

from __future__ import annotations

pytest_plugins = [
    "tests.support.chromium",
    "tests.support.databases",
    "tests.support.influx",
    "tests.support.mosquitto",
    "tests.support.phone",
    "tests.support.plantroom",
]
