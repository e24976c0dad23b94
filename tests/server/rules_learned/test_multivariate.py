"""The multivariate deviation on rigs that never existed."""

from __future__ import annotations

import numpy as np
import pytest

from server.rules.learned.multivariate import Watcher
from server.rules.learned.multivariate_training import Model, decode, encode, train
from server.rules.learned.verdict import Bools, TooLittleData, UnknownModel
from tests.server.rules_learned.rigs import FAMILIES, ROWS, SENSORS, TRAIN, Rig, normal_values, rig

POINTS = [f"sensor_{number}" for number in range(SENSORS)]
TIMES = np.arange(ROWS, dtype=np.int64) * 1000 + 1_760_000_000_000


def _trained(run: Rig) -> Model:
    return train(POINTS, TIMES[:TRAIN], run.values[:TRAIN], 16)


def _judged(run: Rig) -> tuple[Bools, Bools]:
    """Whether abnormal, and whether it is a fault, of the rows after training."""
    found = Watcher(_trained(run)).feed(TIMES[TRAIN:], run.values[TRAIN:])
    return found.is_abnormal, run.is_fault[TRAIN:]


def _rates(families: list[str], contaminated: float) -> tuple[float, float]:
    """Part of fault rows found, and part of normal rows that were called abnormal."""
    judged = [
        _judged(rig(family, seed, contaminated=contaminated)) for family in families for seed in range(6)
    ]
    abnormal, fault = (np.concatenate(part) for part in zip(*judged, strict=True))
    return float(abnormal[fault].mean()), float(abnormal[~fault].mean())


@pytest.mark.parametrize("contaminated", [0.0, 0.1])
def test_it_finds_most_fault_rows_and_raises_few_false_ones(contaminated: float) -> None:
    found, false = _rates([name for name in FAMILIES if name != "uncoupled"], contaminated)
    assert found > 0.75
    assert false < 0.10  # the rig recovers within a minute: these rows count as false here


def test_it_names_the_point_that_drives_it() -> None:
    run = rig("step", 3)
    run.values[TRAIN:] = (
        np.random.default_rng(1).permutation(run.values[:TRAIN])[: ROWS - TRAIN].repeat(2, 0)[: ROWS - TRAIN]
    )
    run.values[TRAIN + 100 :, 2] += 6 * run.values[:TRAIN, 2].std()
    watcher = Watcher(_trained(run))
    watcher.feed(TIMES[TRAIN:], run.values[TRAIN:])
    verdict = watcher.update(int(TIMES[-1]), list(run.values[-1]))
    assert verdict.is_abnormal
    assert verdict.drivers[0].point == "sensor_2"
    assert "sensor_2" in verdict.explanation["en"]
    assert "above its normal" in verdict.explanation["en"]
    assert "高" in verdict.explanation["zh"]


def test_it_judges_a_row_the_same_alone_and_in_a_batch_and_over_a_restart() -> None:
    run = rig("mixed", 1)
    model = _trained(run)
    whole = Watcher(model).feed(TIMES[TRAIN:], run.values[TRAIN:])
    watcher, alone = Watcher(model), []
    for row in range(TRAIN, ROWS):
        verdict = watcher.update(int(TIMES[row]), list(run.values[row]))
        alone.append((verdict.score, verdict.is_abnormal))
        if row % 97 == 0:
            kept = watcher.memory()
            watcher = Watcher(decode(encode(model)))
            watcher.recall(kept)
    assert [is_abnormal for _, is_abnormal in alone] == whole.is_abnormal.tolist()
    assert np.allclose([score for score, _ in alone], whole.score, atol=2e-6, equal_nan=True)


def test_it_never_looks_ahead() -> None:
    run = rig("drift", 2)
    model = _trained(run)
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
    with pytest.raises(TooLittleData, match="at least 124 are needed"):
        train(POINTS, TIMES[:90], values[:90], 16)
    values[:, 3] = np.nan
    with pytest.raises(TooLittleData, match="sensor_3 has only 0 values"):
        train(POINTS, TIMES[:TRAIN], values[:TRAIN], 16)


def test_a_model_of_another_version_is_refused() -> None:
    with pytest.raises(UnknownModel):
        decode(b"\x81\xa1v\x09")
