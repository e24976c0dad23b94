"""Buckets, merging and the choice of resolution, apart from any store."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.reading import Quality
from telemetry.store.contract import Sample
from telemetry.store.rollup import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    Row,
    buckets_in,
    choose_width,
    merge,
    raw_samples,
    roll,
    start_of,
)
from tests.telemetry.store_contract import T0

GOOD, BAD = int(Quality.GOOD), int(Quality.BAD)


def test_a_bucket_begins_at_or_before_its_readings_also_before_1970() -> None:
    assert start_of(T0 + 61_001, MINUTE_MS) == T0 + MINUTE_MS
    assert start_of(-1, MINUTE_MS) == -MINUTE_MS
    assert start_of(0, HOUR_MS) == 0


def test_a_minute_knows_its_extremes_its_mean_and_its_last() -> None:
    rows: list[Row] = [(T0, 2.0, GOOD), (T0 + 1, -1.0, GOOD), (T0 + 2, 5, GOOD), (T0 + 3, 99.0, BAD)]
    assert roll(rows) == [Sample(T0, -1.0, 5.0, 2.0, 5, 3)]


def test_text_among_numbers_counts_but_does_not_weigh() -> None:
    rows: list[Row] = [(T0, 2.0, GOOD), (T0 + 1, "offline", GOOD)]
    assert roll(rows) == [Sample(T0, 2.0, 2.0, 2.0, "offline", 2)]
    assert raw_samples(rows)[1] == Sample(T0 + 1, None, None, None, "offline", 1)


def test_a_reading_without_a_value_is_in_no_bucket() -> None:
    assert roll([(T0, None, GOOD), (T0 + 1, None, BAD)]) == []
    assert raw_samples([(T0, None, GOOD)]) == []


def test_the_mean_of_huge_values_stays_finite() -> None:
    minutes = roll([(T0 + i * 30_000, 1.5e308, GOOD) for i in range(6)])
    assert minutes[0].mean == pytest.approx(1.5e308)
    assert merge(minutes, HOUR_MS)[0].mean == pytest.approx(1.5e308)


def test_merged_means_are_weighted_by_count() -> None:
    parts = [Sample(T0, 1.0, 1.0, 1.0, 1.0, 9), Sample(T0 + MINUTE_MS, 11.0, 11.0, 11.0, 11.0, 1)]
    assert merge(parts, HOUR_MS) == [Sample(T0, 1.0, 11.0, 2.0, 11.0, 10)]


def test_merging_keeps_gaps_and_text() -> None:
    parts = [
        Sample(T0, None, None, None, "open", 2),
        Sample(T0 + MINUTE_MS, None, None, None, "shut", 1),
        Sample(T0 + 2 * HOUR_MS, 1.0, 1.0, 1.0, 1, 1),
    ]
    assert merge(parts, HOUR_MS) == [
        Sample(T0, None, None, None, "shut", 3),
        Sample(T0 + 2 * HOUR_MS, 1.0, 1.0, 1.0, 1, 1),
    ]


def test_a_range_touches_the_buckets_it_has_an_instant_of() -> None:
    assert buckets_in(T0, T0 + HOUR_MS, MINUTE_MS) == 60
    assert buckets_in(T0 + 1, T0 + HOUR_MS + 1, MINUTE_MS) == 61
    assert buckets_in(T0, T0 + 1, MINUTE_MS) == 1
    assert buckets_in(T0, T0, MINUTE_MS) == 0


def test_a_year_is_drawn_in_steps_people_can_read() -> None:
    assert choose_width(T0, T0 + 365 * DAY_MS, 2000, minutes_from_ms=0) == 6 * HOUR_MS
    assert choose_width(T0, T0 + 30 * DAY_MS, 2000, minutes_from_ms=0) == HOUR_MS
    assert choose_width(T0, T0 + DAY_MS, 2000, minutes_from_ms=0) == MINUTE_MS
    assert choose_width(T0, T0 + DAY_MS, 2000, minutes_from_ms=T0 + 1) == HOUR_MS
    assert choose_width(T0, T0 + 365 * DAY_MS, 400, minutes_from_ms=0) == DAY_MS


@given(st.integers(0, 2**42), st.integers(1, 2**42), st.integers(2, 5000))
def test_the_chosen_width_always_fits(start: int, length: int, most: int) -> None:
    width = choose_width(start, start + length, most, minutes_from_ms=0)
    assert buckets_in(start, start + length, width) <= most
    assert width == MINUTE_MS or width % HOUR_MS == 0
