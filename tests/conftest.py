"""Fixtures for all tests; each lives in tests/support, in a file named after what it starts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = [
    "tests.support.chromium",
    "tests.support.databases",
    "tests.support.influx",
    "tests.support.mosquitto",
    "tests.support.phone",
]

WAITS_MOST = ("faults", "e2e", "incidents", "rules", "gateway_decoders")
"""Folders whose tests mostly wait for real processes: begun first, so that none of them runs alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The order of files; within a file, tests stay as they are written."""
    items.sort(key=lambda item: item.path.parent.name not in WAITS_MOST)


class ByFile(LoadScopeScheduling):
    """A file's tests run on one worker, one after the other; so do all files that share the demo building."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "the demo building" if uses_demo_building(self.config.rootpath / file) else file


@cache
def uses_demo_building(file: Path) -> bool:
    """Whether tests of this file ask for ``running_plantroom``."""
    return "running_plantroom" in file.read_text()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Asked by xdist, whatever ``--dist`` says."""
    return ByFile(config, log)
