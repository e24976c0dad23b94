"""Any order, duplication and interleaving with passes of maintenance, cut off anywhere, on a real InfluxDB."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from telemetry.reading import Reading
from telemetry.store.contract import Resolution
from telemetry.store.influx import InfluxStore
from telemetry.store.influx_client import InfluxClient
from tests.support.influx import Influx
from tests.telemetry.store_contract import HOUR, KEEP, T0
from tests.telemetry.test_store_model import compare, readings

_numbers = count()
_passes = st.tuples(st.integers(0, 5).map(lambda i: T0 + i * HOUR), st.integers(0, 12))
"""A pass of maintenance at a moment, cut off before so many of its requests that write."""
_steps = st.lists(st.one_of(st.lists(readings, max_size=30), _passes), max_size=8)


class _PowerCut(Exception):
    pass


@settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(steps=_steps, again=st.booleans())
def test_influxdb_answers_as_the_model(
    influx: Influx, steps: list[list[Reading] | tuple[int, int]], again: bool
) -> None:
    name = f"model_{next(_numbers)}"
    influx.query(f"CREATE DATABASE {name}")
    for tier in ("raw", "minute", "hour"):
        influx.query(f"CREATE RETENTION POLICY {tier} ON {name} DURATION INF REPLICATION 1")
    store = InfluxStore(influx.url(name), retention=KEEP)
    model: dict[tuple[int, int], Reading] = {}
    for step in steps:
        if isinstance(step, tuple):
            _maintain_cut_off(store, *step)
        else:
            for _ in range(1 + again):
                store.write(step)
            model.update(((reading.at_ms, reading.point), reading) for reading in step)
        compare(store, model)
    successor = InfluxStore(influx.url(name), retention=KEEP)
    successor.maintain(T0 + 5 * HOUR)
    compare(store, model)
    store.close()
    successor.close()
    influx.query(f"DROP DATABASE {name}")


def _maintain_cut_off(store: InfluxStore, now_ms: int, after: int) -> None:
    left = iter(range(after))
    write = InfluxClient.write

    def until_cut(client: InfluxClient, tier: Resolution, lines: Sequence[str]) -> None:
        if next(left, None) is None:
            raise _PowerCut
        write(client, tier, lines)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(InfluxClient, "write", until_cut)
        with suppress(_PowerCut):
            store.maintain(now_ms)
