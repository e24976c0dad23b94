"""Baseline of the week and EWMA deviation of one point."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from server.rules.learned import baseline, ewma
from server.rules.learned.specs import Baseline, Ewma
from server.rules.learned.verdict import Floats, Times, TooLittleData

MINUTE = 60_000
MONDAY = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp() * 1000) - 8 * 3_600_000  # midnight in Shanghai
ZONE = "Asia/Shanghai"


def _weeks(weeks: float, seed: int = 1) -> tuple[Times, Floats]:
    """Warm working days, cool nights and Sundays, every five minutes."""
    times = MONDAY + np.arange(int(weeks * 7 * 288), dtype=np.int64) * 5 * MINUTE
    hours = (times - MONDAY) / 3_600_000
    is_work = ((hours % 24 >= 8) & (hours % 24 < 18)) & ((hours // 24) % 7 < 6)
    noise = np.random.default_rng(seed).normal(0, 0.5, len(times))
    return times, 20 + 8 * is_work + noise


def test_it_says_what_mondays_at_nine_normally_show() -> None:
    times, values = _weeks(4)
    watcher = baseline.Watcher(
        baseline.train(times, values, ZONE), Baseline(type="baseline", point="t"), unit="degC"
    )
    at_ms = MONDAY + 5 * 7 * 86_400_000 + 9 * 3_600_000
    verdict = watcher.update(at_ms, 31.4)
    assert verdict.is_abnormal
    assert verdict.explanation["en"].endswith("degC above what Mondays at 09:00 normally show")
    assert verdict.explanation["zh"].startswith("比周一 09:00 的正常值高 3.")
    assert watcher.update(at_ms + 1, math.nan).is_abnormal  # a missing sample clears nothing
    assert not watcher.update(at_ms + MINUTE, 28.1).is_abnormal


def test_warm_is_normal_on_workdays_and_not_on_sundays() -> None:
    times, values = _weeks(3)
    watcher = baseline.Watcher(baseline.train(times, values, ZONE), Baseline(type="baseline", point="t"))
    later = MONDAY + 4 * 7 * 86_400_000
    assert not watcher.update(later + 10 * 3_600_000, 28.0).is_abnormal
    assert watcher.update(later + 6 * 86_400_000 + 10 * 3_600_000, 28.0).is_abnormal


def test_a_faulty_day_in_the_training_period_moves_little() -> None:
    times, values = _weeks(4)
    faulty = values.copy()
    faulty[288 * 8 : 288 * 9] += 40
    clean, dirty = baseline.train(times, values, ZONE), baseline.train(times, faulty, ZONE)
    assert np.abs(np.array(clean.usual) - np.array(dirty.usual)).max() < 1.5
    assert np.max(np.array(dirty.deviation) / np.array(clean.deviation)) < 3


def test_a_fresh_normal_week_raises_next_to_nothing() -> None:
    times, values = _weeks(4)
    model = baseline.train(times, values, ZONE)
    again, more = _weeks(4, seed=9)
    found = baseline.Watcher(model, Baseline(type="baseline", point="t")).feed(again, more)
    assert found.is_abnormal.mean() < 0.01


def test_summer_time_shifts_the_hour_of_the_week() -> None:
    winter = int(datetime(2026, 3, 2, 8, tzinfo=UTC).timestamp() * 1000)
    summer = int(datetime(2026, 6, 1, 7, tzinfo=UTC).timestamp() * 1000)
    hours = baseline.LocalHours("Europe/Berlin").local_hour(np.array([winter, summer])) % 168
    assert hours.tolist() == [9, 9]


def test_a_baseline_refuses_three_days() -> None:
    times, values = _weeks(3 / 7)
    with pytest.raises(TooLittleData, match="3 days are too few") as refused:
        baseline.train(times, values, ZONE)
    assert "至少需要 7 天" in refused.value.label["zh"]


def _steady(count: int, seed: int = 2) -> tuple[Times, Floats]:
    return np.arange(count, dtype=np.int64) * 10_000 + MONDAY, np.random.default_rng(seed).normal(
        50, 2, count
    )


SPEC = Ewma(type="ewma", point="p")


def test_an_ewma_finds_a_small_lasting_shift_and_its_end() -> None:
    times, values = _steady(3000)
    values[1500:2000] += 5
    model = ewma.train(times[:1000], values[:1000], SPEC)
    found = ewma.Watcher(model, SPEC).feed(times[1000:], values[1000:])
    assert found.is_abnormal[:500].mean() < 0.01
    assert found.is_abnormal[530:1000].mean() > 0.95
    assert found.is_abnormal[1030:].mean() < 0.01


def test_an_ewma_does_not_learn_a_fault_and_ignores_one_spike() -> None:
    times, values = _steady(9000)
    values[500] = 1e6
    values[3000:] += 12
    model = ewma.train(times[:1000], values[:1000], SPEC)
    watcher = ewma.Watcher(model, SPEC)
    found = watcher.feed(times[1000:], values[1000:])
    assert found.is_abnormal[-1]
    assert abs(model.usual - 50) < 0.5
    kept = ewma.Watcher(model, SPEC)
    kept.recall(watcher.memory())
    assert kept.update(int(times[-1]) + 10_000, 62.0) == watcher.update(int(times[-1]) + 10_000, 62.0)


def test_one_side_only() -> None:
    times, values = _steady(2000)
    values[1500:] -= 20
    spec = Ewma(type="ewma", point="p", side="above")
    model = ewma.train(times[:1000], values[:1000], spec)
    assert not ewma.Watcher(model, spec).feed(times[1000:], values[1000:]).is_abnormal.any()


def test_an_ewma_refuses_what_never_changed() -> None:
    times, values = _steady(100)
    with pytest.raises(TooLittleData, match="did not change"):
        ewma.train(times, values * 0 + 3, SPEC)
    with pytest.raises(TooLittleData, match="at least 60"):
        ewma.train(times[:20], values[:20], SPEC)
