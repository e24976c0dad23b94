from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from telemetry.store.contract import ReadingStore, Retention
from telemetry.store.sqlite import SqliteStore
from tests.telemetry.series_contract import SeriesContract
from tests.telemetry.store_contract import OpenStore, StoreContract


@pytest.fixture
def open_it(tmp_path: Path) -> Iterator[OpenStore]:
    opened: list[SqliteStore] = []

    def open_store(retention: Retention = Retention(), *, read_only: bool = False) -> ReadingStore:
        store = SqliteStore(tmp_path / "readings.db", retention=retention, read_only=read_only)
        opened.append(store)
        return store

    yield open_store
    for store in opened:
        store.close()


class TestSqliteStore(StoreContract):
    pass


class TestSqliteSeries(SeriesContract):
    pass
