"""The engine with a learned leaf, reading by reading, raises what the back-test says it would."""

from __future__ import annotations

import msgspec
import numpy as np

from server.rules.backtest import learned_of, replay, train_all
from server.rules.binding import Around, bind, parse_rule
from server.rules.evaluate import Engine
from server.rules.past import History, PointInfo
from server.rules.plan import Plan, WatchedPoint
from server.rules.snapshot import decode, encode
from telemetry.reading import Reading
from tests.server.rules_learned.rigs import ROWS, SENSORS, TRAIN, rig

KEYS = [f"sensor_{number}" for number in range(SENSORS)]


def test_live_over_restarts_is_the_back_test() -> None:
    run = rig("mixed", 2)
    end = TRAIN + 450  # the fault begins within 250 rows
    times = np.arange(ROWS, dtype=np.int64) * 1000 + 1_760_000_000_000
    numbers = {key: run.values[:, index] for index, key in enumerate(KEYS)}
    points = {key: PointInfo(key, interval_s=1.0) for key in KEYS}
    rule = parse_rule({"type": "multivariate", "points": KEYS}, on_delay_s=3, off_delay_s=2)
    models = train_all(rule, History(times, numbers, {}, points).period().part(np.arange(ROWS) < TRAIN))
    later = History(times[TRAIN:end], {key: v[TRAIN:end] for key, v in numbers.items()}, {}, points)
    expected = [(a.start_ms, a.end_ms) for a in replay(rule, later, models=models).alarms]

    ids = {key: number for number, key in enumerate(KEYS, 1)}
    plan = Plan(
        [WatchedPoint(ids[key], 1, key, "analog", 1.0) for key in KEYS],
        [bind(1, 1, rule, Around(ids), learned=models)],
    )
    engine, found = Engine(), []
    engine.load(plan, int(times[TRAIN]))
    for row in range(TRAIN, end):
        at_ms = int(times[row])
        found += engine.advance(at_ms - 1)
        found += engine.feed([Reading(ids[key], at_ms, float(numbers[key][row])) for key in KEYS])
        if row % 101 == 0:
            kept = decode(encode(engine.snapshot()))
            engine = Engine()
            engine.load(plan, at_ms)
            engine.restore(kept, at_ms)
    raised = [change.at_ms for change in found if change.kind == "raised"]
    returned = [change.at_ms for change in found if change.kind == "returned"]
    assert expected
    assert raised == [start for start, _ in expected]
    assert returned == [end for _, end in expected if end is not None]


def test_a_model_of_an_earlier_version_stops_no_other_rule() -> None:
    ids = {"sensor_0": 1, "sensor_1": 2}
    learned = parse_rule({"type": "multivariate", "points": list(ids)})
    old = {next(iter(learned_of(learned))): msgspec.msgpack.encode({"kind": "multivariate", "v": 2})}
    limit = parse_rule({"type": "limit", "point": "sensor_0", "high": 5})
    engine = Engine()
    plan = Plan(
        [WatchedPoint(number, 1, key, "analog", 1.0) for key, number in ids.items()],
        [bind(1, 1, learned, Around(ids), learned=old), bind(2, 1, limit, Around(ids))],
    )
    engine.load(plan, 0)
    found = engine.feed([Reading(1, 1000, 9.0), Reading(2, 1000, 1.0)])
    assert [change.rule for change in found if change.kind == "raised"] == [2]
