"""Every query of the shipped Grafana board, on a real InfluxDB that the store has written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from telemetry.reading import Reading
from telemetry.store import set_up_store
from telemetry.store.contract import Retention
from telemetry.store.influx import InfluxStore
from telemetry.store.influx_journal import wall_ms
from tests.support.influx import Influx

BOARD = Path(__file__).parents[2] / "dashboards/grafana/boards/asset.json"
VARIABLES = {
    "$asset": "pump-a",
    "$point": "(flow|speed)",
    "$timeFilter": "time > now() - 6h",
    "$__interval": "1h",
}


def queries() -> Iterator[str]:
    board = json.loads(BOARD.read_text())
    asked = [each["query"] for each in board["templating"]["list"]]
    asked += [target["query"] for panel in board["panels"] for target in panel["targets"]]
    for query in asked:
        for name, value in VARIABLES.items():
            query = query.replace(name, value)  # noqa: PLW2901 - one variable after the other
        yield query


def test_every_query_of_the_board_finds_something(influx: Influx) -> None:
    keep, url = Retention(), influx.url("board")
    set_up_store(url, retention=keep)
    store = InfluxStore(
        url,
        retention=keep,
        describe={1: ("pump-a", "flow"), 2: ("pump-a", "speed"), 3: ("pump-b", "flow")}.get,
    )
    start = wall_ms() - 2 * 3_600_000
    store.write([Reading(point, start + i * 1000, 7.0) for i in range(10) for point in (1, 2, 3)])
    store.maintain(wall_ms() + 3_600_000)
    store.close()
    asked = list(queries())
    assert len(asked) == 7
    for query in asked:
        assert influx.query(query, database="board"), query
