"""The InfluxDB adapter against the contract, on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from telemetry.store.contract import ReadingStore, Retention
from telemetry.store.influx import InfluxStore
from tests.support.influx import Influx
from tests.telemetry.series_contract import SeriesContract
from tests.telemetry.store_contract import KEEP, OpenStore, StoreContract

_numbers = count()


@pytest.fixture
def url(influx: Influx) -> Iterator[str]:
    """An empty store. Its tiers keep everything, because the contract's readings are older than any
    retention; what the adapter does about that is what the contract looks at."""
    name = f"plantroom_{next(_numbers)}"
    influx.query(f"CREATE DATABASE {name}")
    for tier in ("raw", "minute", "hour"):
        influx.query(
            f"CREATE RETENTION POLICY {tier} ON {name} DURATION INF REPLICATION 1 SHARD DURATION 52w"
        )
    yield influx.url(name)
    influx.query(f"DROP DATABASE {name}")


@pytest.fixture
def open_it(url: str) -> Iterator[OpenStore]:
    opened: list[InfluxStore] = []

    def open_influx(retention: Retention = KEEP, *, read_only: bool = False) -> ReadingStore:
        store = InfluxStore(url, retention=retention, read_only=read_only)
        opened.append(store)
        return store

    yield open_influx
    for store in opened:
        store.close()


class TestInfluxStore(StoreContract):
    pass


class TestInfluxSeries(SeriesContract):
    pass
