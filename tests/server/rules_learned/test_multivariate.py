"""The multivariate deviation on rigs that never existed."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from server.rules.learned.multivariate import Watcher
from server.rules.learned.multivariate_training import decode, encode, train
from server.rules.learned.verdict import TooLittleData, UnknownModel
from tests.server.rules_learned.plants import plant_run, pump_loop
from tests.server.rules_learned.rigs import FAMILIES, ROWS, TRAIN, normal_values, rig
from tests.server.rules_learned.scoring import names, score, times, trained

POINTS = names(rig("step", 0))
TIMES = times(rig("step", 0))


def test_it_finds_most_fault_rows_and_raises_few_false_ones() -> None:
    families = [name for name in FAMILIES if name != "uncoupled"]
    found = score(
        rig(family, seed, contaminated=0.1 * (seed % 2)) for family in families for seed in range(4)
    )
    assert found.fault_rows > 0.7
    assert found.false_rows < 0.08  # the rig recovers within a minute: these rows count as false here


def test_it_finds_slow_swings_within_the_usual_range() -> None:
    found = score(rig("uncoupled", seed) for seed in (2, 3))
    assert found.fault_rows > 0.5
    assert found.false_rows < 0.1


def test_it_names_what_swings_against_the_others() -> None:
    run = rig("uncoupled", 2)
    turned = TRAIN + 268
    watcher = Watcher(trained(run))
    assert not watcher.feed(TIMES[TRAIN:turned], run.values[TRAIN:turned]).is_abnormal.any()
    verdict = watcher.update(int(TIMES[turned]), list(run.values[turned]))
    assert run.is_fault[turned]
    assert verdict.is_abnormal
    assert {driver.point: driver.kind for driver in verdict.drivers} == {
        "sensor_3": "swing",
        "sensor_5": "swing",
    }
    assert "sensor_3 swings against the others" in verdict.explanation["en"]
    assert "sensor_3 相对其他测点来回摆动" in verdict.explanation["zh"]


def test_swings_that_end_after_the_training_raise_nothing() -> None:
    values = np.random.default_rng(4).normal(0, 1, (ROWS, 4))
    values[:TRAIN, 1] += np.sin(np.arange(TRAIN) / 12)
    found = Watcher(train(list("abcd"), TIMES[:TRAIN], values[:TRAIN], 16)).feed(
        TIMES[TRAIN:], values[TRAIN:]
    )
    assert not found.is_abnormal.any()


def test_it_finds_what_physics_does_to_a_plant_as_well() -> None:
    found = score(plant_run(pump_loop, fault, 1) for fault in ("valve closing", "cavitation", "imbalance"))
    assert found.missed_runs == 0
    assert found.before < 0.05


def test_a_point_that_leaves_the_others_is_named_although_its_own_level_is_usual() -> None:
    random = np.random.default_rng(2)
    shared = np.cumsum(random.normal(0, 0.3, ROWS))
    shared -= np.linspace(shared[0], shared[-1], ROWS)
    values = shared[:, None] * [1.0, 2.0, 0.5, 1.5] + random.normal(0, 0.2, (ROWS, 4))
    values[TRAIN + 200 :, 1] -= 4.0
    watcher = Watcher(train(list("abcd"), TIMES[:TRAIN], values[:TRAIN], 16))
    found = watcher.feed(TIMES[TRAIN:], values[TRAIN:])
    assert not found.is_abnormal[:200].any()
    assert found.is_abnormal[220:].mean() > 0.95
    assert watcher.drivers()[0].point == "b"


def test_two_points_that_are_the_same_sensor_raise_nothing() -> None:
    values = normal_values(np.random.default_rng(8))
    values[:, 1] = values[:, 0] * 1.8 + 32
    found = Watcher(train(POINTS, TIMES[:TRAIN], values[:TRAIN], 16)).feed(TIMES[TRAIN:], values[TRAIN:])
    assert found.is_abnormal.mean() < 0.1


def test_it_names_the_point_that_drives_it() -> None:
    run = rig("step", 3)
    run.values[TRAIN:] = (
        np.random.default_rng(1).permutation(run.values[:TRAIN])[: ROWS - TRAIN].repeat(2, 0)[: ROWS - TRAIN]
    )
    run.values[TRAIN + 100 :, 2] += 6 * run.values[:TRAIN, 2].std()
    watcher = Watcher(trained(run))
    watcher.feed(TIMES[TRAIN:], run.values[TRAIN:])
    verdict = watcher.update(int(TIMES[-1]), list(run.values[-1]))
    assert verdict.is_abnormal
    assert verdict.drivers[0].point == "sensor_2"
    assert "sensor_2" in verdict.explanation["en"]
    assert "above its normal" in verdict.explanation["en"]
    assert "高" in verdict.explanation["zh"]


@pytest.mark.parametrize(("family", "seed"), [("mixed", 1), ("uncoupled", 2)])
def test_it_judges_a_row_the_same_alone_and_in_a_batch_and_over_a_restart(family: str, seed: int) -> None:
    run = rig(family, seed)
    model = trained(run)
    end = TRAIN + 400  # the fault begins within 250 rows
    whole = Watcher(model).feed(TIMES[TRAIN:end], run.values[TRAIN:end])
    watcher, alone = Watcher(model), []
    for row in range(TRAIN, end):
        verdict = watcher.update(int(TIMES[row]), list(run.values[row]))
        alone.append((verdict.score, verdict.is_abnormal))
        if row % 97 == 0:
            kept = watcher.memory()
            watcher = Watcher(decode(encode(model)))
            watcher.recall(kept)
    assert whole.is_abnormal.any()
    assert [is_abnormal for _, is_abnormal in alone] == whole.is_abnormal.tolist()
    assert np.allclose([score for score, _ in alone], whole.score, atol=2e-6, equal_nan=True)


def test_it_never_looks_ahead() -> None:
    run = rig("drift", 2)
    model = trained(run)
    whole = Watcher(model).feed(TIMES[TRAIN:], run.values[TRAIN:])
    part = Watcher(model).feed(TIMES[TRAIN : TRAIN + 300], run.values[TRAIN : TRAIN + 300])
    assert np.array_equal(whole.is_abnormal[:300], part.is_abnormal)


def test_missing_cells_and_gaps_raise_nothing() -> None:
    random = np.random.default_rng(5)
    values = normal_values(random)
    values[random.random(values.shape) < 0.1] = np.nan
    values[700:740] = np.nan
    values[800:, 1] = np.nan
    times = TIMES.copy()
    times[600:] += 3_600_000
    model = train(POINTS, times[:TRAIN], values[:TRAIN], 16)
    found = Watcher(model).feed(times[TRAIN:], values[TRAIN:])
    assert found.is_abnormal.mean() < 0.05
    assert np.isnan(found.score[320:335]).all()


def test_a_constant_point_is_left_out_and_said() -> None:
    values = normal_values(np.random.default_rng(6))
    values[:, 0] = 7.5
    model = train(POINTS, TIMES[:TRAIN], values[:TRAIN], 16)
    assert model.constant == ["sensor_0"]
    assert "sensor_0" not in model.points


def test_it_refuses_to_learn_from_too_little_and_says_what_is_needed() -> None:
    values = normal_values(np.random.default_rng(7))
    with pytest.raises(TooLittleData, match="at least 164 are needed"):
        train(POINTS, TIMES[:90], values[:90], 16)
    values[:, 3] = np.nan
    with pytest.raises(TooLittleData, match="sensor_3 has only 0 values"):
        train(POINTS, TIMES[:TRAIN], values[:TRAIN], 16)


def test_a_model_of_another_version_is_refused() -> None:
    with pytest.raises(UnknownModel):
        decode(b"\x81\xa1v\x09")
    with pytest.raises(UnknownModel, match="version 2"):
        decode(msgspec.msgpack.encode({"kind": "multivariate", "v": 2, "points": []}))


def test_a_memory_of_another_version_is_refused() -> None:
    watcher = Watcher(trained(rig("step", 0)))
    with pytest.raises(UnknownModel):
        watcher.recall(msgspec.msgpack.encode({"tail": b"", "above": 0, "below": 0, "v": 2}))
